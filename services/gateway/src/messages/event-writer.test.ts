import { writeMessageEvent } from "@alfred/anthropic";
import { type ChatCompletionChunk, Receipt, TokenUsage } from "@alfred/contracts";
import { readChatChunk } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { EventWriter } from "./event-writer.ts";

// The form after https://platform.openai.com/docs/api-reference/chat-streaming; the values are this test's own.
function chunk(delta: object, finishReason: string | null = null, index = 0): ChatCompletionChunk {
  return readChatChunk({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index, delta, finish_reason: finishReason }] });
}

const USAGE = TokenUsage.create({ promptTokens: 9n, completionTokens: 3n });

function told(chunks: readonly ChatCompletionChunk[], receipt: Partial<Receipt> = {}): Record<string, unknown>[] {
  const writer = new EventWriter();
  const events = [...chunks.flatMap((each) => writer.push(each)), ...writer.end(USAGE, Receipt.create(receipt))];
  return events.map((event) => JSON.parse(JSON.stringify(writeMessageEvent({ ...event, alfred: undefined }))) as Record<string, unknown>);
}

const begun = (index: number, block: object) => ({ type: "content_block_start", index, content_block: block });
const added = (index: number, delta: object) => ({ type: "content_block_delta", index, delta });
const over = (index: number) => ({ type: "content_block_stop", index });
const call = (index: number, fields: object, more: object = {}) => ({ tool_calls: [{ index, function: fields, ...more }] });

describe("a stream in Anthropic's form", () => {
  test("begins, tells thoughts, text and calls block by block, and ends with the usage", () => {
    const events = told([
      chunk({ role: "assistant", content: "" }), chunk({ reasoning_content: "H" }), chunk({ reasoning_content: "m." }), chunk({ content: "Grün " }), chunk({ content: "🌿" }),
      chunk(call(0, { name: "f", arguments: "" }, { id: "a" })), chunk(call(0, { arguments: '{"x' })), chunk(call(0, { arguments: '":1}' })),
      chunk(call(1, { name: "g", arguments: "{}" }, { id: "b" })), chunk({}, "tool_calls"),
    ]);
    expect(events).toEqual([
      { type: "message_start", message: { id: "c", type: "message", role: "assistant", model: "m", content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 0, output_tokens: 0 } } },
      begun(0, { type: "thinking", thinking: "", signature: "" }), added(0, { type: "thinking_delta", thinking: "H" }), added(0, { type: "thinking_delta", thinking: "m." }), over(0),
      begun(1, { type: "text", text: "" }), added(1, { type: "text_delta", text: "Grün " }), added(1, { type: "text_delta", text: "🌿" }), over(1),
      begun(2, { type: "tool_use", id: "a", name: "f", input: {} }), added(2, { type: "input_json_delta", partial_json: '{"x' }), added(2, { type: "input_json_delta", partial_json: '":1}' }),
      begun(3, { type: "tool_use", id: "b", name: "g", input: {} }), added(3, { type: "input_json_delta", partial_json: "{}" }), over(2), over(3),
      { type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { input_tokens: 9, output_tokens: 3 } },
      { type: "message_stop" },
    ]);
  });

  test("goes on with a call when another has begun", () => {
    const events = told([chunk(call(0, { name: "f" }, { id: "a" })), chunk(call(1, { name: "g" }, { id: "b" })), chunk(call(0, { arguments: "{}" }), "tool_calls")]);
    expect(events.slice(1, -2)).toEqual([
      begun(0, { type: "tool_use", id: "a", name: "f", input: {} }), begun(1, { type: "tool_use", id: "b", name: "g", input: {} }), added(0, { type: "input_json_delta", partial_json: "{}" }), over(0), over(1),
    ]);
  });

  test("that was cut for want of money says so", () => {
    expect(told([chunk({ content: "Well" })], { cutReason: "budget_exhausted" }).slice(-3)).toMatchObject([over(0), { delta: { stop_reason: "max_tokens" } }, { type: "message_stop" }]);
  });

  test("that calls tools and says that it stopped is told to call them", () => {
    expect(told([chunk(call(0, { name: "f", arguments: "{}" }, { id: "a" }), "stop")]).at(-2)).toMatchObject({ delta: { stop_reason: "tool_use" } });
  });

  test("tells the first of several answers, and nothing of one that never began", () => {
    expect(told([chunk({ content: "b" }, null, 1), chunk({ content: "a" }, "stop")]).filter(({ type }) => type === "content_block_delta")).toEqual([added(0, { type: "text_delta", text: "a" })]);
    expect(told([])).toEqual([]);
  });
});
