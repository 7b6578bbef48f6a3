import type { Amount } from "./amount.ts";
import type { WindowStarts } from "./window.ts";

/** The life of a lease: expiry leads to suspense, only a settlement closes. */
type LeaseState = "open" | "suspense" | "closed";

/** A right to spend. A reservation is a lease for one record. */
export interface Lease {
  readonly id: string;
  readonly organisationId: string;
  /** The account charged: the first of the path. */
  readonly accountId: string;
  /** Leaf to root, as it was when granted. */
  readonly path: readonly string[];
  readonly requestId: string;
  readonly state: LeaseState;
  /** What was held when granted. */
  readonly credit: readonly Amount[];
  /** What was charged; empty until settled. */
  readonly settled: readonly Amount[];
  /** Of `settled`, what was given back since. */
  readonly refunded: readonly Amount[];
  /** The windows that it was granted in, which it settles into. */
  readonly windowStarts: WindowStarts;
  readonly createTimeMs: number;
  readonly expireTimeMs: number;
}
