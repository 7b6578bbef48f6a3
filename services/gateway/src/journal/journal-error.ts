/**
 * The journal cannot be used. Its message says in one sentence what is wrong and what to do; `reason` is `held` when another
 * process has the folder, `newer` when a later Alfred wrote it, `disk` when the system refused to write or to sync,
 * and `unusable` for anything else about the folder.
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
