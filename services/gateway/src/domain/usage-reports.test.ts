import { TokenUsage } from "@alfred/contracts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type UsageReports, mergedUsage } from "./usage-reports.ts";

const NONE = { extra: {} };

function reportOf(promptTokens: bigint, completionTokens?: bigint, more: Partial<TokenUsage> = {}): TokenUsage {
  return TokenUsage.create({ promptTokens, completionTokens, totalTokens: promptTokens + (completionTokens ?? 0n), ...more });
}

function merged(reports: UsageReports, ...all: readonly TokenUsage[]): TokenUsage | undefined {
  return all.reduce<TokenUsage | undefined>((before, report) => mergedUsage(before, report, reports), undefined);
}

describe("several reports of the usage of one stream", () => {
  test("that are cumulative: the later count for the earlier", () => {
    expect(merged("cumulative", reportOf(10n, 1n), reportOf(10n, 5n), reportOf(10n, 9n))).toMatchObject({ promptTokens: 10n, completionTokens: 9n, totalTokens: 19n });
  });

  test("that are incremental are summed", () => {
    const details = (reasoningTokens: bigint): Partial<TokenUsage> => ({ completionTokensDetails: { ...NONE, reasoningTokens } });
    expect(merged("incremental", reportOf(10n, 1n, details(1n)), reportOf(0n, 5n), reportOf(0n, 9n, details(2n)))).toMatchObject({
      promptTokens: 10n, completionTokens: 15n, totalTokens: 25n, completionTokensDetails: { reasoningTokens: 3n },
    });
  });

  test.each<[UsageReports, bigint]>([["cumulative", 30n], ["incremental", 60n]])("that are %s never erase what an earlier one said", (reports, cached) => {
    const details = { promptTokensDetails: { ...NONE, cachedTokens: 30n, extra: { cache_write_tokens: "5" } }, extra: { cost: "0.1" } };
    const usage = merged(reports, reportOf(40n, 2n, details), reportOf(0n), reportOf(0n, undefined, { promptTokensDetails: { ...NONE, cachedTokens: 30n } }));
    expect(usage).toMatchObject({
      promptTokens: 40n, completionTokens: 2n, totalTokens: 42n, extra: { cost: "0.1" },
      promptTokensDetails: { cachedTokens: cached, extra: { cache_write_tokens: "5" } },
    });
  });

  test("that fall are not believed", () => {
    expect(merged("cumulative", reportOf(10n, 9n), reportOf(10n, 3n), reportOf(-5n, 0n))).toMatchObject({ promptTokens: 10n, completionTokens: 9n, totalTokens: 19n });
    expect(merged("incremental", reportOf(10n, 9n), reportOf(-5n, -1n))).toMatchObject({ promptTokens: 10n, completionTokens: 9n });
  });

  test("of zero say zero, and what none of them tells is not told", () => {
    expect(merged("cumulative", reportOf(0n, 0n), reportOf(0n, 0n))).toMatchObject({ promptTokens: 0n, completionTokens: 0n, totalTokens: 0n });
    expect(merged("incremental", reportOf(3n), reportOf(4n))?.completionTokens).toBeUndefined();
  });

  test("with counts that have no field here are merged like the others, and other words are the last ones", () => {
    const details = (tokens: string): Partial<TokenUsage> => ({ promptTokensDetails: { extra: { image_tokens: tokens } }, extra: { tier: `"${tokens}"` } });
    expect(merged("cumulative", reportOf(1n, 1n, details("7")), reportOf(1n, 1n, details("4")))).toMatchObject({ promptTokensDetails: { extra: { image_tokens: "7" } }, extra: { tier: '"4"' } });
    expect(merged("incremental", reportOf(1n, 1n, details("7")), reportOf(1n, 1n, details("4")))).toMatchObject({ promptTokensDetails: { extra: { image_tokens: "11" } } });
    expect(merged("cumulative", reportOf(1n, 1n, details("7")), reportOf(1n, 1n, { extra: { tier: "null" } }))?.extra).toEqual({ tier: '"7"' });
  });

  test("come to the same in any order where they are cumulative, and are never less than any of them", () => {
    const count = fc.bigInt({ min: 0n, max: 1_000n });
    fc.assert(fc.property(fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 6 }), (counts) => {
      const reports = counts.map(([prompt, answer]) => reportOf(prompt, answer));
      const usage = merged("cumulative", ...reports);
      expect(merged("cumulative", ...reports.toReversed())).toEqual(usage);
      for (const { promptTokens, completionTokens } of reports) {
        expect(usage?.promptTokens).toBeGreaterThanOrEqual(promptTokens);
        expect(usage?.completionTokens).toBeGreaterThanOrEqual(completionTokens ?? 0n);
      }
    }));
  });
});
