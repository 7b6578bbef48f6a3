import type { Amount } from "./amount.ts";
import { most, valueOf } from "./amount.ts";
import type { Identity } from "./identity.ts";
import { isFromHouse } from "./identity.ts";
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
  /** The scope that it was granted to: see `mayMove`. */
  readonly grantedTo: string;
  readonly state: LeaseState;
  /** What was held when granted. */
  readonly credit: readonly Amount[];
  /** What was charged; empty until settled. */
  readonly settled: readonly Amount[];
  /** Of `settled`, what was given back since. */
  readonly refunded: readonly Amount[];
  /** Of what is charged and not given back, what no hold covered. */
  readonly overrun: readonly Amount[];
  /** The windows that it was granted in, which it settles into. */
  readonly windowStarts: WindowStarts;
  readonly createTimeMs: number;
  readonly expireTimeMs: number;
}

/** Whether a caller may settle and refund a lease: an organisation's keys only what they reserved themselves. */
export function mayMove(identity: Identity, { grantedTo }: Lease): boolean {
  return isFromHouse(identity) || identity.scope === grantedTo;
}

/**
 * The overrun of a closed lease once its charge has changed. It holds nothing any more, so whatever is added overruns,
 * and what is given back comes off the overrun first.
 */
export function overrunAfter({ overrun }: Lease, { unit, value: change }: Amount): bigint {
  return most(valueOf(overrun, unit) + change, 0n);
}
