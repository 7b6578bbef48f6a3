import { ModelPrice } from "@alfred/contracts";
import { readResponseRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import type { ProviderKind } from "../domain/route.ts";
import type { StoredResponse } from "../stored/id-seal.ts";
import { ItemIds } from "../stored/item-ids.ts";
import { PastItems } from "../stored/past-items.ts";
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
    [{ input: [{ role: "user", content: [{ type: "input_text", text: "a" }, { type: "input_file", file_id: "file_1" }] }] }, "input[0].content[1].file_id"],
    [{ input: [{ type: "function_call_output", call_id: "c", output: [{ type: "input_image", file_id: "file_1" }] }] }, "input[0].output[0].file_id"],
    [{ input: [{ type: "computer_call_output", call_id: "c", output: { type: "computer_screenshot", file_id: "file_1" } }] }, "input[0]"],
  ] as [Record<string, unknown>, string][])("is refused for %j, which would have to be kept, or goes without", (fields, field) => {
    for (const kind of ["openai", "anthropic"] as const) {
      expect(() => plan(kind, fields)).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED", hint: expect.stringContaining("`input`") as unknown, metadata: { provider: kind, field, fields: field } }));
      const rest = Array.isArray(fields["input"]) ? { input: [...fields["input"] as object[], { role: "user", content: "Hi" }] } : {};
      expect(plan(kind, { ...fields, ...rest, drop_unsupported: true }).request.body).not.toMatch(/resp_1|background|conv_1|pmpt_1|file_1/);
    }
  });

  describe("that goes on from another", () => {
    const stored = { providerId: "openai", model: "n", upstreamId: "resp_upstream", tokens: 1_000n };
    const asked = { previous_response_id: "resp_told" };
    const past: Past = { keeps: true, stored };

    test("is asked by the provider's id, and held for with all that stands there", () => {
      const [alone, next] = [plan("openai", {}), plan("openai", asked, { past })];
      expect(bodyOf(next)).toEqual({ model: "n", input: "Hi", previous_response_id: "resp_upstream" });
      expect(next.request.ownIds).toEqual(new Map([["resp_upstream", "resp_told"]]));
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

  describe("that refers to items", () => {
    const ids = new ItemIds(Buffer.alloc(32, 1));
    const answer = { providerId: "openai", model: "n", name: "resp_upstream", tokens: 1_000n };
    const [thoughts, message] = ids.of(answer).tell([{ id: "rs_1" }, { id: "msg_1" }]);
    const question = { role: "user", content: "Hi" };
    const refer = (...named: readonly ({ id?: string } | undefined)[]) => ({ input: [...named.map((item) => ({ type: "item_reference", id: item?.id })), question] });
    const planned = (kind: ProviderKind, fields: Record<string, unknown>, holders: readonly string[] = ["azure", "openai"], at: At = {}): Plan => {
      const items = new PastItems(ids, readResponseRequest({ model: "m", input: "Hi", ...fields }).response, holders);
      return plan(kind, fields, { past: { keeps: true, stored: undefined, items }, ...at });
    };
    const inputOf = ({ bound }: Plan): bigint => bound.usage.inputTokens;

    test("is asked by the provider's ids, with what else is not whole, and not with what is", () => {
      const items = [{ type: "item_reference", ...thoughts }, message, { type: "reasoning", ...thoughts, summary: [], encrypted_content: "gAAA" }, { type: "message", ...message, role: "assistant", content: "a" }, question];
      const { request } = planned("openai", { input: items });
      expect((JSON.parse(request.body) as { input: unknown }).input).toEqual([
        { type: "item_reference", id: "rs_1" }, { type: "item_reference", id: "msg_1" }, { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" }, { type: "message", role: "assistant", content: "a" }, question,
      ]);
      expect(request.ownIds).toEqual(new Map([["rs_1", thoughts?.id], ["msg_1", message?.id]]));
    });

    test("is held for with what each answer came to, once, and with the context where that is not known", () => {
      const other = ids.of({ ...answer, name: "resp_other" }).tell([{ id: "msg_2" }]);
      const [none, one, both, two] = [[], [message], [thoughts, message], [message, ...other]].map((named) => inputOf(planned("openai", refer(...named)))) as [bigint, bigint, bigint, bigint];
      expect(one - none).toBeGreaterThanOrEqual(1_000n);
      expect(both - one).toBeLessThan(100n);
      expect(two - one).toBeGreaterThanOrEqual(1_000n);
      const [unknown] = ids.of({ ...answer, tokens: undefined }).tell([{ id: "msg_3" }]);
      const [counted] = ids.of({ ...answer, model: "other" }).tell([{ id: "msg_3" }]);
      for (const item of [unknown, counted]) expect(inputOf(planned("openai", refer(item), undefined, { contextWindow: 9_000n }))).toBe(9_000n);
    });

    test("is not found where one is kept elsewhere, is nothing of the client's, or is not proven", () => {
      const [there] = ids.of({ ...answer, providerId: "azure" }).tell([{ id: "msg_1" }]);
      for (const [item, named] of [[there, [there]], [there, [message, there]], [{ id: "msg_1" }, [{ id: "msg_1" }]], [{ id: `${message?.id}A` }, [{ id: `${message?.id}A` }]]] as const) {
        const error = expect.objectContaining({ code: "NOT_FOUND", message: `Item with id '${item?.id}' not found.`, metadata: { field: "input" } }) as unknown;
        expect(() => planned("openai", { ...refer(...named), drop_unsupported: true })).toThrow(error);
        expect(() => plan("openai", refer(item))).toThrow(error);
      }
      expect(() => planned("openai", refer(message), ["azure"])).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
    });

    test("is refused by who keeps nothing, or goes without", () => {
      const metadata = { provider: "anthropic", field: "input[0]", fields: "input[0]" };
      expect(() => planned("anthropic", refer(message))).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED", metadata, hint: expect.stringContaining("`store`") as unknown }));
      const without = planned("anthropic", { ...refer(message), drop_unsupported: true });
      expect(inputOf(without)).toBe(inputOf(plan("anthropic", { input: [question] })));
      expect(without.request.body).not.toContain("msg_1");
    });

    test("is refused where it refers to too many", () => {
      expect(() => planned("openai", refer(...Array.from({ length: 4_097 }, (_, index) => ({ id: `msg_${index}` }))))).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field: "input" } }));
    });
  });

  test("names no item by an id, but for thoughts", () => {
    const input = [{ type: "message", id: "msg_1", role: "assistant", content: "a" }, { type: "function_call", id: "fc_1", call_id: "c", name: "f", arguments: "{}" }, { type: "function_call_output", id: "o", call_id: "c", output: "1" }, { type: null, id: "msg_2", role: "user" }];
    expect(bodyOf(plan("openai", { input }))["input"]).toEqual(input.map(({ id: _id, ...item }) => item));
  });

  test("is refused where nothing is left to ask", () => {
    expect(() => plan("anthropic", { input: [{ type: "item_reference", id: "msg_1" }], drop_unsupported: true })).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED" }));
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
