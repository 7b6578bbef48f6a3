import type { Logger } from "@alfred/telemetry";
import type { JournalEntry } from "../leases/journal-entry.ts";
import type { JournalError } from "./journal-error.ts";

/** Names an append to whoever asked for it; the journal only hands it back. */
export type JournalToken = number;

export interface JournalOptions {
  /** Made where it is missing; held by this process alone until the journal is disposed or the process ends. */
  readonly folder: string;
  /**
   * `background`: an append is confirmed once the system has it, and reaches the disk within 50 ms or so.
   * `always`: it is confirmed once it is on the disk.
   */
  readonly sync: "background" | "always";
  /** The append is safe from the death of this process (`always`: of the machine). In the order of the appends. */
  readonly onAppended: (token: JournalToken) => void;
  /** The append is on the disk; comes once for each append, after its `onAppended`, in order. */
  readonly onSynced: (token: JournalToken) => void;
  /** The disk failed, once; no append is confirmed from then on. The message says what to do. */
  readonly onFailed: (error: JournalError) => void;
  readonly log: Logger;
}

/** What the folder held when it was opened. */
export interface RecoveredJournal {
  /** In the order they were appended; of a corrupt journal those that could be read. */
  readonly entries: readonly JournalEntry[];
  /** Something confirmed may be missing. A half-written end is not corrupt: nothing in it was confirmed. */
  readonly isCorrupt: boolean;
  /** An earlier process marked it lost, or found it corrupt, and nobody has called `clearLost` since. */
  readonly isMarkedLost: boolean;
  /** Nothing was ever appended. */
  readonly isEmpty: boolean;
}

/** The gateway's memory on disk: an append-only log of entries that a snapshot shortens now and then. */
export interface Journal extends AsyncDisposable {
  readonly recovered: RecoveredJournal;
  /** Size of what recovery would have to read, in bytes. */
  readonly bytes: number;
  /**
   * Appends entries, all or none of which a recovery finds. Those of one turn of the event loop are one write. `sync`
   * puts them on the disk at once instead of within 50 ms. Never throws for the disk's sake: a failed journal confirms nothing.
   */
  append(token: JournalToken, entries: readonly JournalEntry[], options?: { readonly sync?: boolean }): void;
  /**
   * Puts `entries` in the place of all that was appended before this call; what is appended meanwhile comes after them.
   * Resolves to whether it did: a rotation that fails changes nothing, is logged, and is refused for the next 10 s, and
   * so is a second one while one runs. The caller leaves `entries` as they are until then.
   */
  compact(entries: readonly JournalEntry[]): Promise<boolean>;
  /** Says on the disk that the journal cannot be trusted; rejects with a `JournalError` if even that fails. */
  markLost(): Promise<void>;
  /** Takes the mark away, once the wallet has acknowledged a Hello that said so. */
  clearLost(): Promise<void>;
}
