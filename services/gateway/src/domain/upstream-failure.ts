import type { AlfredError } from "@alfred/errors";

/** What a provider may have billed for a call that failed: nothing, or the prompt that it had begun to work on. */
export type Billed = "nothing" | "prompt";

/** A call to a provider that failed. */
export class UpstreamFailure extends Error {
  /** What the client is told. */
  readonly error: AlfredError;
  readonly billed: Billed;
  readonly retryable: boolean;
  /** The pause that the provider asks for, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(error: AlfredError, options: { billed?: Billed; retryable?: boolean; retryAfterMs?: number | undefined } = {}) {
    super(error.message, { cause: error });
    this.name = "UpstreamFailure";
    this.error = error;
    this.billed = options.billed ?? "nothing";
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}
