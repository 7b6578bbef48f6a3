import type { AccountPath, BudgetWarning } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import type { JournalEntry } from "./journal-entry.ts";
import type { Denial, RecordRef, Remaining } from "./lease-input.ts";

/** What the core wants done, to be done in order. */
export type Effect =
  | AppendEffect
  | CompactEffect
  | HelloEffect
  | AcquireEffect
  | SettleEffect
  | AdmittedEffect
  | RefusedEffect
  | TimedOutEffect
  | AcknowledgedEffect
  | ReportEffect
  | HaltedEffect
  | DrainedEffect;

/**
 * Write these entries after all earlier ones; answered by `appended(token)` once the operating system has them and, where
 * `sync` is set, by `synced(token)` once the disk has them and all before. A failure is answered by `diskFailed`.
 */
export interface AppendEffect {
  readonly type: "append";
  readonly token: number;
  readonly entries: readonly JournalEntry[];
  /** Whether the disk must have them at once; otherwise within the background interval. */
  readonly sync: boolean;
}

/**
 * Replace the journal by these entries, atomically and on disk; what is appended later comes after them. Takes with it
 * whatever damage or mark of loss the old one had. Answered by `synced(token)`.
 */
interface CompactEffect {
  readonly type: "compact";
  readonly token: number;
  readonly entries: readonly JournalEntry[];
}

/** Watch the wallet's leases with this message, again and again with the same one, until a later one replaces it. */
export interface HelloEffect {
  readonly type: "hello";
  readonly gatewayId: string;
  readonly startId: string;
  /** The start that this one follows; empty for a gateway never seen. */
  readonly replaces: string;
  readonly isIntact: boolean;
  readonly leaseIds: readonly string[];
}

/** Ask the wallet for credit; answered by `granted`, `denied` or `unanswered`. The same id may be asked repeatedly. */
export interface AcquireEffect {
  readonly type: "acquire";
  readonly acquireId: string;
  readonly gatewayId: string;
  readonly incarnation: bigint;
  readonly path: AccountPath;
  readonly wanted: Charge;
  readonly minimum: Charge;
  /** How long the wallet may wait for others' money. */
  readonly waitMs: number;
}

/** Tell the wallet what became of leases; answered by `settled` or `unsettled`. */
export interface SettleEffect {
  readonly type: "settle";
  readonly batchId: number;
  readonly gatewayId: string;
  readonly incarnation: bigint;
  /** At least one, at most 1,000. */
  readonly settlements: readonly Settlement[];
}

/** What became of one lease. */
export interface Settlement {
  readonly leaseId: string;
  /** One per leaf that the records name; at least one where the lease is of this start. */
  readonly paths: readonly AccountPath[];
  /** At most 1,000. */
  readonly records: readonly SettledRecord[];
  /** What all records together can come to at most; once nothing more is admitted. */
  readonly ceiling?: Charge;
  /** How many records there are; once all of them are known. */
  readonly finalCount?: number;
  readonly grantTimeMs: number;
}

/** What became of one admission. */
export interface SettledRecord {
  readonly number: number;
  /** The leaf charged. */
  readonly accountId: string;
  readonly worst: Charge;
  readonly cost: Charge;
  /** Whether `cost` is the worst case because nobody knows better. */
  readonly isIndeterminate: boolean;
}

/** The request may go to its provider; `finish` must follow. */
export interface AdmittedEffect {
  readonly type: "admitted";
  readonly id: string;
  readonly ref: RecordRef;
  readonly worst: Charge;
  readonly remaining: Remaining;
  readonly warnings: readonly BudgetWarning[];
}

/** The wallet denied the request. */
interface RefusedEffect {
  readonly type: "refused";
  readonly id: string;
  readonly denial: Denial;
}

/** The request got no credit in time, or none can be had; no money moved. */
export interface TimedOutEffect {
  readonly type: "timedOut";
  readonly id: string;
  readonly reason: UnavailableReason;
}

/** Why there is no credit: the deadline, a full queue, or a core that admits nothing any more. */
export type UnavailableReason = "deadline" | "full" | "stopped" | HaltReason;

/** The wallet has a record whose `finish` was awaited. */
export interface AcknowledgedEffect {
  readonly type: "acknowledged";
  readonly ref: RecordRef;
  readonly remaining: Remaining;
  /** Soft limits that are passed now that it is charged. */
  readonly warnings: readonly BudgetWarning[];
}

/** Report the usage of requests that an earlier process left; each is answered by `noted`. */
interface ReportEffect {
  readonly type: "report";
  readonly records: readonly ReportedRecord[];
}

export interface ReportedRecord {
  readonly ref: RecordRef;
  /** The intent's note where `isIndeterminate`, else the actual's. */
  readonly note: Uint8Array;
  readonly isIndeterminate: boolean;
}

/** Nothing more is admitted by this process, for good. It settles what it has; call `stop`, and exit once `drained`. */
interface HaltedEffect {
  readonly type: "halted";
  readonly reason: HaltReason;
}

/** Another start holds the gateway's name, or the journal cannot be written. */
export type HaltReason = "superseded" | "disk";

/** After `stop`: everything is settled and the journal says so. */
interface DrainedEffect {
  readonly type: "drained";
}
