/**
 * The journal cannot be used. Its message says in one sentence what is wrong and what to do; `reason` is `held` when
 * another process has the folder, `newer` when a later Alfred wrote it, `disk` when the system refused to read, write or
 * sync, and `unusable` for anything else about the folder.
 */
export class JournalError extends Error {
  override readonly name = "JournalError";
  readonly reason: JournalErrorReason;

  constructor(reason: JournalErrorReason, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.reason = reason;
  }
}

export type JournalErrorReason = "held" | "newer" | "disk" | "unusable";

const remedies = new Map([
  ["ENOSPC", "free space there"],
  ["EDQUOT", "raise the disk quota of its user"],
  ["EFBIG", "raise the limit on file sizes of its process (ulimit -f)"],
  ["EIO", "check the disk"],
  ["EROFS", "mount it for writing"],
]);

/** What the system refused to do with the journal, as "written", and what mends that. */
export function diskError(folder: string, refused: string, cause: unknown): JournalError {
  const remedy = remedies.get(errorCode(cause)) ?? "see that its folder and its disk are in order";
  const what = `The journal in ${folder} could not be ${refused} (${errorText(cause)})`;
  return new JournalError("disk", `${what}: nothing is admitted without it; ${remedy}, then start the gateway again.`, { cause });
}

/** The journal is lost and the next start will not know it. */
export function lostError(folder: string, cause: unknown): JournalError {
  const what = `The journal in ${folder} is lost, and the disk does not even take a mark of that (${errorText(cause)})`;
  return new JournalError("disk", `${what}; move the folder away before the gateway starts again.`, { cause });
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
