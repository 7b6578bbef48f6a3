import type { AccountPath } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";

/**
 * What the journal holds, in the order in which it was written. Acknowledgements are not among it: what is still there
 * after a restart is settled again, which changes nothing where it was settled before.
 */
export type JournalEntry =
  | GatewayEntry
  | StartEntry
  | BootEntry
  | CleanEntry
  | PathEntry
  | LeaseEntry
  | IntentEntry
  | ActualEntry;

/** The first entry of a new journal: the gateway's name, which lives and dies with the journal. */
export interface GatewayEntry {
  readonly type: "gateway";
  /** "gw_" and a UUID. */
  readonly gatewayId: string;
}

/** A start, on disk before the wallet hears of it. */
export interface StartEntry {
  readonly type: "start";
  readonly startId: string;
  /** Whether every admission of this start is on disk before it counts. */
  readonly isAlwaysSynced: boolean;
}

/** The machine's boot id, on disk after the wallet welcomed the start and before the first admission. */
export interface BootEntry {
  readonly type: "boot";
  /** Empty where the machine does not tell. */
  readonly bootId: string;
}

/** Nothing was admitted after this, and everything before it is on disk. */
export interface CleanEntry {
  readonly type: "clean";
}

/** The accounts of a leaf, written before the first intent that names it. */
interface PathEntry {
  readonly type: "path";
  readonly path: AccountPath;
}

/** A lease, written before its first intent. */
export interface LeaseEntry {
  readonly type: "lease";
  readonly leaseId: string;
  readonly organisationId: string;
  /** When the wallet granted it, by the wallet's clock, in milliseconds since 1970. */
  readonly grantTimeMs: number;
  /** The start that it was granted to. */
  readonly incarnation: bigint;
  /** The number of its next record; above 1 only in a snapshot that leaves out records before. */
  readonly nextNumber: number;
}

/** A request that may cost `worst`, written before its provider is called. */
interface IntentEntry {
  readonly type: "intent";
  readonly leaseId: string;
  /** From 1, without a gap. */
  readonly number: number;
  /** The leaf that is charged. */
  readonly accountId: string;
  readonly worst: Charge;
  /** The usage record to report where no actual comes; may be empty. */
  readonly note: Uint8Array;
}

/** What a request cost. */
interface ActualEntry {
  readonly type: "actual";
  readonly leaseId: string;
  readonly number: number;
  readonly cost: Charge;
  /** The usage record to report; may be empty. */
  readonly note: Uint8Array;
}
