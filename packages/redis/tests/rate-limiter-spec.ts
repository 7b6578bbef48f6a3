import { assert, asyncProperty, array, constantFrom, integer, record } from "fast-check";
import { expect, test } from "vitest";
import { MemoryRateLimiter } from "../src/index.ts";
import type { RateDecision, RateLimiter } from "../src/index.ts";

const startMs = 1_763_720_000_123;
const minuteMs = 60_000;

/** What every rate limiter holds, whatever it counts in. `make` gives one that has seen nothing. */
export function specifyRateLimiter(make: () => RateLimiter): void {
  const take = async (limiter: RateLimiter, times: number, limit: number, nowMs: number): Promise<RateDecision[]> => {
    return await Promise.all(Array.from({ length: times }, () => limiter.take("key", limit, nowMs)));
  };

  test.each([1, 3, 7, 60, 1_000])("a limit of %i a minute allows exactly so many at once", async (limit) => {
    const decisions = await take(make(), limit + 5, limit, startMs);
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(limit);
  });

  test("counts down to nothing, and says when it is whole again", async () => {
    const decisions = await take(make(), 3, 2, startMs);
    expect(decisions).toEqual([
      { allowed: true, limit: 2, remaining: 1, resetMs: 30_000, retryAfterMs: 0 },
      { allowed: true, limit: 2, remaining: 0, resetMs: minuteMs, retryAfterMs: 30_000 },
      { allowed: false, limit: 2, remaining: 0, resetMs: minuteMs, retryAfterMs: 30_000 },
    ]);
  });

  test("gives back evenly: the next is allowed exactly when it was said", async () => {
    const limiter = make();
    const retryAfterMs = (await take(limiter, 8, 7, startMs)).at(-1)?.retryAfterMs ?? 0;
    expect(retryAfterMs).toBe(8_572);
    expect((await limiter.take("key", 7, startMs + retryAfterMs - 1)).allowed).toBe(false);
    expect((await limiter.take("key", 7, startMs + retryAfterMs)).allowed).toBe(true);
  });

  test("is whole again after a minute", async () => {
    const limiter = make();
    await take(limiter, 10, 10, startMs);
    const decisions = await take(limiter, 11, 10, startMs + minuteMs);
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(10);
  });

  test("takes nothing for what it denies", async () => {
    const limiter = make();
    await take(limiter, 500, 1, startMs);
    expect((await limiter.take("key", 1, startMs + minuteMs)).allowed).toBe(true);
  });

  test("counts each key for itself", async () => {
    const limiter = make();
    const both = await Promise.all([limiter.take("a", 1, startMs), limiter.take("b", 1, startMs)]);
    expect(both.map(({ allowed }) => allowed)).toEqual([true, true]);
  });

  test("gives nothing back when the clock goes back", async () => {
    const limiter = make();
    await take(limiter, 1, 1, startMs);
    expect((await limiter.take("key", 1, startMs - minuteMs)).allowed).toBe(false);
    expect((await limiter.take("key", 1, startMs + minuteMs - 1)).allowed).toBe(false);
  });

  test("follows a limit that is changed", async () => {
    const limiter = make();
    await take(limiter, 10, 10, startMs);
    expect(await limiter.take("key", 20, startMs)).toMatchObject({ allowed: true, remaining: 9 });
    expect(await limiter.take("key", 5, startMs)).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 12_000 });
  });

  test("allows nothing where the limit is nothing", async () => {
    expect(await make().take("key", 0, startMs)).toEqual({ allowed: false, limit: 0, remaining: 0, resetMs: minuteMs, retryAfterMs: minuteMs });
  });

  test("decides as every other one, whatever it is asked", async () => {
    const request = record({ key: constantFrom("a", "b"), limit: integer({ min: 0, max: 100_000 }), afterMs: integer({ min: -50, max: 20_000 }) });
    await assert(
      asyncProperty(array(request, { maxLength: 40 }), async (requests) => {
        const [limiter, other] = [make(), new MemoryRateLimiter()];
        let nowMs = startMs;
        for (const { key, limit, afterMs } of requests) {
          nowMs += afterMs;
          expect(await limiter.take(key, limit, nowMs)).toEqual(await other.take(key, limit, nowMs));
        }
      }),
      { numRuns: 30 },
    );
  });
}
