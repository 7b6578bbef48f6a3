import { ModelPrice } from "@alfred/contracts";
import { readModerationRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import type { ProviderKind } from "../domain/route.ts";
import { planModeration } from "./plan-moderation.ts";
import type { Plan } from "./plan.ts";

const meters = [{ meter: "input_tokens", nanos: 1_000_000_000n, per: 1_000_000n, tiers: [] }];
const IMAGE = { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(100_000)}` } };

function plan(kind: ProviderKind, fields: Readonly<Record<string, unknown>>): Plan {
  const upstream = { id: kind, kind, baseUrl: "https://api.test", secret: "s", priceBook: kind };
  return planModeration(readModerationRequest({ model: "m", ...fields }), { upstream, model: "n", price: ModelPrice.create({ meters }) });
}

describe("moderations", () => {
  test("go as they are", () => {
    const { request } = plan("openai", { input: ["a", "b"], unknown: 1, drop_unsupported: false });
    expect(request.url).toBe("https://api.test/moderations");
    expect(JSON.parse(request.body)).toEqual({ model: "n", input: ["a", "b"], unknown: 1 });
  });

  test("are held for with a token for each byte of text, images as in chats", () => {
    const text = plan("openai", { input: "x".repeat(1_000) });
    expect([text.bound.usage.inputTokens > 1_000n, text.bound.usage.outputTokens, text.prompt().text.length]).toEqual([true, 0n, 1_000]);
    const { bound } = plan("openai", { input: [{ type: "text", text: "hi" }, IMAGE] });
    expect([bound.usage.inputTokens < 100_000n, bound.isText, bound.mediaTokens > 0]).toEqual([true, false, true]);
  });

  test("of Mistral are of texts", () => {
    expect(plan("mistral", { input: "a" }).request.url).toBe("https://api.test/moderations");
    expect(() => plan("mistral", { input: [IMAGE] })).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED" }));
  });

  test.each(["azure", "anthropic", "gemini", "cohere", "groq"] as const)("are nothing that %s has", (kind) => {
    expect(() => plan(kind, { input: "a" })).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED", metadata: { provider: kind, field: "model", fields: "model" } }));
  });
});
