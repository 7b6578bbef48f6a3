import type { Amount } from "./amount.ts";

/** What all organisations hold together, and how many leases it takes. */
export interface LeaseTotals {
  readonly held: readonly Amount[];
  readonly suspense: readonly Amount[];
  readonly overrun: readonly Amount[];
  /** Leases and reservations. */
  readonly open: number;
  readonly inSuspense: number;
  /** Since the oldest open lease of a gateway was granted; 0 where none is open. */
  readonly oldestOpenMs: number;
}
