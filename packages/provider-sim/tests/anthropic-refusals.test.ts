import { describe, expect, test } from "vitest";
import { ASKED, post, startAnthropic } from "./anthropic-client.ts";
import { user } from "./sim-client.ts";

const TOOL = { name: "sum", input_schema: { type: "object" } };
const CALL = { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "sum", input: {} }] };
const RESULT = { type: "tool_result", tool_use_id: "toolu_1", content: "2" };
const THINKS = { max_tokens: 4_000, thinking: { type: "enabled", budget_tokens: 1_024 } };

async function refusal(body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
  const { url } = await startAnthropic();
  const answer = await post(url, body, headers);
  return { status: answer.status, body: await answer.json() };
}

function invalid(message: string): unknown {
  const containing: unknown = expect.stringContaining(message);
  return { type: "error", error: { type: "invalid_request_error", message: containing }, request_id: "req_sim_1" };
}

describe("a request that the API would refuse", () => {
  test.each([
    ["the limit", { model: "m", messages: user("Hi") }, "max_tokens: Field required"],
    ["an unknown field", { ...ASKED, messages: user("Hi"), frequency_penalty: 1 }, "frequency_penalty: Extra inputs are not permitted"],
    ["an unknown field inside", { ...ASKED, messages: [{ role: "user", content: [{ type: "text", text: "Hi", foo: 1 }] }] }, "messages.0.content.0.text.foo: Extra inputs"],
    ["no messages", { ...ASKED, messages: [] }, "messages: at least one message is required"],
    ["who speaks first", { ...ASKED, messages: [{ role: "assistant", content: "Hi" }] }, `messages: first message must use the "user" role`],
    ["an empty text", { ...ASKED, messages: [{ role: "user", content: "" }] }, "messages.0: all messages must have non-empty content"],
    ["a blank text", { ...ASKED, messages: user(" ") }, "text content blocks must contain non-whitespace text"],
    ["a role", { ...ASKED, messages: [{ role: "tool", content: "Hi" }] }, "messages.0.role: Input should be 'user', 'assistant' or 'system'"],
    ["a kind of block", { ...ASKED, messages: [{ role: "user", content: [{ type: "image_url" }] }] }, "messages.0.content.0.type: Input should be"],
    ["a kind of image", { ...ASKED, messages: [{ role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/bmp", data: "AAAA" } }] }] }, "source.base64.media_type: Input should be 'image/jpeg'"],
    ["a call without a result", { ...ASKED, tools: [TOOL], messages: [...user("sum"), CALL, ...user("Go on")] }, "`tool_use` ids were found without `tool_result` blocks immediately after: toolu_1"],
    ["a result behind a text", { ...ASKED, tools: [TOOL], messages: [...user("sum"), CALL, { role: "user", content: [{ type: "text", text: "Here" }, RESULT] }] }, "messages.1: `tool_use` ids were found without"],
    ["a result without a call", { ...ASKED, tools: [TOOL], messages: [{ role: "user", content: [RESULT] }] }, "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1"],
    ["a tool's schema", { ...ASKED, tools: [{ name: "sum" }], messages: user("sum") }, "tools.0.custom.input_schema: Field required"],
    ["a choice without tools", { ...ASKED, tool_choice: { type: "auto" }, messages: user("sum") }, "tool_choice may only be specified while providing tools"],
    ["a tool of no name here", { ...ASKED, tools: [TOOL], tool_choice: { type: "tool", name: "add" }, messages: user("sum") }, "Tool 'add' not found in provided tools"],
    ["a blank stop sequence", { ...ASKED, stop_sequences: ["\n"], messages: user("Hi") }, "each stop sequence must contain non-whitespace"],
    ["a small budget", { ...ASKED, thinking: { type: "enabled", budget_tokens: 100 }, messages: user("Hi") }, "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"],
    ["a budget beyond the limit", { ...ASKED, thinking: { type: "enabled", budget_tokens: 1_024 }, messages: user("Hi") }, "`max_tokens` must be greater than `thinking.budget_tokens`"],
    ["a temperature beside thoughts", { ...ASKED, ...THINKS, temperature: 0.5, messages: user("Hi") }, "`temperature` may only be set to 1 when thinking is enabled"],
    ["forced tools beside thoughts", { ...ASKED, ...THINKS, tools: [TOOL], tool_choice: { type: "any" }, messages: user("Hi") }, "Thinking may not be enabled when tool_choice forces tool use"],
    ["a loop without its thought", { ...ASKED, ...THINKS, tools: [TOOL], messages: [...user("sum"), CALL, { role: "user", content: [RESULT] }] }, "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`"],
    ["a made-up signature", { ...ASKED, messages: [...user("Hi"), { role: "assistant", content: [{ type: "thinking", thinking: "So", signature: "c2ln" }, { type: "text", text: "Hi" }] }, ...user("Hi")] }, "messages.1.content.0: Invalid `signature` in `thinking` block"],
    ["made-up redacted thoughts", { ...ASKED, messages: [...user("Hi"), { role: "assistant", content: [{ type: "redacted_thinking", data: "c2ln" }] }, ...user("Hi")] }, "Invalid `data` in `redacted_thinking` block"],
    ["an open schema", { ...ASKED, output_config: { format: { type: "json_schema", schema: { type: "object" } } }, messages: user("Hi") }, "'additionalProperties' must be explicitly set to false"],
    ["a bounded schema", { ...ASKED, output_config: { format: { type: "json_schema", schema: { type: "string", minLength: 2 } } }, messages: user("Hi") }, "For 'string' type, property 'minLength' is not supported"],
    ["too many breakpoints", { ...ASKED, messages: [{ role: "user", content: Array.from({ length: 5 }, () => ({ type: "text", text: "Hi", cache_control: { type: "ephemeral" } })) }] }, "A maximum of 4 blocks with cache_control may be provided. Found 5."],
    ["a field of a beta", { ...ASKED, context_management: {}, messages: user("Hi") }, "context_management: Extra inputs are not permitted"],
  ])("%s", async (_what, body, message) => {
    expect(await refusal(body)).toEqual({ status: 400, body: invalid(message) });
  });

  test.each([
    ["claude-sonnet-4-5", { max_tokens: 64_001 }, "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for claude-sonnet-4-5"],
    ["claude-opus-4-7", { temperature: 0.5 }, "`temperature` is deprecated for this model"],
    ["claude-sonnet-5", THINKS, `"thinking.type.enabled" is not supported for this model`],
    ["claude-opus-5-5", { thinking: { type: "disabled" } }, `"thinking.type.disabled" is not supported for this model`],
    ["claude-haiku-4-5-20251001", { thinking: { type: "adaptive" } }, `"thinking.type.adaptive" is not supported`],
    ["claude-opus-5-5", { tools: [TOOL], tool_choice: { type: "any" } }, `"tool_choice.type.any" is not supported for this model`],
    ["claude-sonnet-4-6", { messages: [...user("Hi"), { role: "assistant", content: "So" }] }, "does not support assistant message prefill"],
    ["claude-sonnet-4-5", { messages: [...user("Hi"), { role: "system", content: "So" }] }, "role 'system' is not supported on this model"],
  ])("of %s: %j", async (model, fields, message) => {
    expect(await refusal({ model, max_tokens: 2_000, messages: user("Hi"), ...fields })).toEqual({ status: 400, body: invalid(message) });
  });

  test("of version 2026-10-21: sampling parameters", async () => {
    const body = { ...ASKED, temperature: 1, messages: user("Hi") };
    expect(await refusal(body)).toMatchObject({ status: 200 });
    expect(await refusal(body, { "anthropic-version": "2026-10-21" })).toEqual({ status: 400, body: invalid("temperature: Extra inputs are not permitted") });
  });
});

describe("the way in", () => {
  test("wants a key and a version", async () => {
    const { url } = await startAnthropic({ apiKeys: ["sk-ant-right"] });
    const ask = async (headers: Record<string, string>) => {
      const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ ...ASKED, messages: user("Hi") }) });
      return [answer.status, ((await answer.json()) as { error?: object }).error];
    };
    expect(await ask({ authorization: "Bearer sk-ant-right" })).toEqual([401, { type: "authentication_error", message: "x-api-key header is required" }]);
    expect(await ask({ "x-api-key": "sk-ant-wrong" })).toEqual([401, { type: "authentication_error", message: "invalid x-api-key" }]);
    expect(await ask({ "x-api-key": "sk-ant-right" })).toEqual([400, { type: "invalid_request_error", message: "anthropic-version: header is required" }]);
    expect(await ask({ "x-api-key": "sk-ant-right", "anthropic-version": "2023-06-01" })).toEqual([200, undefined]);
  });

  test("lists the models that exist, and knows no others", async () => {
    const { client } = await startAnthropic({ models: ["claude-a", "claude-b"] });
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(["claude-a", "claude-b"]);
    const asking = client.messages.create({ ...ASKED, model: "claude-c", messages: user("Hi") });
    await expect(asking).rejects.toMatchObject({ status: 404, type: "not_found_error" });
  });

  test.each([
    [402, "billing_error"], [403, "permission_error"], [413, "request_too_large"], [429, "rate_limit_error"], [500, "api_error"], [503, "api_error"], [529, "overloaded_error"],
  ])("status %i on demand is a %s", async (status, type) => {
    const { client } = await startAnthropic();
    const asking = client.messages.create({ ...ASKED, messages: user(`[[sim: status=${status}]]`) });
    await expect(asking).rejects.toMatchObject({ status, type, requestID: "req_sim_1" });
  });

  test("a limit is told in the headers", async () => {
    const { url } = await startAnthropic({ requestsPerMinute: 1, now: () => 0 });
    const body = { ...ASKED, messages: user("Hi") };
    const first = await post(url, body);
    expect(first.headers.get("anthropic-ratelimit-requests-remaining")).toBe("0");
    expect(first.headers.get("anthropic-ratelimit-requests-reset")).toBe("1970-01-01T00:01:00.000Z");
    const second = await post(url, body);
    expect([second.status, second.headers.get("retry-after")]).toEqual([429, "60"]);
  });
});
