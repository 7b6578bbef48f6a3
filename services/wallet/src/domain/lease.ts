import type { Amount } from "./amount.ts";
import { least, most, unitsOf, valueOf } from "./amount.ts";
import type { Identity } from "./identity.ts";
import { isFromHouse } from "./identity.ts";
import type { RecordNumbers } from "./record-numbers.ts";
import { NO_RECORDS } from "./record-numbers.ts";
import type { WindowStarts } from "./window.ts";

/** The life of a lease: expiry leads to suspense; settlements, its gateway's next start or an operator close it. */
type LeaseState = "open" | "suspense" | "closed";

/** What was posted for a record that may still change. */
export interface PostedRecord {
  /** The leaf that it was charged to. */
  readonly accountId: string;
  /** Whether its cost is not known for certain, so that an actual one replaces it. */
  readonly isIndeterminate: boolean;
  /** What came from the hold. */
  readonly drawn: readonly Amount[];
  /** What came from an operator's advance. */
  readonly advanced: readonly Amount[];
  /** What no hold and no advance covered. */
  readonly beyond: readonly Amount[];
}

/** A right to spend. A reservation is a lease for one record. */
export interface Lease {
  readonly id: string;
  readonly organisationId: string;
  /** The account that it hangs on, the first of the path; of a reservation the account charged. */
  readonly accountId: string;
  /** From the account that it hangs on to the organisation, as it was when granted: here it is held. */
  readonly path: readonly string[];
  readonly requestId: string;
  /** The scope that it was granted to: see `mayMove`. */
  readonly grantedTo: string;
  readonly isReservation: boolean;
  /** The gateway that spends it; empty for a reservation of no gateway. */
  readonly gatewayId: string;
  /** The start of that gateway that it was granted to; 0 for none. */
  readonly incarnation: bigint;
  readonly state: LeaseState;
  /** Whether the journal of its gateway was lost: then only an operator, or a caller's Settle, releases what is in suspense. */
  readonly isLost: boolean;
  /** Whether it was asked back. */
  readonly isRecalled: boolean;
  /** What was held when granted. */
  readonly credit: readonly Amount[];
  /** The most that its records can draw: the credit, or the lowest ceiling since; empty once closed. */
  readonly cap: readonly Amount[];
  /** What its records drew from the hold. */
  readonly drawn: readonly Amount[];
  /** All that was posted for it, by records and by an operator; what was given back is not deducted. */
  readonly charged: readonly Amount[];
  /** Of `charged`, what was given back since. */
  readonly refunded: readonly Amount[];
  /** Of what is charged and not given back, what no hold covered. */
  readonly overrun: readonly Amount[];
  /** Of what an operator said that it cost, what no record has drawn down yet. */
  readonly advance: readonly Amount[];
  /** The numbers of the records that were posted. */
  readonly seen: RecordNumbers;
  /** By number what was posted for indeterminate records, and for the one of a reservation. */
  readonly records: ReadonlyMap<number, PostedRecord>;
  /** How many records there are, once its gateway said so. */
  readonly finalCount: number | undefined;
  /** The windows that it was granted in, which it settles into. */
  readonly windowStarts: WindowStarts;
  readonly createTimeMs: number;
  readonly expireTimeMs: number;
}

/** What a lease is before anything is known of it but who asked for it. */
export const NEW_LEASE = {
  isReservation: false,
  gatewayId: "",
  incarnation: 0n,
  state: "open",
  isLost: false,
  isRecalled: false,
  credit: [],
  cap: [],
  drawn: [],
  charged: [],
  refunded: [],
  overrun: [],
  advance: [],
  seen: NO_RECORDS,
  records: new Map<number, PostedRecord>(),
  finalCount: undefined,
} as const satisfies Partial<Lease>;

/** What a lease holds, or has in suspense, now; each at least 0. A closed one holds nothing. */
export function heldOf({ state, cap, drawn }: Pick<Lease, "state" | "cap" | "drawn">): Amount[] {
  if (state === "closed") return [];
  return cap.map(({ unit, value }) => ({ unit, value: most(value - valueOf(drawn, unit), 0n) }));
}

/** Where a lease that is not closed holds what it holds. */
export function bucketOf({ state }: Pick<Lease, "state">): "held" | "suspense" {
  return state === "suspense" ? "suspense" : "held";
}

/** The lease with its cap lowered to a ceiling; a unit left out of it has none left to come to. */
export function cappedAt(lease: Lease, ceiling: readonly Amount[]): Lease {
  return { ...lease, cap: lease.cap.map(({ unit, value }) => ({ unit, value: least(value, valueOf(ceiling, unit)) })) };
}

/** The lease closed for good, which holds nothing. */
export function closed(lease: Lease): Lease {
  return { ...lease, state: "closed", cap: [] };
}

/** Whether a caller may settle and refund a lease: an organisation's keys only what they reserved themselves. */
export function mayMove(identity: Identity, { grantedTo }: Lease): boolean {
  return isFromHouse(identity) || identity.scope === grantedTo;
}

/** The units that a lease has to do with. */
export function leaseUnits({ credit, charged, advance }: Lease): Amount["unit"][] {
  return unitsOf(credit, charged, advance);
}
