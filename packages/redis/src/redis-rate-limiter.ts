import type { Logger } from "@alfred/telemetry";
import type { Redis } from "ioredis";
import { decide } from "./bucket.ts";
import type { RedisConnection } from "./connection.ts";
import { MemoryRateLimiter } from "./memory-rate-limiter.ts";
import type { RateDecision, RateLimiter } from "./rate-limiter.ts";
import { TAKE_SCRIPT } from "./take-script.ts";

export interface RedisRateLimiterOptions {
  readonly redis: RedisConnection;
  readonly log: Logger;
  /** What the keys in Redis begin with; "alfred:rate:" unless stated. */
  readonly prefix?: string;
}

interface Waiting {
  readonly key: string;
  readonly limit: number;
  readonly nowMs: number;
  readonly decision: PromiseWithResolvers<RateDecision>;
}

/** Most keys in one script call, so that none blocks the server for long. */
const mostPerCall = 500;

/**
 * Counts in Redis, for all processes together: one script call takes whatever came in one tick. While Redis is out of
 * reach each process counts for itself, so a key may use its limit once per process; that is logged once per outage.
 */
export class RedisRateLimiter implements RateLimiter {
  readonly #redis: RedisConnection;
  readonly #client: ScriptClient;
  readonly #log: Logger;
  readonly #prefix: string;
  readonly #memory = new MemoryRateLimiter();
  #waiting: Waiting[] = [];
  #out = false;

  constructor({ redis, log, prefix = "alfred:rate:" }: RedisRateLimiterOptions) {
    this.#redis = redis;
    this.#log = log;
    this.#prefix = prefix;
    redis.client.defineCommand("alfredTake", { lua: TAKE_SCRIPT });
    this.#client = redis.client as ScriptClient;
  }

  take(key: string, limitPerMinute: number, nowMs: number): Promise<RateDecision> {
    if (!this.#redis.ready) return Promise.resolve(this.#takeHere(key, limitPerMinute, nowMs, undefined));
    const decision = Promise.withResolvers<RateDecision>();
    if (this.#waiting.length === 0) setImmediate(() => this.#sendAll());
    this.#waiting.push({ key, limit: limitPerMinute, nowMs, decision });
    return decision.promise;
  }

  #sendAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < waiting.length; from += mostPerCall) {
      void this.#send(waiting.slice(from, from + mostPerCall));
    }
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    try {
      const keys = batch.map(({ key }) => this.#prefix + key);
      const values = batch.flatMap(({ limit, nowMs }) => [limit, nowMs]);
      const answers = await this.#client.alfredTake(keys.length, ...keys, ...values);
      batch.forEach(({ limit, decision }, index) => {
        decision.resolve(decide(Number(answers[2 * index]) === 1, Number(answers[2 * index + 1]), limit));
      });
      this.#back();
    } catch (error) {
      for (const { key, limit, nowMs, decision } of batch) decision.resolve(this.#takeHere(key, limit, nowMs, error));
    }
  }

  #takeHere(key: string, limit: number, nowMs: number, error: unknown): RateDecision {
    if (!this.#out) this.#log.warn({ err: error }, "rate limits are counted in this process while Redis is out of reach");
    this.#out = true;
    return this.#memory.takeNow(key, limit, nowMs);
  }

  #back(): void {
    if (this.#out) this.#log.info("rate limits are counted in Redis again");
    this.#out = false;
  }
}

type ScriptClient = Redis & {
  alfredTake(keyCount: number, ...keysAndValues: (string | number)[]): Promise<readonly (string | number)[]>;
};
