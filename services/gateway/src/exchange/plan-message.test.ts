import { readMessageRequest } from "@alfred/anthropic";
import { ModelPrice } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import type { ProviderKind } from "../domain/route.ts";
import { planMessage } from "./plan-message.ts";
import type { Plan } from "./plan.ts";

const meters = ["input_tokens", "output_tokens"].map((meter) => ({ meter, nanos: 1_000_000_000n, per: 1_000_000n, tiers: [] }));
const HELLO = { type: "text", text: "Hi" };
const MESSAGES = [{ role: "user", content: "Hi" }];

function plan(kind: ProviderKind, fields: Readonly<Record<string, unknown>>, limitTokens?: bigint): Plan {
  const { message } = readMessageRequest({ model: "m", max_tokens: 64, messages: MESSAGES, ...fields });
  const upstream = { id: kind, kind, baseUrl: "https://api.test", secret: "s", priceBook: kind };
  return planMessage({ ...message, betas: ["b-1", "b-2"], version: "2026-10-21" }, { upstream, model: "n", price: ModelPrice.create({ meters }) }, false, limitTokens);
}

const bodyOf = ({ request }: Plan): Record<string, unknown> => JSON.parse(request.body) as Record<string, unknown>;

describe("an answer in Anthropic's form", () => {
  test("is asked of who speaks it as the client asked, with its version and betas", () => {
    const odd = { top_k: 5, unknown: { z: 1, a: 2 }, messages: [...MESSAGES, { role: "assistant", content: [{ type: "thinking", thinking: "Hm.", signature: "c2ln" }] }] };
    const { request } = plan("anthropic", odd);
    expect(request).toMatchObject({ url: "https://api.test/v1/messages", headers: { "anthropic-version": "2026-10-21", "anthropic-beta": "b-1,b-2", "x-api-key": "s" } });
    expect(JSON.parse(request.body)).toEqual({ model: "n", max_tokens: 64, ...odd });
  });

  test("is asked of others by way of a chat, under their own name of the limit", () => {
    expect(plan("openai", { system: "Be brief." }).request.url).toBe("https://api.test/chat/completions");
    expect(bodyOf(plan("openai", { system: "Be brief." }))).toEqual({ model: "n", max_completion_tokens: 64, messages: [{ role: "system", content: "Be brief." }, ...MESSAGES] });
  });

  test.each(["anthropic", "openai"] as const)("is cut at %s to what the budget pays for", (kind) => {
    const cut = plan(kind, {}, 16n);
    expect(Object.values(bodyOf(cut))).toContain(16);
    expect([cut.isClamped, cut.bound.usage.outputTokens]).toEqual([true, 16n]);
  });

  test("leaves out what other providers' answers left in a conversation", () => {
    const answer = { role: "assistant", content: [{ type: "thinking", thinking: "Hm.", signature: "" }, { type: "text", text: "Well", extra_content: { google: {} } }] };
    expect(bodyOf(plan("anthropic", { messages: [...MESSAGES, answer, ...MESSAGES] }))["messages"]).toEqual([...MESSAGES, { role: "assistant", content: [{ type: "text", text: "Well" }] }, ...MESSAGES]);
  });

  test.each([
    ["openai", { top_k: 5 }, "top_k"],
    ["cohere", { messages: [{ role: "user", content: [HELLO, { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0" } }] }] }, "messages[0].content[1]"],
    ["anthropic", { container: "c" }, "container"],
    ["anthropic", { messages: [{ role: "user", content: [HELLO, { type: "image", source: { type: "file", file_id: "f_1" } }] }] }, "messages[0].content[1]"],
    ["anthropic", { messages: [{ role: "user", content: [HELLO, { type: "tool_result", tool_use_id: "t", content: [{ type: "document", source: { type: "file", file_id: "f_1" } }] }] }] }, "messages[0].content[1]"],
    ["anthropic", { messages: [{ role: "user", content: [HELLO, { type: "container_upload", file_id: "f_1" }] }] }, "messages[0].content[1]"],
  ] as const)("is refused by %s for %j, or goes without", (kind, fields, field) => {
    expect(() => plan(kind, fields)).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED", metadata: { provider: kind, field, fields: field } }));
    const body = plan(kind, { ...fields, drop_unsupported: true }).request.body;
    expect(body).not.toMatch(/top_k|JVBERi0|container|f_1|drop_unsupported/);
    expect(JSON.parse(body)).toMatchObject({ messages: [{ role: "user" }] });
  });

  test("may call a tool with what looks like a file", () => {
    const turn = { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: { type: "file", file_id: "f_1" } }] };
    expect(bodyOf(plan("anthropic", { messages: [...MESSAGES, turn] }))["messages"]).toEqual([...MESSAGES, turn]);
  });

  test("nested without end is refused, and ends nothing", () => {
    let block: object = HELLO;
    for (let depth = 0; depth < 20_000; depth += 1) block = { type: "search_result", source: "s", title: "t", content: [block] };
    const messages = [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: [block] }] }];
    expect(() => plan("anthropic", { messages })).toThrow(expect.objectContaining({ code: expect.stringMatching(/FEATURE_UNSUPPORTED|INVALID_ARGUMENT/) as unknown }));
  });

  test.each([
    ["tools", { tools: [{ type: "web_search_20250305", name: "web_search" }] }],
    ["speed", { speed: "fast" }],
    ["inference_geo", { inference_geo: "us" }],
    ["fallbacks", { fallbacks: [{ model: "claude-opus-5" }] }],
    ["mcp_servers", { mcp_servers: [{ type: "url", url: "https://x.test", name: "x" }] }],
  ])("is refused for %s, which the provider charges beside its tokens", (field, fields) => {
    expect(() => plan("anthropic", fields)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field } }));
  });

  test("may say that it wants nothing dearer", () => {
    const fields = { speed: "standard", inference_geo: "global", service_tier: "standard_only" };
    expect(bodyOf(plan("anthropic", fields))).toMatchObject(fields);
  });

  test("may use the provider's tools that the client runs, each held for", () => {
    const own = (count: number) => Array.from({ length: count }, () => ({ type: "bash_20250124", name: "bash" }));
    const [one, two] = [plan("anthropic", { tools: own(1) }), plan("anthropic", { tools: own(2) })];
    expect(bodyOf(one)["tools"]).toEqual(own(1));
    expect(two.bound.usage.inputTokens - one.bound.usage.inputTokens).toBeGreaterThan(1_024n);
  });

  test("is held for with at least a token for each byte that is sent", () => {
    const { bound, request } = plan("anthropic", { system: "x".repeat(1_000) });
    expect(bound.usage.inputTokens).toBeGreaterThanOrEqual(BigInt(Buffer.byteLength(request.body)));
  });
});
