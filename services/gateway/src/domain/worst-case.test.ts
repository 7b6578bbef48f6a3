import { ModelPrice } from "@alfred/contracts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Tokenizer } from "../tokens/tokenizer.ts";
import { imageBound } from "./image-bound.ts";
import { chatBound, embeddingBound, worstCharge } from "./worst-case.ts";

const LIMITS = { contextWindow: undefined, maxOutputTokens: 1_000n };

function boundOf(json: Record<string, unknown>, limits: Parameters<typeof chatBound>[2] = LIMITS, model = "gpt-4o") {
  const text = JSON.stringify(json);
  return chatBound({ json, text, bytes: Buffer.byteLength(text) }, model, limits);
}

const userSays = (content: unknown) => ({ messages: [{ role: "user", content }] });
const bytesOf = (json: unknown): bigint => BigInt(Buffer.byteLength(JSON.stringify(json)));

describe("the bound of a prompt", () => {
  test("is every byte that is sent", () => {
    const json = { ...userSays("Grüße 👋"), seed: 1 };
    expect(boundOf(json).usage.inputTokens).toBe(bytesOf(json));
  });

  test("is never below what the tokenizer counts", async () => {
    const tokenizer = new Tokenizer();
    await fc.assert(fc.asyncProperty(fc.string({ unit: "binary", maxLength: 400 }), async (text) => {
      const count = await tokenizer.count("gpt-4o", text);
      expect(boundOf(userSays(text)).usage.inputTokens).toBeGreaterThanOrEqual(BigInt(count));
    }), { numRuns: 200 });
  });

  test("is not lowered by a context that the provider may not keep to", () => {
    expect(boundOf(userSays("x".repeat(5_000)), { ...LIMITS, contextWindow: 4_096n }).usage.inputTokens).toBeGreaterThan(5_000n);
  });

  test.each(["https://x.test/film.mp4", "https://x.test/watch?v=1", "data:video/mp4;base64,AAAA", "data:application/pdf;base64,AAAA"])(
    "of %s where an image is due is the context, at the dearest price of all media, where the provider takes that",
    (url) => {
      const json = userSays([{ type: "image_url", image_url: { url } }]);
      const text = JSON.stringify(json);
      const { usage } = chatBound({ json, text, bytes: Buffer.byteLength(text) }, "gemini-2.5-flash", { contextWindow: 500_000n, maxOutputTokens: 10n }, { takesAnyFile: true });
      expect(usage.inputTokens).toBe(500_000n);
      expect(usage.inputMeters).toEqual(expect.arrayContaining(["input_image_tokens", "input_audio_tokens"]));
    },
  );

  test("may be written to a cache for an hour only where that is asked for", () => {
    const cached = userSays([{ type: "text", text: "x", cache_control: { type: "ephemeral", ttl: "1h" } }]);
    expect(boundOf(cached).usage.inputMeters).toContain("cache_write_1h_tokens");
    expect(boundOf(userSays('a cache of "1h"')).usage.inputMeters).not.toContain("cache_write_1h_tokens");
  });

  test("adds what providers add for tools", () => {
    const json = { ...userSays("x"), tools: [] };
    expect(boundOf(json).usage.inputTokens).toBe(bytesOf(json) + 1_024n);
  });

  test.each([["an address", "https://x.test/a.png", 0], ["its data", `data:image/png;base64,${"A".repeat(9_000)}`, 9_022]])(
    "of an image by %s is the model's own, not its bytes",
    (_, url, dataBytes) => {
      const json = userSays([{ type: "image_url", image_url: { url } }]);
      const { usage, mediaTokens, isText } = boundOf(json);
      expect(mediaTokens).toBe(imageBound("gpt-4o"));
      expect(usage.inputTokens).toBe(bytesOf(json) - BigInt(dataBytes) + BigInt(mediaTokens));
      expect(usage.inputMeters).toContain("input_image_tokens");
      expect(isText).toBe(false);
    },
  );

  test.each([["gpt-4o", 2_805], ["gpt-4o-mini-2024-07-18", 93_505], ["openai/o1", 2_475], ["gpt-4.1-nano", 3_779], ["unheard-of", 93_505]])(
    "of an image for %s is %i tokens",
    (model, tokens) => expect(imageBound(model)).toBe(tokens),
  );

  test("of sound is one token per 32 characters, priced as sound if that is dearer", () => {
    const json = userSays([{ type: "input_audio", input_audio: { data: "A".repeat(3_200), format: "wav" } }]);
    const { usage } = boundOf(json);
    expect(usage.inputTokens).toBe(bytesOf(json) - 3_200n + 100n);
    expect(usage.inputMeters).toContain("input_audio_tokens");
  });

  test.each([
    ["a file", userSays([{ type: "file", file: { file_id: "f" } }])],
    ["something unknown", userSays([{ type: "video_url", video_url: { url: "https://x.test" } }])],
    ["an earlier answer in sound", { messages: [{ role: "assistant", audio: { id: "a" } }] }],
  ])("with %s is the whole context", (_, json) => {
    expect(boundOf(json, { ...LIMITS, contextWindow: 128_000n }).usage.inputTokens).toBe(128_000n);
    expect(boundOf(json).usage.inputTokens).toBe(1_048_576n);
  });
});

