import type { RateDecision } from "./rate-limiter.ts";

/**
 * A leaking bucket. A request adds 60,000 to the level and each millisecond takes `limit` from it, so that everything
 * is a whole number and Lua reckons exactly as JavaScript does.
 */
export interface Bucket {
  /** 60,000 for each request that still counts. */
  readonly level: number;
  /** When the level was reckoned, epoch milliseconds. */
  readonly atMs: number;
}

const minuteMs = 60_000;

/**
 * The level and time after a request at `nowMs`, which is taken only where it fits. A level above the limit, which was
 * lowered since, counts as full, so that every bucket is empty after a minute.
 */
export function pour(bucket: Bucket | undefined, limit: number, nowMs: number): { bucket: Bucket; allowed: boolean } {
  const atMs = Math.max(bucket?.atMs ?? nowMs, nowMs);
  const capacity = limit * minuteMs;
  const left = bucket === undefined ? 0 : Math.max(0, Math.min(bucket.level, capacity) - (atMs - bucket.atMs) * limit);
  const allowed = left + minuteMs <= capacity;
  return { bucket: { level: allowed ? left + minuteMs : left, atMs }, allowed };
}

/** What is told about a bucket whose level is `level` after the request. */
export function decide(allowed: boolean, level: number, limit: number): RateDecision {
  if (limit <= 0) return { allowed: false, limit, remaining: 0, resetMs: minuteMs, retryAfterMs: minuteMs };
  const capacity = limit * minuteMs;
  return {
    allowed,
    limit,
    remaining: Math.floor((capacity - level) / minuteMs),
    resetMs: Math.ceil(level / limit),
    retryAfterMs: Math.max(0, Math.ceil((level + minuteMs - capacity) / limit)),
  };
}
