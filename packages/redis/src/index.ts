/** Redis as a cache: the connection, and rate limits that go on without it. */
export { connectRedis } from "./connection.ts";
export type { RedisConnection, RedisOptions } from "./connection.ts";
export { MemoryRateLimiter } from "./memory-rate-limiter.ts";
export type { RateDecision, RateLimiter } from "./rate-limiter.ts";
export { RedisRateLimiter } from "./redis-rate-limiter.ts";
export type { RedisRateLimiterOptions } from "./redis-rate-limiter.ts";
