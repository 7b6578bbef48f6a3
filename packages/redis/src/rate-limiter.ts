/** What a rate limiter answers. All times are in milliseconds from the moment that was asked about. */
export interface RateDecision {
  /** Whether the request may go on; one that may not costs nothing. */
  readonly allowed: boolean;
  /** Requests per minute, as asked. */
  readonly limit: number;
  /** Requests that could still follow at once. */
  readonly remaining: number;
  /** Until the whole limit is there again. */
  readonly resetMs: number;
  /** Until the next request would be allowed; 0 where that is now. */
  readonly retryAfterMs: number;
}

/**
 * Counts requests per key. A key may use its whole limit at once and gets it back evenly over a minute. Never rejects.
 */
export interface RateLimiter {
  /**
   * Takes one request.
   * @param key whose limit it is
   * @param limitPerMinute requests per minute, at least 0; 0 allows none
   * @param nowMs the caller's clock, epoch milliseconds; one that goes back gives nothing back
   */
  take(key: string, limitPerMinute: number, nowMs: number): Promise<RateDecision>;
}
