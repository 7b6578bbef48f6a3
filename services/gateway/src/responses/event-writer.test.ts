import { type ChatCompletionChunk, Receipt, TokenUsage } from "@alfred/contracts";
import { readChatChunk, readChatCompletion, readResponseRequest, writeResponse, writeResponseEvent } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { readCarried } from "./carried.ts";
import { EventWriter } from "./event-writer.ts";
import { toResponse } from "./to-response.ts";

// The form after https://platform.openai.com/docs/api-reference/chat-streaming; the values are this test's own.
function chunk(delta: object, finishReason: string | null = null, index = 0): ChatCompletionChunk {
  return readChatChunk({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index, delta, finish_reason: finishReason }] });
}

const USAGE = TokenUsage.create({ promptTokens: 9n, completionTokens: 3n, totalTokens: 12n });
const { response: REQUEST } = readResponseRequest({ model: "m", input: "Hi", temperature: 0.5 });
const HEAD = { id: "resp_1", now: () => 5_000, request: REQUEST };

type Json = Record<string, unknown>;
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

function told(chunks: readonly ChatCompletionChunk[], receipt: Partial<Receipt> = {}): Json[] {
  const writer = new EventWriter(HEAD);
  const events = [...chunks.flatMap((each) => writer.push(each)), ...writer.end(USAGE, Receipt.create(receipt))];
  expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual(events.map((_, index) => BigInt(index)));
  return events.map((event) => plain(writeResponseEvent({ ...event, alfred: undefined, sequenceNumber: undefined })));
}

const call = (index: number, fields: object, more: object = {}) => ({ tool_calls: [{ index, function: fields, ...more }] });
const responseOf = (events: readonly Json[]): Json => events.at(-1)?.["response"] as Json;
const typesOf = (events: readonly Json[]): unknown[] => events.map(({ type }) => String(type).replace("response.", ""));

