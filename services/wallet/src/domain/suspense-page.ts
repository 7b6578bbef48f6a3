import type { Lease } from "./lease.ts";

/** Where a page of leases in suspense ended. */
export interface SuspenseCursor {
  readonly createTimeMs: number;
  readonly leaseId: string;
}

/** Which leases in suspense are asked for, the oldest first. */
export interface SuspenseQuery {
  /** Undefined for all organisations. */
  readonly organisationId: string | undefined;
  readonly size: number;
  /** Those after this one only. */
  readonly after: SuspenseCursor | undefined;
}

export interface SuspensePage {
  readonly leases: readonly Lease[];
  /** Where the next page begins; undefined where no more follow. */
  readonly next: SuspenseCursor | undefined;
}

/** Where leases in suspense are looked at, without a lock. */
export interface SuspendedLeases {
  list(query: SuspenseQuery): Promise<SuspensePage>;
}
