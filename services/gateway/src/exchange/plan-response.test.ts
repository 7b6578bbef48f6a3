import { ModelPrice } from "@alfred/contracts";
import { readResponseRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import type { ProviderKind } from "../domain/route.ts";
import type { StoredResponse } from "../stored/id-seal.ts";
import type { Past } from "../stored/past.ts";
import { writeCarried } from "../responses/carried.ts";
import { planResponse } from "./plan-response.ts";
import type { Plan } from "./plan.ts";

const meters = ["input_tokens", "output_tokens"].map((meter) => ({ meter, nanos: 1_000_000_000n, per: 1_000_000n, tiers: [] }));
const V1 = "https://a.test/openai/v1";

interface At {
  readonly limitTokens?: bigint;
  readonly priceBook?: string;
  readonly baseUrl?: string;
  readonly past?: Past;
  readonly contextWindow?: bigint;
}

function plan(kind: ProviderKind, fields: Readonly<Record<string, unknown>>, { limitTokens, priceBook = kind, baseUrl = "https://api.test", past, contextWindow }: At = {}): Plan {
  const { response } = readResponseRequest({ model: "m", input: "Hi", ...fields });
  const upstream = { id: kind, kind, baseUrl, secret: "s", priceBook };
  return planResponse(response, { upstream, model: "n", price: ModelPrice.create({ meters, contextWindow }) }, false, limitTokens, past);
}

const bodyOf = ({ request }: Plan): Record<string, unknown> => JSON.parse(request.body) as Record<string, unknown>;

describe("an answer in the form of Responses", () => {
  test("is asked of who speaks them as the client asked, and kept there where whose it is can be told", () => {
    const odd = { unknown: { z: 1, a: 2 }, include: ["reasoning.encrypted_content"], max_output_tokens: 64 };
    const { request } = plan("openai", { ...odd, store: true });
    expect(request).toMatchObject({ url: "https://api.test/responses", headers: { authorization: "Bearer s" }, form: "response" });
    expect(JSON.parse(request.body)).toEqual({ model: "n", input: "Hi", ...odd, store: false });
    expect(bodyOf(plan("openai", { store: true }, { past: { keeps: true, stored: undefined } }))["store"]).toBe(true);
    expect(bodyOf(plan("openai", {}, { past: { keeps: true, stored: undefined } }))["store"]).toBeUndefined();
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

  describe("that goes on from another", () => {
    const stored = { providerId: "openai", model: "n", upstreamId: "resp_upstream", tokens: 1_000n };
    const asked = { previous_response_id: "resp_told" };
    const past: Past = { keeps: true, stored };

    test("is asked by the provider's id, and held for with all that stands there", () => {
      const [alone, next] = [plan("openai", {}), plan("openai", asked, { past })];
      expect(bodyOf(next)).toEqual({ model: "n", input: "Hi", previous_response_id: "resp_upstream" });
      expect(next.request.ownId).toEqual({ upstreamId: "resp_upstream", told: "resp_told" });
      expect(next.bound.usage.inputTokens - alone.bound.usage.inputTokens).toBeGreaterThanOrEqual(1_000n);
      expect(next.bound.mediaTokens).toBeGreaterThanOrEqual(1_000);
    });

    test("is held for with the model's context at most, and with all of it where another model counted, or nobody", () => {
      const inputOf = (other: Partial<StoredResponse>) => plan("openai", asked, { contextWindow: 9_000n, past: { keeps: true, stored: { ...stored, ...other } } }).bound.usage.inputTokens;
      expect([inputOf({ tokens: 1_000_000n }), inputOf({ model: "other" }), inputOf({ tokens: undefined })]).toEqual([9_000n, 9_000n, 9_000n]);
      expect(inputOf({})).toBeLessThan(2_000n);
    });

    test("is not found where that is kept elsewhere, or is nothing of the client's", () => {
      for (const found of [undefined, { ...stored, providerId: "azure" }]) {
        expect(() => plan("openai", { ...asked, drop_unsupported: true }, { past: { keeps: true, stored: found } }))
          .toThrow(expect.objectContaining({ code: "PREVIOUS_RESPONSE_NOT_FOUND", message: "Previous response with id 'resp_told' not found.", metadata: { field: "previous_response_id" } }));
      }
    });

    test("is refused by who keeps nothing, or goes without", () => {
      const metadata = { provider: "anthropic", field: "previous_response_id", fields: "previous_response_id" };
      expect(() => plan("anthropic", asked, { past })).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED", metadata, hint: expect.stringContaining("`input`") as unknown }));
      expect(plan("anthropic", { ...asked, drop_unsupported: true }).request.body).not.toContain("resp_told");
    });
  });

  test("names no item by an id, but for thoughts", () => {
    const input = [{ type: "message", id: "msg_1", role: "assistant", content: "a" }, { type: "function_call", id: "fc_1", call_id: "c", name: "f", arguments: "{}" }, { type: "function_call_output", id: "o", call_id: "c", output: "1" }];
    expect(bodyOf(plan("openai", { input }))["input"]).toEqual(input.map(({ id: _id, ...item }) => item));
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
