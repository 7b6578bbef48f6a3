import { ModelPrice } from "@alfred/contracts";
import { readChatRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import type { ProviderKind, Upstream } from "../domain/route.ts";
import { planChat } from "./plan.ts";

const upstream = { id: "openai", kind: "openai" as const, baseUrl: "https://api.test/v1", secret: "", priceBook: "openai" };
const per = 1_000_000n;
const meters = ["input_tokens", "output_tokens"].map((meter) => ({ meter, nanos: 1_000_000_000n, per, tiers: [] }));

function plan(fields: Readonly<Record<string, unknown>>, price: Partial<ModelPrice> = { meters }, at: Upstream = upstream) {
  const { chat } = readChatRequest({ model: "m", messages: [{ role: "user", content: "Hi" }], ...fields });
  return planChat(chat, { upstream: at, model: "m", price: ModelPrice.create(price) }, false);
}

const own = { type: "function", function: { name: "f" } };

describe("what a provider charges beside its tokens", () => {
  test.each([
    ["service_tier", { service_tier: "priority" }],
    ["web_search_options", { web_search_options: {} }],
    ["speed", { speed: "fast" }],
    ["inference_geo", { inference_geo: "us" }],
    ["fallbacks", { fallbacks: "default" }],
    ["mcp_servers", { mcp_servers: [{ type: "url", url: "https://x.test", name: "x" }] }],
    ["tools", { tools: [own, { type: "web_search" }] }],
  ])("as %s is refused", (field, fields) => {
    expect(() => plan(fields)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field } }));
    expect(() => plan({ ...fields, max_tokens: 9 }, { meters }, { ...upstream, kind: "anthropic", priceBook: "anthropic" })).toThrow(/service_tier|web_search_options|costs on top/);
    expect(() => plan(fields, { free: true })).not.toThrow();
  });

  test.each([
    [{ service_tier: "auto" }],
    [{ service_tier: "flex" }],
    [{ service_tier: null, web_search_options: null }],
    [{ tools: [own, { type: "custom", custom: { name: "c" } }] }],
    [{ speed: "standard", inference_geo: "global", fallbacks: null }],
  ])("is not %j", (fields) => expect(() => plan(fields)).not.toThrow());

  test("is nothing of what Anthropic does anyway", () => {
    const fields = { speed: "standard", inference_geo: "global", service_tier: "standard_only" };
    expect(() => plan({ ...fields, max_tokens: 9 }, { meters }, { ...upstream, kind: "anthropic", priceBook: "anthropic" })).not.toThrow();
  });
});

describe("a price by another meter than tokens", () => {
  const priced = (...names: string[]) => ({ meters: [...meters, ...names.map((meter) => ({ meter, nanos: 5_000_000_000n, per: 1_000n, tiers: [] }))] });
  const of = (kind: ProviderKind, model: string, price: Partial<ModelPrice>) => {
    const { chat } = readChatRequest({ model, messages: [{ role: "user", content: "Hi" }], max_tokens: 10 });
    return planChat(chat, { upstream: { ...upstream, kind, priceBook: kind }, model, price: ModelPrice.create(price) }, false);
  };

  test("holds what a model may use unasked", () => {
    expect(of("perplexity", "sonar-deep-research", priced("web_searches")).worst.nanos).toBeGreaterThan(200n * 5_000_000n);
    expect(of("openai", "gpt-4o", priced("web_searches", "storage_searches")).worst).toEqual(of("openai", "gpt-4o", priced()).worst);
  });

  test.each([
    ["perplexity", "sonar-deep-research", priced()],
    ["perplexity", "sonar", priced("web_searches")],
    ["openai", "gpt-4o", priced("input_characters")],
  ] as const)("which %s's %s lacks, or which nobody counts, is none", (kind, model, price) => {
    expect(() => of(kind, model, price)).toThrow(expect.objectContaining({ code: "PRICE_UNKNOWN" }));
  });
});

test("images that a model makes unasked are held for as images", () => {
  const of = (model: string) => {
    const { chat } = readChatRequest({ model, messages: [{ role: "user", content: "Hi" }], max_tokens: 1_000 });
    const dear = [...meters, { meter: "output_image_tokens", nanos: 30_000_000_000n, per, tiers: [] }];
    return planChat(chat, { upstream: { ...upstream, kind: "gemini", priceBook: "google" }, model, price: ModelPrice.create({ meters: dear }) }, false).worst.nanos;
  };
  expect(of("gemini-2.5-flash-image") - of("gemini-2.5-flash")).toBeGreaterThan(29_000_000n - 100_000n);
});

test("what could cost more than the wallet can hold is the request's fault", () => {
  const dear = { meters: ["input_tokens", "output_tokens"].map((meter) => ({ meter, nanos: 1_000_000_000n * per, per, tiers: [] })) };
  expect(() => plan({ max_tokens: 50_000_000 }, dear)).not.toThrow();
  expect(() => plan({ max_tokens: 200_000_000 }, dear)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { model: "m" } }));
});

describe("a user's message of which nothing would be left", () => {
  const sound = { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } };
  const hello = { type: "text", text: "Hi" };
  const planAt = (kind: ProviderKind, content: unknown, drops: boolean) => {
    const { chat } = readChatRequest({ model: "m", messages: [{ role: "user", content }], max_tokens: 8, drop_unsupported: drops });
    return planChat(chat, { upstream: { ...upstream, id: kind, kind, priceBook: kind }, model: "m", price: ModelPrice.create({ meters }) }, false);
  };

  test.each(["anthropic", "cohere", "deepseek"] as const)("is refused by %s whether or not what it cannot serve is to be left out", (kind) => {
    const lost = expect.objectContaining({ code: "FEATURE_UNSUPPORTED", metadata: expect.objectContaining({ field: expect.stringMatching(/^messages\[0\]\.content\[0\]/) as unknown }) as unknown }) as Error;
    for (const drops of [false, true]) expect(() => planAt(kind, [sound], drops)).toThrow(lost);
    expect(() => planAt(kind, [sound, hello], true)).not.toThrow();
  });
});
