import type { AlfredError } from "@alfred/errors";

/** What a provider may have billed for a call that failed: nothing, or the prompt that it had begun to work on. */
export type Billed = "nothing" | "prompt";

interface FailureOptions {
  readonly billed?: Billed;
  readonly retryable?: boolean;
  readonly elsewhere?: boolean;
  readonly isLasting?: boolean;
  readonly mayBeRequests?: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly firstByteMs?: number | undefined;
}

/** A call to a provider that failed. */
export class UpstreamFailure extends Error {
  /** What the client is told. */
  readonly error: AlfredError;
  readonly billed: Billed;
  readonly retryable: boolean;
  /** Whether another provider might serve the request all the same. */
  readonly elsewhere: boolean;
  /** Whether the same provider fails until somebody mends it there. */
  readonly isLasting: boolean;
  /** Whether that may be so for this request alone. */
  readonly mayBeRequests: boolean;
  /** The pause that the provider asks for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** When the answer that it ended had begun, in milliseconds since the epoch; undefined where it had not, or tells by itself. */
  readonly firstByteMs: number | undefined;

  /** @param options what is not stated is not so, but that what the same provider may do better another may, too */
  constructor(error: AlfredError, options: FailureOptions = {}) {
    super(error.message, { cause: error });
    this.name = "UpstreamFailure";
    this.error = error;
    this.billed = options.billed ?? "nothing";
    this.retryable = options.retryable ?? false;
    this.elsewhere = options.elsewhere ?? this.retryable;
    this.isLasting = options.isLasting ?? false;
    this.mayBeRequests = options.mayBeRequests ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.firstByteMs = options.firstByteMs;
  }

  /** The same failure in the midst of an answer that began then. */
  after(firstByteMs: number | undefined): UpstreamFailure {
    const { error, billed, retryable, elsewhere, isLasting, mayBeRequests, retryAfterMs } = this;
    return new UpstreamFailure(error, { billed, retryable, elsewhere, isLasting, mayBeRequests, retryAfterMs, firstByteMs });
  }
}
