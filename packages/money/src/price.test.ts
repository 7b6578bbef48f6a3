import type { ModelPrice } from "@alfred/contracts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { costOf, inputTokensOf, unpricedMeters, worstCaseCost } from "./price.ts";

type Priced = Pick<ModelPrice, "free" | "meters">;

const MILLION = 1_000_000n;

/** A price of so many nano-dollars per million of each meter. */
function priceOf(nanos: Readonly<Record<string, bigint>>): Priced {
  return { free: false, meters: Object.entries(nanos).map(([meter, value]) => ({ meter, nanos: value, per: MILLION, tiers: [] })) };
}

const CHAT = priceOf({ input_tokens: 150_000_000n, output_tokens: 600_000_000n, cache_read_tokens: 75_000_000n });
const TIERED: Priced = {
  free: false,
  meters: [
    { meter: "input_tokens", nanos: 100n, per: 1n, tiers: [{ aboveInputTokens: 1000n, nanos: 200n }] },
    { meter: "output_tokens", nanos: 10n, per: 1n, tiers: [{ aboveInputTokens: 1000n, nanos: 5n }] },
  ],
};

describe("what quantities cost", () => {
  test("is the exact sum, rounded up once", () => {
    const quantities = [{ meter: "input_tokens", quantity: 1n }, { meter: "output_tokens", quantity: 1n }];
    expect(costOf(CHAT, quantities)).toBe(750n);
    expect(costOf(priceOf({ input_tokens: 1n, output_tokens: 1n }), quantities)).toBe(1n);
  });

  test("is charged whole at the tier that the prompt reaches, and not before", () => {
    const at = (input: bigint): bigint | undefined => costOf(TIERED, [{ meter: "input_tokens", quantity: input }, { meter: "output_tokens", quantity: 1n }]);
    expect(at(1000n)).toBe(100_010n);
    expect(at(1001n)).toBe(200_205n);
  });

  test("counts cached tokens towards the tier, answers not", () => {
    expect(inputTokensOf([{ meter: "input_tokens", quantity: 1n }, { meter: "cache_read_tokens", quantity: 2n }, { meter: "output_tokens", quantity: 4n }, { meter: "input_audio_seconds", quantity: 8n }])).toBe(3n);
  });

  test("falls back to what a meter is a part of, the dearer of two", () => {
    const cost = (price: Priced, meter: string): bigint | undefined => costOf(price, [{ meter, quantity: MILLION }]);
    expect(cost(CHAT, "reasoning_tokens")).toBe(600_000_000n);
    expect(cost(CHAT, "cache_write_1h_tokens")).toBe(150_000_000n);
    expect(cost(priceOf({ input_tokens: 1n, cache_read_tokens: 2n, input_audio_tokens: 3n }), "cache_audio_read_tokens")).toBe(3n);
  });

  test("is not known where a meter that is used has no price", () => {
    const quantities = [{ meter: "input_tokens", quantity: 1n }, { meter: "web_searches", quantity: 1n }];
    expect(costOf(CHAT, quantities)).toBeUndefined();
    expect(unpricedMeters(CHAT, quantities)).toEqual(["web_searches"]);
    expect(costOf(CHAT, [{ meter: "web_searches", quantity: 0n }])).toBe(0n);
  });

  test("of a free model is nothing, and of one without any price unknown", () => {
    const quantities = [{ meter: "input_tokens", quantity: 1n }, { meter: "requests", quantity: 1n }];
    expect(costOf({ free: true, meters: [] }, quantities)).toBe(0n);
    expect(costOf({ free: false, meters: [] }, quantities)).toBeUndefined();
    expect(costOf({ free: false, meters: [] }, [{ meter: "requests", quantity: 1n }])).toBeUndefined();
  });

  test("has requests at their price, else at nothing", () => {
    const once = [{ meter: "requests", quantity: 1n }];
    expect(costOf(CHAT, once)).toBe(0n);
    expect(costOf(priceOf({ requests: 5_000_000_000n }), once)).toBe(5000n);
  });
});