describe("the bound of an answer", () => {
  test.each([
    [{ max_tokens: 10 }, 10n],
    [{ max_completion_tokens: 20 }, 20n],
    [{ max_tokens: 30, max_completion_tokens: 20 }, 30n],
    [{ max_tokens: 10, n: 3 }, 30n],
    [{ n: 2 }, 2_000n],
    [{ max_tokens: null }, 1_000n],
    [{ max_tokens: 10, prediction: { type: "content", content: "Grüße" } }, 10n + bytesOf({ type: "content", content: "Grüße" })],
    [{ max_tokens: 10, prediction: null }, 10n],
  ])("with %j is %s", (fields, expected) => expect(boundOf({ ...userSays("x"), ...fields }).usage.outputTokens).toBe(expected));

  test("is the context where the longest answer is not known, and much where neither is", () => {
    expect(boundOf(userSays("x"), { contextWindow: 8_192n, maxOutputTokens: undefined }).usage.outputTokens).toBe(8_192n);
    expect(boundOf(userSays("x"), { contextWindow: undefined, maxOutputTokens: undefined }).usage.outputTokens).toBe(131_072n);
  });

  test.each([{ n: 0 }, { n: 1.5 }, { n: "2" }, { max_tokens: -1 }, { max_completion_tokens: [] }])("refuses %j", (fields) => {
    expect(() => boundOf({ ...userSays("x"), ...fields })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

describe("the bound of embeddings", () => {
  test.each([
    [{ input: "Grüße" }, undefined],
    [{ input: ["a", "b"] }, undefined],
    [{ input: [1, 2, 3] }, 3n],
    [{ input: [[1], [2, 3]] }, 3n],
  ])("of %j", (json, expected) => {
    const { usage } = embeddingBound({ json, bytes: Buffer.byteLength(JSON.stringify(json)), text: JSON.stringify(json) });
    expect(usage).toEqual({ inputTokens: expected ?? bytesOf(json), outputTokens: 0n });
  });
});

describe("the worst charge", () => {
  const per = 1_000_000n;
  const dearAbove = { aboveInputTokens: 100n, nanos: 5_000_000_000n };
  const price = ModelPrice.create({
    meters: [
      { meter: "input_tokens", nanos: 1_000_000_000n, per, tiers: [dearAbove] },
      { meter: "cache_write_tokens", nanos: 2_000_000_000n, per, tiers: [] },
      { meter: "output_tokens", nanos: 3_000_000_000n, per, tiers: [] },
    ],
  });

  test("is at the dearest meter and tier that the prompt can reach", () => {
    expect(worstCharge(price, { inputTokens: 100n, outputTokens: 10n })).toEqual({ nanos: 230_000n, tokens: 110n });
    expect(worstCharge(price, { inputTokens: 101n, outputTokens: 10n })).toEqual({ nanos: 535_000n, tokens: 111n });
  });

  test("is not known where a part has no price", () => {
    const inputOnly = ModelPrice.create({ meters: price.meters.slice(0, 1) });
    expect(worstCharge(inputOnly, { inputTokens: 1n, outputTokens: 1n })).toBeUndefined();
    expect(worstCharge(inputOnly, { inputTokens: 1n, outputTokens: 0n })).toEqual({ nanos: 1_000n, tokens: 1n });
  });
});
