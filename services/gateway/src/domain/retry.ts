/** When and how often a provider is called again. */
export interface RetryPolicy {
  /** Calls in all, at least 1. */
  readonly maxAttempts: number;
  /** Longest pause before the second call, in milliseconds; it doubles from call to call. */
  readonly baseDelayMs: number;
  /** Longest pause at all, and the longest `Retry-After` that is waited for, in milliseconds. */
  readonly maxDelayMs: number;
}

/** What is known when a call has failed. */
export interface FailedAttempt {
  /** The number of the call, from 1. */
  readonly attempt: number;
  /** Whether another call may succeed and none can have been billed. */
  readonly retryable: boolean;
  /** The pause that the provider asks for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Milliseconds until the request's deadline. */
  readonly leftMs: number;
}

/**
 * How long to wait before the next call, in milliseconds, or undefined to give up. The pause is drawn evenly from zero to
 * a growing bound, so that requests that failed together do not come back together; a provider's own wish counts more.
 *
 * @param random from 0 to 1
 */
export function retryDelayMs(policy: RetryPolicy, failed: FailedAttempt, random: number): number | undefined {
  if (!failed.retryable || failed.attempt >= policy.maxAttempts) return undefined;
  const bound = Math.min(policy.baseDelayMs * 2 ** (failed.attempt - 1), policy.maxDelayMs);
  const delayMs = failed.retryAfterMs ?? Math.ceil(bound * random);
  return delayMs <= policy.maxDelayMs && delayMs < failed.leftMs ? delayMs : undefined;
}
