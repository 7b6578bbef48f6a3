import { randomUUID } from "node:crypto";
import { createLogger } from "@alfred/telemetry";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryRateLimiter, RedisRateLimiter, connectRedis } from "../src/index.ts";
import type { RedisConnection } from "../src/index.ts";
import { FlakyProxy } from "../../../scripts/servers/flaky-proxy.ts";
import { specifyRateLimiter } from "./rate-limiter-spec.ts";

const silent = createLogger({ name: "test", level: "silent" });
const startMs = 1_763_720_000_123;

function redisUrl(): string {
  const url = process.env["REDIS_URL"];
  if (url === undefined) throw new Error("REDIS_URL must name a Redis server for these tests; npm test starts one");
  return url;
}

function prefix(): string {
  return `test:${randomUUID()}:`;
}

async function becomes(ready: boolean, { client }: RedisConnection): Promise<void> {
  const event = ready ? "ready" : "close";
  if ((client.status === "ready") !== ready) await new Promise((resolve) => client.once(event, resolve));
}

/** The commands that name the prefix, as the server sees them; those that scripts run are left out. */
async function watchCommands({ client }: RedisConnection, own: string): Promise<{ end(): Promise<string[]> }> {
  const monitor = await client.monitor();
  const seen: string[] = [];
  const last = Promise.withResolvers<void>();
  monitor.on("monitor", (_time: string, [command = "", ...values]: string[], source: string) => {
    if (source === "lua" || !values.some((value) => value.startsWith(own))) return;
    if (command.toLowerCase() === "echo") last.resolve();
    else seen.push(command.toLowerCase());
  });
  const end = async (): Promise<string[]> => {
    await client.echo(own);
    await last.promise;
    monitor.disconnect();
    return seen;
  };
  return { end };
}

describe("in memory", () => {
  specifyRateLimiter(() => new MemoryRateLimiter());

  test("the key that was quiet for longest is forgotten first", async () => {
    const limiter = new MemoryRateLimiter({ mostKeys: 2 });
    for (const key of ["a", "b", "a", "c"]) await limiter.take(key, 2, startMs);
    expect((await limiter.take("a", 2, startMs)).allowed).toBe(false);
    expect((await limiter.take("b", 2, startMs)).remaining).toBe(1);
  });
});

describe("in Redis", () => {
  let redis: RedisConnection;
  beforeAll(async () => {
    redis = connectRedis({ url: redisUrl(), log: silent });
    await becomes(true, redis);
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  specifyRateLimiter(() => new RedisRateLimiter({ redis, log: silent, prefix: prefix() }));

  test("all processes share one limit", async () => {
    await using second = connectRedis({ url: redisUrl(), log: silent });
    await becomes(true, second);
    const shared = prefix();
    const limiters = [redis, second].map((each) => new RedisRateLimiter({ redis: each, log: silent, prefix: shared }));
    const decisions = await Promise.all(limiters.flatMap((limiter) => Array.from({ length: 20 }, () => limiter.take("key", 10, startMs))));
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(10);
  });

  test("what comes in one tick takes one call to the server, and more than 500 a few", async () => {
    const own = prefix();
    const limiter = new RedisRateLimiter({ redis, log: silent, prefix: own });
    await limiter.take("key", 10_000, startMs);
    const watched = await watchCommands(redis, own);
    await Promise.all(Array.from({ length: 1_200 }, () => limiter.take("key", 10_000, startMs)));
    expect(await watched.end()).toEqual(["evalsha", "evalsha", "evalsha"]);
  });

  test("keys go away by themselves", async () => {
    const own = prefix();
    await new RedisRateLimiter({ redis, log: silent, prefix: own }).take("key", 10, startMs);
    const leftMs = await redis.client.pttl(`${own}key`);
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(120_000);
  });
});

describe("while Redis is out of reach", () => {
  test("the limit is counted here, each outage is logged once, and Redis is used again afterwards", async () => {
    await using proxy = await FlakyProxy.start(redisUrl());
    const lines: string[] = [];
    const log = createLogger({ name: "test", destination: { write: (line) => lines.push(line) } });
    await using redis = connectRedis({ url: proxy.url, log });
    const own = prefix();
    const limiter = new RedisRateLimiter({ redis, log, prefix: own });
    await becomes(true, redis);
    expect((await limiter.take("key", 2, startMs)).remaining).toBe(1);

    proxy.cut();
    await becomes(false, redis);
    const decisions = await Promise.all(Array.from({ length: 5 }, () => limiter.take("key", 2, startMs)));
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(2);

    proxy.restore();
    await becomes(true, redis);
    expect((await limiter.take("key", 2, startMs)).remaining).toBe(0);
    const said = (text: string): number => lines.filter((line) => line.includes(text)).length;
    expect(said("rate limits are counted in this process")).toBe(1);
    expect(said("rate limits are counted in Redis again")).toBe(1);
    expect(said("going on without it")).toBe(1);
    expect(said("Redis is back")).toBe(1);
  });

  test("a server that does not answer is not waited for", async () => {
    await using proxy = await FlakyProxy.start(redisUrl());
    await using redis = connectRedis({ url: proxy.url, log: silent, commandTimeoutMs: 50 });
    await becomes(true, redis);
    proxy.silence();
    const limiter = new RedisRateLimiter({ redis, log: silent, prefix: prefix() });
    expect((await limiter.take("key", 1, startMs)).allowed).toBe(true);
    expect((await limiter.take("key", 1, startMs)).allowed).toBe(false);
  });

  test("a server that was never there is no failure", async () => {
    await using redis = connectRedis({ url: "redis://127.0.0.1:1", log: silent });
    const limiter = new RedisRateLimiter({ redis, log: silent });
    expect(redis.ready).toBe(false);
    expect((await limiter.take("key", 1, startMs)).allowed).toBe(true);
  });
});
