import type { Logger } from "@alfred/telemetry";
import type { JournalEntry } from "../leases/journal-entry.ts";
import type { JournalError } from "./journal-error.ts";

/** Names an append to whoever asked for it; the journal only hands it back. */
export type JournalToken = number;

export interface JournalOptions {
  /** Made where it is missing; held by this process alone until the journal is disposed or the process ends. */
  readonly folder: string;
  /**
   * `background`: an append is confirmed once the system has it, and is on its way to the disk within 50 ms.
   * `always`: it is confirmed once it is on the disk.
   */
  readonly sync: "background" | "always";
  /** The append is safe from the death of this process (`always`: of the machine). In the order of the appends. */
  readonly onAppended: (token: JournalToken) => void;
  /** The append is on the disk; comes once for each, after its `onAppended`, in order. For `compact`: it is done. */
  readonly onSynced: (token: JournalToken) => void;
  /** The disk failed; comes once, and nothing is confirmed from then on. The message says what to do. */
  readonly onFailed: (error: JournalError) => void;
  readonly log: Logger;
}

/** What the folder held when it was opened. */
export interface RecoveredJournal {
  /** In the order they were appended; of a corrupt journal those that could be read. */
  readonly entries: readonly JournalEntry[];
  /** Something confirmed may be missing. A half-written end is not corrupt: nothing in it was confirmed. */
  readonly isCorrupt: boolean;
  /** An earlier process marked it lost, or found it corrupt, and nothing was compacted since. */
  readonly isMarkedLost: boolean;
  /** Nothing was ever appended. */
  readonly isEmpty: boolean;
}

/**
 * The gateway's memory on disk: a log of entries that is only ever appended to, and that a snapshot shortens now and then.
 * No callback comes from within a call. Nothing throws for the disk's sake: a journal that failed confirms nothing.
 */
export interface Journal extends AsyncDisposable {
  readonly recovered: RecoveredJournal;
  /** Size of what a recovery would have to read. */
  readonly bytes: number;
  /**
   * Appends entries of which a recovery finds all or none; at most 8 MiB. Those of one turn of the event loop are one
   * write. `sync` puts them on the disk at once instead of within 50 ms. A `RangeError` for what the format cannot say.
   */
  append(token: JournalToken, entries: readonly JournalEntry[], options?: { readonly sync?: boolean }): void;
  /**
   * Puts `entries` in the place of all that was appended before this call; what is appended meanwhile comes after them.
   * `onSynced(token)` says that it is done, on the disk, and that a mark of loss is gone: so not before the wallet
   * acknowledged a Hello that told of the loss. While one runs the next waits, and of those that wait the last does for
   * all. The caller does not change `entries`.
   */
  compact(token: JournalToken, entries: readonly JournalEntry[]): void;
  /** Says on the disk that the journal is not to be trusted. Rejects with a `JournalError` if even that fails. */
  markLost(): Promise<void>;
  /** Writes and syncs what waits, and frees the folder. */
  [Symbol.asyncDispose](): Promise<void>;
}
