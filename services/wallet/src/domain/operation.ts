import type { Unit } from "./amount.ts";
import type { Draft } from "./draft.ts";
import type { Identity } from "./identity.ts";
import type { Outcome } from "./refusal.ts";

/** What has to be locked and loaded before an operation can be decided. */
export interface Needs {
  /** Every account and balance that the operation touches belongs to this organisation, whose lock guards them. */
  readonly organisationId: string;
  /** Set where the operation may open the organisation itself: its time zone, an IANA name. */
  readonly opensInTimeZone?: string;
  /** Where an earlier answer would stand. */
  readonly identity?: Identity;
  readonly accountIds: readonly string[];
  readonly leaseId?: string;
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
