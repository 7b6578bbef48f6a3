import { SimError } from "./sim-error.ts";

const WINDOW_MS = 60_000;

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

  /** Counts one request, or throws the 429 that OpenAI answers with. */
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

  /** The `x-ratelimit-*` headers of every answer; none without a limit. */
  headers(): Record<string, string> {
    if (this.#limit === Infinity) return {};
    return rateLimitHeaders(this.#limit, this.#limit - this.#used, Math.max(0, this.#endsAtMs - this.#now()));
  }

  #exceeded(now: number): SimError {
    const seconds = Math.ceil((this.#endsAtMs - now) / 1_000);
    const message = `Rate limit reached on requests per min (RPM): Limit ${this.#limit}, Used ${this.#used}, Requested 1. Please try again in ${seconds}s.`;
    const body = { message, type: "requests", param: null, code: "rate_limit_exceeded" };
    return new SimError(429, body, { "Retry-After": String(seconds) });
  }
}

/** OpenAI's three request headers; the time to the reset is written as at OpenAI, `1m30s` or `250ms`. */
export function rateLimitHeaders(limit: number, remaining: number, resetMs: number): Record<string, string> {
  return {
    "x-ratelimit-limit-requests": String(limit),
    "x-ratelimit-remaining-requests": String(remaining),
    "x-ratelimit-reset-requests": duration(resetMs),
  };
}

function duration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
