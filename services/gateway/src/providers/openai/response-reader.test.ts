import { describe, expect, test } from "vitest";
import { quantitiesOf } from "../../domain/usage.ts";
import { StreamFault } from "../dialect.ts";
import { ResponseReader, readResponseAnswer } from "./response-reader.ts";

// Shapes after https://platform.openai.com/docs/api-reference/responses/object; the values are this test's own.
const USAGE = { input_tokens: 9, input_tokens_details: { cached_tokens: 4 }, output_tokens: 5, output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 14 };
const OUTPUT = [
  { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Hm." }] },
  { type: "message", id: "msg_1", role: "assistant", content: [{ type: "output_text", text: "So." }, { type: "refusal", refusal: "No." }] },
  { type: "function_call", id: "fc_1", call_id: "a", name: "f", arguments: "{}" },
];
const RESPONSE = { id: "resp_1", object: "response", created_at: 1, status: "completed", model: "m", output: OUTPUT, usage: USAGE, error: null, incomplete_details: null };

describe("an answer of the Responses API", () => {
  test("is counted as a chat's", () => {
    const { choices, usage } = readResponseAnswer(RESPONSE);
    expect(choices).toMatchObject([{ message: { content: { value: "So.No." }, reasoningContent: "Hm.", toolCalls: [{ function: { name: "f", arguments: "{}" } }] }, finishReason: "tool_calls" }]);
    expect(usage && quantitiesOf(usage)).toEqual(expect.arrayContaining([
      { meter: "input_tokens", quantity: 5n }, { meter: "cache_read_tokens", quantity: 4n }, { meter: "output_tokens", quantity: 3n }, { meter: "reasoning_tokens", quantity: 2n },
    ]));
    expect(readResponseAnswer({ ...RESPONSE, incomplete_details: { reason: "max_output_tokens" }, usage: null })).toMatchObject({ choices: [{ finishReason: "length" }], usage: undefined });
  });

  test("is whole once it says so, and tells its usage then", () => {
    const reader = new ResponseReader();
    const push = (event: object) => reader.push({ event: "", data: JSON.stringify(event) });
    expect(push({ type: "response.created", response: { ...RESPONSE, output: [], usage: null } })).toMatchObject([{ id: "resp_1", model: "m", choices: [{ delta: { role: "assistant" } }] }]);
    expect(push({ type: "response.output_item.added", output_index: 0, item: OUTPUT[2] })).toMatchObject([{ choices: [{ delta: { toolCalls: [{ function: { name: "f" } }] } }] }]);
    expect(push({ type: "response.function_call_arguments.delta", output_index: 0, delta: "{}" })).toMatchObject([{ choices: [{ delta: { toolCalls: [{ function: { arguments: "{}" } }] } }] }]);
    expect(push({ type: "response.output_text.delta", delta: "So" })).toMatchObject([{ choices: [{ delta: { content: "So" } }] }]);
    expect(push({ type: "response.refusal.delta", delta: "No" })).toMatchObject([{ choices: [{ delta: { refusal: "No" } }] }]);
    expect(push({ type: "response.reasoning_summary_text.delta", delta: "Hm" })).toMatchObject([{ choices: [{ delta: { reasoningContent: "Hm" } }] }]);
    expect([push({ type: "response.output_text.done", text: "So" }), reader.isWhole]).toEqual([[], false]);
    expect(push({ type: "response.completed", response: RESPONSE })).toMatchObject([{ choices: [{ finishReason: "tool_calls" }], usage: { promptTokens: 9n, completionTokens: 5n } }]);
    expect([reader.isWhole, reader.isOver, push({ type: "response.output_text.delta", delta: "x" })]).toEqual([true, true, []]);
  });

  test.each([
    [{ type: "response.failed", response: { ...RESPONSE, error: { code: "server_error", message: "Gone." } } }],
    [{ type: "error", code: "server_error", message: "Gone.", param: null, sequence_number: 3 }],
    [{ type: "error", sequence_number: 3, error: { type: "server_error", code: "server_error", message: "Gone." } }],
  ])("fails by %j", (event) => {
    expect(() => new ResponseReader().push({ event: "", data: JSON.stringify(event) })).toThrow(new StreamFault("Gone."));
  });
});
