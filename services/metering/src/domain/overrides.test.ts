import { ModelPrice } from "@alfred/contracts";
import { PriceBook } from "@alfred/money";
import { describe, expect, test } from "vitest";
import { readOverrides, withOverrides } from "./overrides.ts";

const AT = new Date("2026-11-21T12:00:00Z");
const BOOK = [
  ModelPrice.fromPartial({ provider: "openai", model: "other", patterns: [{ rule: { $case: "startsWith", value: "gpt-" } }], meters: [{ meter: "input_tokens", nanos: 9n, per: 1n }] }),
  ModelPrice.fromPartial({ provider: "openai", model: "o3", aliases: ["o3-2025-04-16"], contextWindow: 200_000n, meters: [{ meter: "input_tokens", nanos: 9n, per: 1n }] }),
  ModelPrice.fromPartial({ provider: "openai", model: "o3", aliases: ["o3-2025-04-16"], startTime: new Date(0), meters: [{ meter: "input_tokens", nanos: 8n, per: 1n }] }),
  ModelPrice.fromPartial({ provider: "anthropic", model: "o3", meters: [{ meter: "input_tokens", nanos: 7n, per: 1n }] }),
];

function fileOf(...prices: object[]): string {
  return JSON.stringify({ prices });
}

function bookWith(...prices: object[]): PriceBook {
  return new PriceBook(withOverrides(BOOK, readOverrides(fileOf(...prices))));
}

describe("an override", () => {
  test("replaces all prices of a model and keeps its names and window", () => {
    const book = bookWith({ provider: "openai", model: "O3", meters: { input_tokens: "0.0375" } });
    expect(book.find("openai", "o3-2025-04-16", AT)).toMatchObject({ model: "o3", source: "override", contextWindow: 200_000n, meters: [{ nanos: 37_500_000n, per: 1_000_000n }] });
    expect(book.find("anthropic", "o3", AT)?.meters[0]?.nanos).toBe(7n);
  });

  test("adds a model that is not known, before any pattern can catch its name", () => {
    const book = bookWith({ provider: "openai", model: "gpt-mine", meters: { input_tokens: "1" }, aliases: ["gpt-ours"] });
    expect(book.find("openai", "gpt-ours", AT)?.model).toBe("gpt-mine");
    expect(book.find("openai", "gpt-other", AT)?.model).toBe("other");
  });

  test("adds a provider that is not known", () => {
    expect(bookWith({ provider: "local", model: "llama", free: true }).find("local", "llama", AT)).toMatchObject({ free: true, meters: [] });
  });

  test("may say the quantity, tiers and sizes", () => {
    const [price] = readOverrides(fileOf({
      provider: "p", model: "m", context_window: 128_000, max_output_tokens: 4096,
      meters: { requests: { usd: "0.001", per: 1 }, input_tokens: { usd: "1.25", tiers: [{ above_input_tokens: 200_000, usd: "2.5" }] } },
    }));
    expect(price).toMatchObject({
      contextWindow: 128_000n,
      maxOutputTokens: 4096n,
      meters: [
        { meter: "requests", nanos: 1_000_000n, per: 1n, tiers: [] },
        { meter: "input_tokens", nanos: 1_250_000_000n, per: 1_000_000n, tiers: [{ aboveInputTokens: 200_000n, nanos: 2_500_000_000n }] },
      ],
    });
  });

  test("finer than a nano-dollar stays exact in all its tiers", () => {
    const [price] = readOverrides(fileOf({ provider: "p", model: "m", meters: { input_tokens: { usd: "0.00000000015", tiers: [{ above_input_tokens: 1, usd: "1" }] } } }));
    expect(price?.meters[0]).toMatchObject({ nanos: 15n, per: 100_000_000n, tiers: [{ nanos: 100_000_000_000n }] });
  });
});

describe("a file that says what cannot be is refused with the place", () => {
  const ok = { provider: "p", model: "m" };
  test.each([
    ["{", "the file is not JSON"],
    ["[]", "the file must be an object"],
    [JSON.stringify({ price: [] }), "the file.price is not known here"],
    [JSON.stringify({ prices: {} }), "the file.prices must be a list"],
    [fileOf({ model: "m", free: true }), "prices[0].provider must be text"],
    [fileOf({ ...ok, free: true }, { ...ok, model: "M", free: true }), "prices[1]: p/M is there twice"],
    [fileOf(ok), 'prices[0] (p/m) needs either meters with prices or "free": true'],
    [fileOf({ ...ok, free: true, meters: { input_tokens: "1" } }), "needs either meters with prices or"],
    [fileOf({ ...ok, free: "yes" }), "prices[0].free must be true or false"],
    [fileOf({ ...ok, meters: { input_tokens: 0.15 } }), 'prices[0].meters.input_tokens must be a decimal in quotes, as "0.15"'],
    [fileOf({ ...ok, meters: { input_tokens: "-1" } }), 'prices[0].meters.input_tokens: "-1" is not a price in dollars'],
    [fileOf({ ...ok, meters: { input_tokens: "99999999999" } }), "does not fit 64 bits"],
    [fileOf({ ...ok, meters: { "Input Tokens": "1" } }), "prices[0].meters.Input Tokens is not the name of a meter"],
    [fileOf({ ...ok, meters: { input_tokens: { usd: "1", dollars: "2" } } }), "prices[0].meters.input_tokens.dollars is not known here"],
    [fileOf({ ...ok, meters: { input_tokens: { usd: "1", tiers: [{ usd: "2" }] } } }), "prices[0].meters.input_tokens.tiers[0].above_input_tokens is missing"],
    [fileOf({ ...ok, free: true, context_window: "128k" }), "prices[0].context_window must be a whole number"],
    [fileOf({ ...ok, free: true, contextwindow: 1 }), "prices[0].contextwindow is not known here"],
  ])("%s", (text, message) => {
    expect(() => readOverrides(text)).toThrow(message);
  });
});
