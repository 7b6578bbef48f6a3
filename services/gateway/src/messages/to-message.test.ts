import { readChatCompletion } from "@alfred/openai";
import { writeMessage } from "@alfred/anthropic";
import { expect, test } from "vitest";
import { toMessage } from "./to-message.ts";

// The form after https://platform.openai.com/docs/api-reference/chat/object; the values are this test's own.
function told(message: object, finishReason = "stop", usage?: object): unknown {
  const choices = [{ index: 0, message: { role: "assistant", ...message }, finish_reason: finishReason }];
  return writeMessage(toMessage(readChatCompletion({ id: "c", object: "chat.completion", created: 1, model: "m", choices, usage })));
}

const call = (id: string, text: string) => ({ id, type: "function", function: { name: "f", arguments: text } });

test("thoughts, text and calls become blocks in that order", () => {
  const message = { content: "Let me look.", reasoning_content: "Hm.", tool_calls: [call("a", '{"x":9007199254740993}'), call("b", "")] };
  const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14, prompt_tokens_details: { cached_tokens: 6, cache_write_tokens: 1 } };
  const answer = JSON.stringify(told(message, "tool_calls", usage));
  expect(answer).toContain("9007199254740993");
  expect(JSON.parse(answer)).toEqual({
    id: "c", type: "message", role: "assistant", model: "m", stop_reason: "tool_use", stop_sequence: null,
    content: [
      { type: "thinking", thinking: "Hm.", signature: "" },
      { type: "text", text: "Let me look." },
      { type: "tool_use", id: "a", name: "f", input: { x: expect.any(Number) as unknown } },
      { type: "tool_use", id: "b", name: "f", input: {} },
    ],
    usage: { input_tokens: 3, output_tokens: 4, cache_read_input_tokens: 6, cache_creation_input_tokens: 1 },
  });
});

test("arguments that are no object are told whole, under the name for such", () => {
  const broken = told({ content: null, tool_calls: [call("a", '{"x":'), call("b", "[1]")] });
  expect(broken).toMatchObject({ content: [{ input: { INVALID_JSON: '{"x":' } }, { input: { INVALID_JSON: "[1]" } }] });
});

test("a refusal is said as text, and is why it stopped", () => {
  expect(told({ content: null, refusal: "No." }, "content_filter")).toMatchObject({ content: [{ type: "text", text: "No." }], stop_reason: "refusal" });
});

test("an answer that calls tools and says that it stopped is told to call them", () => {
  expect(told({ content: null, tool_calls: [call("a", "{}")] })).toMatchObject({ stop_reason: "tool_use" });
});

test.each([["length", "max_tokens"], ["stop", "end_turn"], ["pause_turn", "pause_turn"]])("%s is told as %s", (finishReason, stopReason) => {
  expect(told({ content: "Well" }, finishReason)).toMatchObject({ stop_reason: stopReason });
});

test("what has to come back to a provider stands with the block that it belongs to", () => {
  const carried = { extra_content: { google: { thought_signature: "s" } } };
  const calls = [{ ...call("a", "{}"), ...carried }];
  expect(told({ content: "Well", ...carried, tool_calls: calls })).toMatchObject({ content: [{ type: "text", ...carried }, { type: "tool_use", ...carried }] });
});