describe("the worst case", () => {
  test("takes the dearest of the meters that may be used, and one request", () => {
    const price = priceOf({ input_tokens: MILLION, cache_write_tokens: 3n * MILLION, output_tokens: 2n * MILLION, requests: 7n * MILLION, input_audio_tokens: 100n * MILLION });
    expect(worstCaseCost(price, { inputTokens: 10n, outputTokens: 10n })).toBe(57n);
    expect(worstCaseCost(price, { inputTokens: 10n, outputTokens: 10n, inputMeters: ["input_audio_tokens"] })).toBe(1027n);
  });

  test("takes what is used beside tokens, and no price of what nobody counts", () => {
    const price = priceOf({ input_tokens: MILLION, output_tokens: MILLION, web_searches: 5n * MILLION });
    const bound = { inputTokens: 10n, outputTokens: 10n };
    expect(worstCaseCost(price, bound)).toBe(20n);
    expect(worstCaseCost(price, { ...bound, unasked: { web_searches: 30n } })).toBe(170n);
    expect(worstCaseCost(price, { ...bound, unasked: { web_searches: 0n } })).toBe(20n);
    expect(worstCaseCost(price, { ...bound, unasked: {} })).toBeUndefined();
    expect(worstCaseCost(CHAT, { ...bound, unasked: { web_searches: 1n } })).toBeUndefined();
    expect(worstCaseCost({ free: true, meters: [] }, { ...bound, unasked: { web_searches: 1n } })).toBe(0n);
  });

  test("takes the dearest tier within reach, were it a lower one", () => {
    expect(worstCaseCost(TIERED, { inputTokens: 1000n, outputTokens: 1n })).toBe(100_010n);
    expect(worstCaseCost(TIERED, { inputTokens: 1001n, outputTokens: 1n })).toBe(200_210n);
  });

  test("is not known without a price for what may be used", () => {
    expect(worstCaseCost(priceOf({ input_tokens: 1n }), { inputTokens: 1n, outputTokens: 1n })).toBeUndefined();
    expect(worstCaseCost(priceOf({ input_tokens: 1n }), { inputTokens: 1n, outputTokens: 0n })).toBe(1n);
    expect(worstCaseCost({ free: false, meters: [] }, { inputTokens: 0n, outputTokens: 0n })).toBeUndefined();
  });
});

describe("for any price and usage", () => {
  const nanos = fc.bigInt({ min: 0n, max: 10n ** 12n });
  const meter = (name: string): fc.Arbitrary<ModelPrice["meters"][number]> =>
    fc.record({
      meter: fc.constant(name),
      nanos,
      per: fc.constantFrom(1n, 1000n, MILLION, 3600n, 10n ** 14n),
      tiers: fc.uniqueArray(fc.record({ aboveInputTokens: fc.bigInt({ min: 0n, max: 10_000n }), nanos }), { maxLength: 3, selector: (tier) => tier.aboveInputTokens })
        .map((tiers) => tiers.toSorted((left, right) => Number(left.aboveInputTokens - right.aboveInputTokens))),
    });
  const price = fc.record({ free: fc.constant(false), meters: fc.tuple(...["input_tokens", "cache_read_tokens", "output_tokens", "reasoning_tokens"].map(meter)) });
  const amount = fc.bigInt({ min: 0n, max: 20_000n });
  const usage = fc.record({ fresh: amount, cached: amount, said: amount, thought: amount });
  const quantitiesOf = ({ fresh, cached, said, thought }: Record<"fresh" | "cached" | "said" | "thought", bigint>): { meter: string; quantity: bigint }[] => [
    { meter: "input_tokens", quantity: fresh },
    { meter: "cache_read_tokens", quantity: cached },
    { meter: "output_tokens", quantity: said },
    { meter: "reasoning_tokens", quantity: thought },
  ];

  test("no cost is above the worst case of its bound", () => {
    fc.assert(fc.property(price, usage, amount, amount, (priced, used, moreIn, moreOut) => {
      const bound = { inputTokens: used.fresh + used.cached + moreIn, outputTokens: used.said + used.thought + moreOut };
      expect(costOf(priced, quantitiesOf(used)) ?? -1n).toBeLessThanOrEqual(worstCaseCost(priced, bound) ?? -1n);
    }));
  });

  test("at one tier, more of a meter never costs less", () => {
    fc.assert(fc.property(price, usage, amount, amount, (priced, used, more, inputTokens) => {
      const less = costOf(priced, quantitiesOf(used), inputTokens) ?? -1n;
      const greater = costOf(priced, quantitiesOf({ ...used, said: used.said + more }), inputTokens) ?? -1n;
      expect(greater).toBeGreaterThanOrEqual(less);
    }));
  });

  test("the cost is the least integer that is not below the exact fraction", () => {
    fc.assert(fc.property(price, usage, amount, (priced, used, inputTokens) => {
      const quantities = quantitiesOf(used);
      const common = 36n * 10n ** 17n;
      const numerator = quantities.reduce((sum, { meter: name, quantity }) => {
        const found = priced.meters.find((each) => each.meter === name);
        const rate = found?.tiers.findLast((tier) => inputTokens > tier.aboveInputTokens)?.nanos ?? found?.nanos ?? 0n;
        return sum + quantity * rate * (common / (found?.per ?? 1n));
      }, 0n);
      const cost = costOf(priced, quantities, inputTokens) ?? -1n;
      expect(cost * common).toBeGreaterThanOrEqual(numerator);
      expect((cost - 1n) * common).toBeLessThan(numerator);
    }));
  });
});
