import { SimError } from "./sim-error.ts";

const WINDOW_MS = 60_000;

/** How far the limit on requests is used up. */
export interface RateState {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until the window ends. */
  readonly resetMs: number;
}

/** Requests per minute in fixed windows, each opening with its first request. One window for the whole simulator. */
export class RequestRate {
  readonly #limit: number;
  readonly #now: () => number;
  #used = 0;
  #endsAtMs = -Infinity;

  constructor(limit: number, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Counts one request. @throws SimError 429 */
  take(): void {
    if (this.#limit === Infinity) return;
    const now = this.#now();
    if (now >= this.#endsAtMs) {
      this.#used = 0;
      this.#endsAtMs = now + WINDOW_MS;
    }
    if (this.#used >= this.#limit) throw this.#exceeded(now);
    this.#used += 1;
  }

  /** Undefined without a limit. */
  get state(): RateState | undefined {
    if (this.#limit === Infinity) return undefined;
    return { limit: this.#limit, remaining: this.#limit - this.#used, resetMs: Math.max(0, this.#endsAtMs - this.#now()) };
  }

  #exceeded(now: number): SimError {
    const retryAfterS = Math.ceil((this.#endsAtMs - now) / 1_000);
    const message = `Rate limit reached on requests per min (RPM): Limit ${this.#limit}, Used ${this.#used}, Requested 1. Please try again in ${retryAfterS}s.`;
    return new SimError(429, "rate", { message, code: "rate_limit_exceeded", retryAfterS });
  }
}
