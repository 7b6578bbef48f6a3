import { ModelPrice } from "@alfred/contracts";
import { readResponseRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import type { ProviderKind } from "../domain/route.ts";
import { writeCarried } from "../responses/carried.ts";
import { planResponse } from "./plan-response.ts";
import type { Plan } from "./plan.ts";

const meters = ["input_tokens", "output_tokens"].map((meter) => ({ meter, nanos: 1_000_000_000n, per: 1_000_000n, tiers: [] }));
const V1 = "https://a.test/openai/v1";

function plan(kind: ProviderKind, fields: Readonly<Record<string, unknown>>, { limitTokens, priceBook = kind, baseUrl = "https://api.test" }: { limitTokens?: bigint; priceBook?: string; baseUrl?: string } = {}): Plan {
  const { response } = readResponseRequest({ model: "m", input: "Hi", ...fields });
  const upstream = { id: kind, kind, baseUrl, secret: "s", priceBook };
  return planResponse(response, { upstream, model: "n", price: ModelPrice.create({ meters }) }, false, limitTokens);
}

const bodyOf = ({ request }: Plan): Record<string, unknown> => JSON.parse(request.body) as Record<string, unknown>;

describe("an answer in the form of Responses", () => {
  test("is asked of who speaks them as the client asked, but kept by nobody", () => {
    const odd = { unknown: { z: 1, a: 2 }, include: ["reasoning.encrypted_content"], max_output_tokens: 64 };
    const { request } = plan("openai", { ...odd, store: true });
    expect(request).toMatchObject({ url: "https://api.test/responses", headers: { authorization: "Bearer s" }, form: "response" });
    expect(JSON.parse(request.body)).toEqual({ model: "n", input: "Hi", ...odd, store: false });
    expect(plan("azure", {}, { baseUrl: V1 }).request).toMatchObject({ url: `${V1}/responses`, headers: { "api-key": "s" } });
  });

  test("is asked of others by way of a chat, under their own name of the limit", () => {
    const chat = { model: "n", messages: [{ role: "user", content: "Hi" }] };
    const { request } = plan("azure", { max_output_tokens: 64 });
    expect(request.url).toContain("/openai/deployments/n/chat/completions");
    expect(request.form).toBeUndefined();
    expect(JSON.parse(request.body)).toEqual({ ...chat, max_completion_tokens: 64 });
    expect(bodyOf(plan("openai", { max_output_tokens: 64 }, { priceBook: "groq" }))).toEqual({ ...chat, max_tokens: 64 });
    expect(bodyOf(plan("openai", {}, { priceBook: "" }))).toEqual(chat);
  });

  test.each(["anthropic", "openai"] as const)("is cut at %s to what the budget pays for", (kind) => {
    const cut = plan(kind, {}, { limitTokens: 16n });
    expect(Object.values(bodyOf(cut))).toContain(16);
    expect([cut.isClamped, cut.bound.usage.outputTokens]).toEqual([true, 16n]);
  });

  test("leaves out thoughts that its provider cannot read", () => {
    const ours = writeCarried({ message: { thinking_blocks: "[]" }, calls: {} });
    const thoughts = (encrypted?: string) => ({ type: "reasoning", id: "rs_1", summary: [], ...(encrypted === undefined ? {} : { encrypted_content: encrypted }) });
    const question = { role: "user", content: "Hi" };
    expect(bodyOf(plan("openai", { input: [thoughts(ours), thoughts(), thoughts("gAAA"), question] }))["input"]).toEqual([thoughts("gAAA"), question]);
  });

  test.each([
    [{ previous_response_id: "resp_1" }, "previous_response_id"],
    [{ background: true }, "background"],
    [{ conversation: "conv_1" }, "conversation"],
    [{ prompt: { id: "pmpt_1" } }, "prompt"],
    [{ input: [{ type: "item_reference", id: "msg_1" }] }, "input[0]"],
    [{ input: [{ role: "user", content: [{ type: "input_text", text: "a" }, { type: "input_file", file_id: "file_1" }] }] }, "input[0].content[1].file_id"],
    [{ input: [{ type: "function_call_output", call_id: "c", output: [{ type: "input_image", file_id: "file_1" }] }] }, "input[0].output[0].file_id"],
    [{ input: [{ type: "computer_call_output", call_id: "c", output: { type: "computer_screenshot", file_id: "file_1" } }] }, "input[0]"],
  ] as [Record<string, unknown>, string][])("is refused for %j, which would have to be kept, or goes without", (fields, field) => {
    for (const kind of ["openai", "anthropic"] as const) {
      expect(() => plan(kind, fields)).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED", hint: expect.stringContaining("`input`") as unknown, metadata: { provider: kind, field, fields: field } }));
      const rest = Array.isArray(fields["input"]) ? { input: [...fields["input"] as object[], { role: "user", content: "Hi" }] } : {};
      expect(plan(kind, { ...fields, ...rest, drop_unsupported: true }).request.body).not.toMatch(/resp_1|background|conv_1|pmpt_1|file_1|msg_1/);
    }
  });

  test("is refused where nothing is left to ask", () => {
    expect(() => plan("openai", { input: [{ type: "item_reference", id: "msg_1" }], drop_unsupported: true })).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED" }));
  });

  test.each([
    ["anthropic", { truncation: "auto" }, "truncation"],
    ["anthropic", { text: { verbosity: "low" } }, "text.verbosity"],
    ["cohere", { input: [{ role: "user", content: [{ type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0" }] }] }, "input[0].content[0]"],
    ["gemini", { input: [{ type: "program", id: "p" }] }, "input[0]"],
  ] as const)("is refused by %s for %j, or goes without", (kind, fields, field) => {
    expect(() => plan(kind, fields)).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED", metadata: { provider: kind, field, fields: field } }));
  });

  test.each(["web_search", "file_search", "code_interpreter", "image_generation", "mcp", "computer_use_preview"])("is refused for the tool %s, which the provider charges beside its tokens", (type) => {
    for (const kind of ["openai", "anthropic"] as const) {
      expect(() => plan(kind, { tools: [{ type }] })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field: "tools" } }));
    }
    expect(() => plan("openai", { service_tier: "priority" })).toThrow(expect.objectContaining({ metadata: { field: "service_tier" } }));
  });

  test("is held for with at least a token for each byte that is sent, and all of the context for what has no size", () => {
    const { bound, request } = plan("openai", { instructions: "x".repeat(1_000), input: [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "y".repeat(1_000) }, { role: "user", content: "Hi" }] });
    expect(bound.usage.inputTokens).toBeGreaterThanOrEqual(BigInt(Buffer.byteLength(request.body)));
    for (const content of [{ type: "input_file", file_url: "https://a.test/b.pdf" }, { type: "some_day" }]) {
      expect(plan("openai", { input: [{ role: "user", content: [content] }] }).bound.usage.inputTokens).toBeGreaterThanOrEqual(1_048_576n);
    }
    expect(plan("openai", { input: [{ type: "computer_call_output", output: { image_url: "https://a.test/b.png" } }] }).bound.usage.inputTokens).toBeGreaterThanOrEqual(1_048_576n);
  });
});
