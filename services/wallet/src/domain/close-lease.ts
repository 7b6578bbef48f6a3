import type { Amount } from "./amount.ts";
import type { Origin } from "./event.ts";
import type { Identity } from "./identity.ts";
import type { Lease } from "./lease.ts";

/** An operator's word on a lease whose fate is unknown. */
export interface CloseLease {
  readonly identity: Identity;
  readonly origin: Origin;
  readonly transferId: string;
  /** The lease, and of it the organisation and the gateway, which never change. */
  readonly leaseId: string;
  readonly organisationId: string;
  readonly gatewayId: string;
  /** What it cost beside the records that are posted already. Records that still come draw it down. */
  readonly cost: readonly Amount[];
  readonly reason: string;
  /** Closes it although its gateway was not replaced. */
  readonly isForced: boolean;
}

export interface CloseLeaseResult {
  readonly lease: Lease;
  readonly replayed: boolean;
}
