import { type FolderLock, FolderLockError, lockFolder } from "@alfred/lifecycle";
import { JournalError } from "./journal-error.ts";
import type { Journal, JournalOptions } from "./journal-port.ts";
import { recover } from "./recover.ts";
import { SegmentJournal } from "./segment-journal.ts";

export type { Journal, JournalOptions, JournalToken, RecoveredJournal } from "./journal-port.ts";

/**
 * Opens the journal of a folder and reads what it holds. Rejects with a `JournalError` where another process has it, a
 * later Alfred wrote it, or the system does not let it be read and written.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const lock = await takeFolder(options.folder);
  try {
    const { recovered, segment } = await recover(lock.folder, options.log);
    return new SegmentJournal({ ...options, lock, recovered, segment });
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

async function takeFolder(folder: string): Promise<FolderLock> {
  try {
    return await lockFolder(folder, "journal.lock");
  } catch (error) {
    throw error instanceof FolderLockError ? refused(error) : error;
  }
}

function refused(error: FolderLockError): JournalError {
  const { folder, holder, reason } = error;
  if (holder === undefined) {
    const advice = "set ALFRED_GATEWAY_JOURNAL to a folder on a local disk that can be written";
    return new JournalError("unusable", `The journal folder ${folder} cannot be used (${reason}); ${advice}.`, { cause: error });
  }
  const advice = "stop that gateway, or set ALFRED_GATEWAY_JOURNAL to a folder of its own for each";
  return new JournalError("held", `The journal folder ${folder} is in use by ${holder}; ${advice}.`, { cause: error });
}
