import { decide, pour } from "./bucket.ts";
import type { Bucket } from "./bucket.ts";
import type { RateDecision, RateLimiter } from "./rate-limiter.ts";

const mostKeys = 100_000;

/** Counts within this process. The key that was quiet for longest is forgotten when there are too many. */
export class MemoryRateLimiter implements RateLimiter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #mostKeys: number;

  constructor(options: { readonly mostKeys?: number } = {}) {
    this.#mostKeys = options.mostKeys ?? mostKeys;
  }

  take(key: string, limitPerMinute: number, nowMs: number): Promise<RateDecision> {
    return Promise.resolve(this.takeNow(key, limitPerMinute, nowMs));
  }

  /** As `take`, without a promise. */
  takeNow(key: string, limitPerMinute: number, nowMs: number): RateDecision {
    const { bucket, allowed } = pour(this.#buckets.get(key), limitPerMinute, nowMs);
    // A map keeps the order of insertion: the first is the one that was quiet for longest.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#mostKeys) this.#forgetOldest();
    return decide(allowed, bucket.level, limitPerMinute);
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
