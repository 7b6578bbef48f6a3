import type { Amount } from "./amount.ts";
import type { BudgetWarning } from "./budget-warning.ts";
import type { Lease } from "./lease.ts";
import type { Origin } from "./event.ts";
import type { PathSpec } from "./open-account.ts";

/** One admission of a gateway: what it may have cost and what it cost. */
export interface LeaseRecord {
  /** From 1, without a gap within a lease. */
  readonly number: number;
  /** The leaf charged. */
  readonly accountId: string;
  readonly worst: readonly Amount[];
  readonly cost: readonly Amount[];
  /** Whether the cost is not known; then it is the worst case. */
  readonly isIndeterminate: boolean;
}

/** What became of the credit of one lease. */
export interface SettleUsage {
  readonly origin: Origin;
  /** The stem of the ids of what it moves. */
  readonly transferId: string;
  readonly gatewayId: string;
  readonly incarnation: bigint;
  readonly leaseId: string;
  /** At least one, all of one organisation. */
  readonly paths: readonly [PathSpec, ...PathSpec[]];
  readonly records: readonly LeaseRecord[];
  /** Set once nothing more is admitted: the most that all records can draw. */
  readonly ceiling: readonly Amount[] | undefined;
  /** Set once every record is known: how many there are. */
  readonly finalCount: number | undefined;
  /** When the lease was granted. */
  readonly grantTimeMs: number;
  /** How long the lease of a live gateway is kept from suspense: its ttl and the grace. */
  readonly keepMs: number;
}

/** Where a lease stands after a settlement, and where its first path does. */
export interface SettleUsageResult {
  readonly lease: Lease;
  readonly remaining: readonly Amount[];
  readonly warnings: readonly BudgetWarning[];
}
