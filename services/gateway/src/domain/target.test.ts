import { describe, expect, test } from "vitest";
import { Target, Targets } from "./target.ts";

const passing = { retryAfterMs: undefined, isLasting: false };

describe("a model at a provider", () => {
  test("cools down after three failures in a row, and for twice as long after each further one, a minute at most", () => {
    const target = new Target();
    const coolsMs: number[] = [];
    for (let failures = 1; failures <= 11; failures += 1) {
      target.failed(passing, 0);
      coolsMs.push([1_000, 2_000, 4_000, 60_000].find((ms) => target.isCooling(ms - 1) && !target.isCooling(ms)) ?? 0);
    }
    expect(coolsMs.slice(0, 5)).toEqual([0, 0, 1_000, 2_000, 4_000]);
    expect(coolsMs.at(-1)).toBe(60_000);
  });

  test("that answers begins anew", () => {
    const target = new Target();
    for (const _ of [1, 2, 3]) target.failed(passing, 0);
    target.answered(true, 10, 1);
    expect(target.isCooling(1)).toBe(false);
    target.failed(passing, 2);
    expect(target.isCooling(2)).toBe(false);
  });

  test("cools down for as long as it asks for, ten minutes at most", () => {
    const [wishes, wishesMuch] = [new Target(), new Target()];
    wishes.failed({ ...passing, retryAfterMs: 5_000 }, 100);
    expect([wishes.isCooling(5_099), wishes.isCooling(5_100)]).toEqual([true, false]);
    wishesMuch.failed({ ...passing, retryAfterMs: 86_400_000 }, 0);
    expect([wishesMuch.isCooling(599_999), wishesMuch.isCooling(600_000)]).toEqual([true, false]);
  });

  test("cools down at once where it fails until somebody mends it", () => {
    const target = new Target();
    target.failed({ ...passing, isLasting: true }, 0);
    expect([target.isCooling(999), target.isCooling(1_000)]).toEqual([true, false]);
  });

  test("is as fast as it was lately, whole answers apart from streamed ones", () => {
    const target = new Target();
    expect(target.firstByteMs(true, 0)).toBeUndefined();
    target.answered(true, 100, 0);
    target.answered(true, 200, 1_000);
    target.answered(false, 5_000, 1_000);
    expect([target.firstByteMs(true, 61_000), target.firstByteMs(false, 61_000)]).toEqual([120, 5_000]);
    expect(target.firstByteMs(true, 61_001)).toBeUndefined();
    target.answered(true, 300, 70_000);
    expect(target.firstByteMs(true, 70_000)).toBe(300);
  });
});

test("what is known of models that clients name at will has a bound", () => {
  const targets = new Targets();
  const first = targets.of("openai", "first");
  expect(targets.of("openai", "first")).toBe(first);
  for (let index = 0; index < 10_000; index += 1) targets.of("openai", `m${index}`);
  expect(targets.of("openai", "first")).not.toBe(first);
});
