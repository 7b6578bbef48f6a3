import { ModelPrice } from "@alfred/contracts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clampedLimit, leftToClamp } from "./clamp.ts";
import { answerTokens, worstCharge } from "./worst-case.ts";

const per = 1_000_000n;
const meter = (name: string, nanos: bigint) => ({ meter: name, nanos, per, tiers: [] });
const priceOf = (input: bigint, output: bigint, request = 0n) =>
  ModelPrice.create({ model: "m", meters: [meter("input_tokens", input), meter("output_tokens", output), { ...meter("requests", request), per: 1n }] });
const big = (max: number) => fc.bigInt({ min: 0n, max: BigInt(max) });

const anything = fc.record({
  price: fc.tuple(big(10_000_000_000), big(10_000_000_000), big(1_000_000)).map((prices) => priceOf(...prices)),
  inputTokens: big(100_000),
  answers: fc.record({ limitTokens: big(200_000), besideTokens: big(100), count: fc.bigInt({ min: 1n, max: 8n }) }),
  left: fc.record({ unit: fc.constantFrom("nanos" as const, "tokens" as const), value: big(1_000_000_000) }),
});

describe("the limit that an answer is cut to", () => {
  test("fits what is left, and one token more would not", () => {
    fc.assert(
      fc.property(anything, ({ price, inputTokens, answers, left }) => {
        const usage = { inputTokens, outputTokens: answerTokens(answers) };
        const costOf = (limitTokens: bigint): bigint => {
          const worst = worstCharge(price, { ...usage, outputTokens: answerTokens({ ...answers, limitTokens }) });
          return worst === undefined ? -1n : worst[left.unit];
        };
        const limit = clampedLimit({ price, usage, answers }, left);
        const fitting = limit ?? 0n;
        const isWithin = fitting === 0n || (fitting <= answers.limitTokens && costOf(fitting) <= left.value);
        const isLongest = fitting === answers.limitTokens || costOf(fitting + 1n) > left.value;
        expect([isWithin, isLongest]).toEqual([true, true]);
      }),
    );
  });

  test("is not there where the prompt alone takes what is left", () => {
    const answers = { limitTokens: 100n, besideTokens: 0n, count: 1n };
    expect(clampedLimit({ price: priceOf(1_000_000n, 1_000_000n), usage: { inputTokens: 100n, outputTokens: 100n }, answers }, { unit: "nanos", value: 100n })).toBeUndefined();
  });

  test("stands for each of several answers, beside what is billed besides", () => {
    const answers = { limitTokens: 100n, besideTokens: 5n, count: 3n };
    // Three times 15 tokens at a nano-dollar each.
    expect(clampedLimit({ price: priceOf(0n, 1_000_000n), usage: { inputTokens: 0n, outputTokens: 315n }, answers }, { unit: "nanos", value: 47n })).toBe(10n);
  });
});

describe("what a denial leaves", () => {
  test.each([
    ["nanos", { clamp: "true", unit: "usd", left: "7" }],
    ["tokens", { clamp: "true", unit: "tokens", left: "7" }],
  ])("can be %s", (unit, metadata: Record<string, string>) => expect(leftToClamp(metadata)).toEqual({ unit, value: 7n }));

  test.each([
    [{ clamp: "true", unit: "credits", left: "7" }],
    [{ clamp: "true", unit: "usd", left: "0" }],
    [{ clamp: "true", unit: "usd" }],
    [{ unit: "usd", left: "7" }],
  ])("is not to be cut to where it is %j", (metadata: Record<string, string>) => expect(leftToClamp(metadata)).toBeUndefined());
});
