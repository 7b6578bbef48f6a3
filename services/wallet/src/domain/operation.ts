import type { Unit } from "./amount.ts";
import type { Draft } from "./draft.ts";
import type { Identity } from "./identity.ts";
import type { Outcome } from "./refusal.ts";

/**
 * What has to be locked and loaded before an operation can be decided. Gateways are locked before organisations, each
 * in the order of their ids. For all of `accountIds` and the path of the lease, balances are loaded in the windows of
 * now, of the lease's grant and of `grantTimeMs`, for `units` and those of the lease.
 */
export interface Needs {
  /**
   * Every account, balance and lease that the operation touches belongs to this organisation, whose lock guards them.
   * Empty for one that touches only what `leasesOfGateway` names.
   */
  readonly organisationId: string;
  /** Set where the operation may open the organisation itself: its time zone, an IANA name. */
  readonly opensInTimeZone?: string;
  /** Where an earlier answer would stand. */
  readonly identity?: Identity;
  /** Whether money may be granted: then the books are asked whether they are still where they were. */
  readonly grants?: true;
  readonly accountIds: readonly string[];
  readonly leaseId?: string;
  /** The moment whose windows are charged where the lease is not known. */
  readonly grantTimeMs?: number;
  /** The gateway whose row is read, and how it is locked meanwhile. */
  readonly gatewayId?: string;
  readonly gatewayLock?: "share" | "update";
  /**
   * The gateway of which all leases that are not closed are needed, with the balances of their paths, units and
   * windows; their organisations are locked.
   */
  readonly leasesOfGateway?: string;
  /** The units whose balances are read. */
  readonly units: readonly Unit[];
}

/**
 * Something to be done to the books. `decide` is pure: it reads and writes only the draft, takes the moment from
 * outside, and gives the same outcome for the same draft and moment.
 */
export interface Operation<T> {
  readonly needs: Needs;
  decide(draft: Draft, nowMs: number): Outcome<T>;
}
