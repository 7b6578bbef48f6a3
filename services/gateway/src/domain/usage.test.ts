import { TokenUsage } from "@alfred/contracts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokensOf } from "./charge.ts";
import { quantitiesOf } from "./usage.ts";

type Details = Partial<Record<"cachedTokens" | "audioTokens" | "reasoningTokens", bigint>> & { extra?: Record<string, string> };

function usageOf(prompt: bigint, answer: bigint, details: { prompt?: Details; answer?: Details; total?: bigint; extra?: Record<string, string> } = {}) {
  return TokenUsage.create({
    promptTokens: prompt,
    completionTokens: answer,
    totalTokens: details.total ?? prompt + answer,
    ...(details.prompt && { promptTokensDetails: { extra: {}, ...details.prompt } }),
    ...(details.answer && { completionTokensDetails: { extra: {}, ...details.answer } }),
    extra: details.extra ?? {},
  });
}

const metersOf = (usage: TokenUsage) => {
  const quantities = quantitiesOf(usage);
  return quantities && Object.fromEntries(quantities.map(({ meter, quantity }) => [meter, quantity]));
};

describe("usage as meters", () => {
  test("takes parts out of their wholes", () => {
    const usage = usageOf(100n, 50n, { prompt: { cachedTokens: 30n, audioTokens: 10n }, answer: { reasoningTokens: 20n, audioTokens: 5n } });
    expect(metersOf(usage)).toEqual({
      input_tokens: 60n, cache_read_tokens: 30n, input_audio_tokens: 10n, output_tokens: 25n, reasoning_tokens: 20n, output_audio_tokens: 5n, requests: 1n,
    });
  });

  test("reads what other providers tell under names of their own", () => {
    const usage = usageOf(100n, 1n, { extra: { prompt_cache_hit_tokens: "40" }, prompt: { extra: { cache_write_tokens: "20" } } });
    expect(metersOf(usage)).toEqual({ input_tokens: 40n, cache_read_tokens: 40n, cache_write_tokens: 20n, output_tokens: 1n, requests: 1n });
  });

  test("tells what was written to a cache for an hour, which costs more, from what was written for less", () => {
    const extra = { cache_write_tokens: "300", cache_write_5m_tokens: "100", cache_write_1h_tokens: "200" };
    const usage = usageOf(1_321n, 95n, { prompt: { cachedTokens: 1_000n, extra }, answer: { reasoningTokens: 40n } });
    expect(metersOf(usage)).toEqual({
      input_tokens: 21n, cache_read_tokens: 1_000n, cache_write_tokens: 100n, cache_write_1h_tokens: 200n, output_tokens: 55n, reasoning_tokens: 40n, requests: 1n,
    });
  });

  test("adds reasoning that the provider counts beside its answer", () => {
    expect(metersOf(usageOf(10n, 5n, { answer: { reasoningTokens: 3n }, total: 18n }))).toMatchObject({ output_tokens: 5n, reasoning_tokens: 3n });
    expect(metersOf(usageOf(10n, 5n, { answer: { reasoningTokens: 8n } }))).toMatchObject({ output_tokens: 5n, reasoning_tokens: 8n });
    expect(metersOf(usageOf(10n, 5n, { answer: { reasoningTokens: 3n } }))).toMatchObject({ output_tokens: 2n, reasoning_tokens: 3n });
  });

  test("of zero is zero, and is told from none", () => {
    expect(metersOf(usageOf(0n, 0n))).toEqual({ requests: 1n });
    expect(metersOf(usageOf(0n, 7n))).toEqual({ output_tokens: 7n, requests: 1n });
    const untold = TokenUsage.create({ promptTokens: 7n, totalTokens: 7n });
    expect(quantitiesOf(untold)).toBeUndefined();
    expect(quantitiesOf(untold, false)).toEqual([{ meter: "input_tokens", quantity: 7n }, { meter: "requests", quantity: 1n }]);
    expect(metersOf(TokenUsage.create({ promptTokens: 7n, totalTokens: 9n }))).toEqual({ input_tokens: 7n, output_tokens: 2n, requests: 1n });
  });

  test.each([[-1n, 5n], [5n, -1n], [10n ** 12n, 0n]])("of %s and %s is not believed", (prompt, answer) => {
    expect(metersOf(usageOf(prompt, answer))).toBeUndefined();
  });

  test("with reasoning beyond what any model takes is not believed", () => {
    expect(metersOf(usageOf(10n, 5n, { answer: { reasoningTokens: 10n ** 19n } }))).toBeUndefined();
  });

  test("is disjoint and adds up, whatever parts are claimed", () => {
    const count = fc.bigInt({ min: 0n, max: 1_000n });
    fc.assert(fc.property(count, count, count, count, count, count, (prompt, answer, cached, audio, reasoning, spoken) => {
      const usage = usageOf(prompt, answer, { prompt: { cachedTokens: cached, audioTokens: audio }, answer: { reasoningTokens: reasoning, audioTokens: spoken }, total: prompt + answer + 1_000_000n });
      const quantities = quantitiesOf(usage) ?? [];
      const beside = reasoning > answer ? reasoning : 0n;
      expect(tokensOf(quantities)).toBe(prompt + answer + beside);
    }));
  });
});