describe("a stream of Responses", () => {
  test("begins, tells a message part by part, and ends with all of it", () => {
    const events = told([chunk({ role: "assistant", content: "" }), chunk({ content: "Grün " }), chunk({ content: "🌿" }, "stop")]);
    const part = (text: string) => ({ type: "output_text", text, annotations: [], logprobs: [] });
    const at = { output_index: 0, item_id: "msg_10", content_index: 0 };
    const message = (status: string, content: object[]) => ({ type: "message", id: "msg_10", status, role: "assistant", content });
    const fresh = expect.objectContaining({ id: "resp_1", object: "response", created_at: 5, status: "in_progress", model: "m", output: [], usage: null, error: null, temperature: 0.5, store: false, tools: [] }) as unknown;
    expect(events).toEqual([
      { type: "response.created", response: fresh }, { type: "response.in_progress", response: fresh },
      { type: "response.output_item.added", output_index: 0, item: message("in_progress", []) },
      { type: "response.content_part.added", ...at, part: part("") },
      { type: "response.output_text.delta", ...at, delta: "Grün ", logprobs: [] }, { type: "response.output_text.delta", ...at, delta: "🌿", logprobs: [] },
      { type: "response.output_text.done", ...at, text: "Grün 🌿", logprobs: [] },
      { type: "response.content_part.done", ...at, part: part("Grün 🌿") },
      { type: "response.output_item.done", output_index: 0, item: message("completed", [part("Grün 🌿")]) },
      {
        type: "response.completed",
        response: expect.objectContaining({
          status: "completed", output: [message("completed", [part("Grün 🌿")])], incomplete_details: null,
          usage: { input_tokens: 9, input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 }, output_tokens: 3, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 12 },
        }) as unknown,
      },
    ]);
  });

  test("tells thoughts as a summary, which ends with the answer, with what they carry", () => {
    const events = told([chunk({ reasoning_content: "H" }), chunk({ reasoning_content: "m." }), chunk({ content: "So." }), chunk({ thinking_blocks: [{ type: "thinking" }] }, "stop")]);
    expect(typesOf(events)).toEqual([
      "created", "in_progress", "output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta", "reasoning_summary_text.delta",
      "reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.added", "content_part.added", "output_text.delta",
      "output_text.done", "content_part.done", "output_item.done", "output_item.done", "completed",
    ]);
    const [thoughts, message] = responseOf(events)["output"] as Json[];
    expect([thoughts, message]).toMatchObject([{ type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }] }, { type: "message" }]);
    expect(readCarried(String(thoughts?.["encrypted_content"])).message).toEqual({ thinking_blocks: '[{"type":"thinking"}]' });
  });

  test("tells calls one by one or by turns, and ends them with the answer", () => {
    const events = told([
      chunk({ content: "Well." }), chunk(call(0, { name: "f", arguments: "" }, { id: "a" })), chunk(call(1, { name: "g", arguments: "{}" }, { id: "b", extra_content: { google: 1 } })),
      chunk(call(0, { arguments: '{"x":1}' })), chunk({}, "tool_calls"),
    ]);
    expect(typesOf(events).slice(3)).toEqual([
      "content_part.added", "output_text.delta", "output_text.done", "content_part.done", "output_item.done", "output_item.added", "output_item.added",
      "function_call_arguments.delta", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done", "function_call_arguments.done", "output_item.done",
      "output_item.added", "output_item.done", "completed",
    ]);
    const output = responseOf(events)["output"] as Json[];
    expect(output).toMatchObject([
      { type: "message" }, { type: "function_call", id: "fc_11", call_id: "a", name: "f", arguments: '{"x":1}', status: "completed" }, { call_id: "b", arguments: "{}" },
      { type: "reasoning", summary: [] },
    ]);
    expect(readCarried(String(output[3]?.["encrypted_content"])).calls).toEqual({ b: { extra_content: '{"google":1}' } });
  });

  test("tells calls of custom tools", () => {
    const custom = (index: number, fields: object, more: object = {}) => ({ tool_calls: [{ index, custom: fields, ...more }] });
    const events = told([chunk(custom(0, { name: "g", input: "" }, { id: "a", type: "custom" })), chunk(custom(0, { input: "x" })), chunk({}, "tool_calls")]);
    expect(typesOf(events).slice(3, -2)).toEqual(["custom_tool_call_input.delta", "custom_tool_call_input.done"]);
    expect(responseOf(events)["output"]).toMatchObject([{ type: "custom_tool_call", id: "ctc_10", call_id: "a", name: "g", input: "x" }]);
  });

  test("tells refusals, citations and log probabilities", () => {
    const annotation = { type: "url_citation", url_citation: { start_index: 0, end_index: 1, url: "https://a.test", title: "A" } };
    const cited = { type: "url_citation", start_index: 0, end_index: 1, url: "https://a.test", title: "A" };
    const [, , , , ...events] = told([chunk({ content: "a" }), chunk({ annotations: [annotation, { type: "url_citation" }] }), chunk({ refusal: "No." }, "stop")]);
    expect(events).toMatchObject([
      { delta: "a" }, { type: "response.output_text.annotation.added", annotation_index: 0, annotation: cited }, { text: "a" }, { part: { annotations: [cited] } },
      { part: { type: "refusal", refusal: "" } }, { type: "response.refusal.delta", content_index: 1, delta: "No." }, { type: "response.refusal.done", refusal: "No." }, {}, {}, {},
    ]);
    const logprobs = { content: [{ token: "a", logprob: -1, bytes: [97], top_logprobs: [] }] };
    const measured = readChatChunk({ id: "c", model: "m", choices: [{ index: 0, delta: { content: "a" }, logprobs, finish_reason: "stop" }] });
    expect(told([measured])[4]).toMatchObject({ type: "response.output_text.delta", logprobs: logprobs.content });
  });

  test.each([["length", "max_output_tokens"], ["content_filter", "content_filter"]])("that ends by %s is incomplete", (finish, reason) => {
    const events = told([chunk({ content: "Well" }, finish)]);
    expect(events.at(-1)).toMatchObject({ type: "response.incomplete", response: { status: "incomplete", incomplete_details: { reason }, output: [{ status: "incomplete" }] } });
  });

  test("that was cut for want of money says so", () => {
    expect(told([chunk({ content: "Well" })], { cutReason: "budget_exhausted" }).at(-1)).toMatchObject({ type: "response.incomplete", response: { incomplete_details: { reason: "max_output_tokens" } } });
  });

  test("tells the first of several answers, and nothing of one that never began", () => {
    expect(told([chunk({ content: "b" }, null, 1), chunk({ content: "a" }, "stop")]).filter(({ type }) => type === "response.output_text.delta")).toMatchObject([{ delta: "a" }]);
    expect(told([])).toEqual([]);
  });
});

test("a whole answer is as its stream would have ended", () => {
  const message = { role: "assistant", content: "So.", reasoning_content: "Hm.", tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }] };
  const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, prompt_tokens_details: { cached_tokens: 4 }, completion_tokens_details: { reasoning_tokens: 2 } };
  const completion = readChatCompletion({ id: "c", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, message, finish_reason: "tool_calls" }], usage });
  expect(plain(writeResponse(toResponse(completion, Receipt.create(), HEAD)))).toMatchObject({
    id: "resp_1", status: "completed", completed_at: 5, output: [{ type: "reasoning" }, { type: "message", content: [{ text: "So." }] }, { type: "function_call", call_id: "a" }],
    usage: { input_tokens: 9, input_tokens_details: { cached_tokens: 4 }, output_tokens: 3, output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 12 },
  });
});
