import { ModelPrice, TokenUsage, UsageSource } from "@alfred/contracts";
import { readChatChunk, readChatRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { StreamedText } from "../domain/streamed-text.ts";
import { Tokenizer } from "../tokens/tokenizer.ts";
import { brokenConsumption, consumption, shownUsage } from "./outcome.ts";
import { planChat } from "./plan.ts";

const upstream = { id: "openai", kind: "openai" as const, baseUrl: "https://api.test/v1", secret: "", priceBook: "openai" };
const meters = [
  { meter: "input_tokens", nanos: 1n, per: 1n, tiers: [] },
  { meter: "cache_read_tokens", nanos: 1n, per: 1n, tiers: [] },
  { meter: "output_tokens", nanos: 2n, per: 1n, tiers: [] },
];
const { chat } = readChatRequest({ model: "gpt-4o", messages: [{ role: "user", content: "Hello, world!" }], max_tokens: 100 });
const plan = planChat(chat, { upstream, model: "gpt-4o", price: ModelPrice.create({ meters }) }, true);
const tokenizer = new Tokenizer();
/** As the tokenizer has it, with what a template adds. */
const PROMPT = 11n;

function saidOf(words: number): StreamedText {
  const said = new StreamedText();
  const choices = [{ index: 0, delta: { content: " word".repeat(words) }, finish_reason: null }];
  said.addChunk(readChatChunk({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices }));
  return said;
}

const usageOf = (promptTokens: bigint, completionTokens: bigint) =>
  TokenUsage.create({ promptTokens, completionTokens, totalTokens: promptTokens + completionTokens });

describe("an answer that broke off", () => {
  test.each([
    ["more was streamed than reported", usageOf(20n, 1n), 50, [20n, 50n], UsageSource.USAGE_SOURCE_ESTIMATED],
    ["more was reported than streamed", usageOf(20n, 60n), 50, [20n, 60n], UsageSource.USAGE_SOURCE_REPORTED],
    ["the prompt was reported too small", usageOf(1n, 60n), 50, [PROMPT, 60n], UsageSource.USAGE_SOURCE_ESTIMATED],
    ["the prompt alone was reported", TokenUsage.create({ promptTokens: 20n, completionTokens: undefined, totalTokens: 20n }), 50, [20n, 50n], UsageSource.USAGE_SOURCE_ESTIMATED],
    ["nothing was reported", undefined, 50, [PROMPT, 50n], UsageSource.USAGE_SOURCE_ESTIMATED],
  ] as const)("is charged for the larger where %s", async (_, usage, words, [prompt, answer], source) => {
    const consumed = await brokenConsumption(tokenizer, plan, usage, saidOf(words));
    expect(consumed.source).toBe(source);
    expect(consumed.quantities).toContainEqual({ meter: "input_tokens", quantity: prompt });
    expect(consumed.quantities).toContainEqual({ meter: "output_tokens", quantity: answer });
    expect(consumed.quantities).toContainEqual({ meter: "requests", quantity: 1n });
    expect(consumed.charge.nanos).toBe(prompt + 2n * answer);
  });
});

describe("the usage that the client sees", () => {
  test("is the provider's own where it is believed", async () => {
    const usage = usageOf(20n, 5n);
    expect(shownUsage(plan, await consumption(tokenizer, plan, usage, saidOf(1)), usage)).toBe(usage);
  });

  test("is the provider's own where it says that nothing was used", async () => {
    const usage = usageOf(0n, 0n);
    const consumed = await consumption(tokenizer, plan, usage, saidOf(3));
    expect(consumed).toMatchObject({ source: UsageSource.USAGE_SOURCE_REPORTED, charge: { nanos: 0n, tokens: 0n } });
    expect(shownUsage(plan, consumed, usage)).toBe(usage);
  });

  test("is what was counted where it is not", async () => {
    const usage = usageOf(-1n, 0n);
    const shown = shownUsage(plan, await consumption(tokenizer, plan, usage, saidOf(3)), usage);
    expect(shown).toMatchObject({ promptTokens: PROMPT, completionTokens: 3n, totalTokens: PROMPT + 3n });
  });
});
