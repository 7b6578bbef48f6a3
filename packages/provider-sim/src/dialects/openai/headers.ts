import type { Stamp } from "../../dialect.ts";
import type { RateState } from "../../rate-limit.ts";

/** OpenAI's own headers; `openai-processing-ms` says how long the simulator took. */
export function answerHeaders({ sequence, startedAtMs, nowMs, rate }: Stamp): Record<string, string> {
  const headers: Record<string, string> = {
    "x-request-id": `req_sim_${sequence}`,
    "openai-version": "2020-10-01",
    "openai-processing-ms": String(nowMs - startedAtMs),
  };
  return rate === undefined ? headers : { ...headers, ...rateLimitHeaders(rate) };
}

/** OpenAI's three request headers; the time to the reset is written as at OpenAI, `1m30s` or `250ms`. */
function rateLimitHeaders({ limit, remaining, resetMs }: RateState): Record<string, string> {
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
