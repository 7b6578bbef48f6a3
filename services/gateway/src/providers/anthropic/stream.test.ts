import type { ChatCompletionChunk } from "@alfred/contracts";
import { FieldMismatch, SseDecoder } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { testFuzzed } from "../../../tests/stream-fuzz.ts";
import { StreamFault } from "../dialect.ts";
import type { Json } from "../loose-json.ts";
import { anthropic } from "./dialect.ts";
import { STREAM, WEB_CITATION, bodyOf, shown, toSse } from "./fixtures.ts";

interface Reading {
  readonly chunks: readonly ChatCompletionChunk[];
  readonly isWhole: boolean;
}

/** Reads a stream that comes in pieces. */
function read(pieces: readonly Uint8Array[]): Reading {
  const decoder = new SseDecoder();
  const reader = anthropic.streamChat();
  const chunks = pieces.flatMap((piece) => decoder.push(piece).flatMap((frame) => reader.push(frame)));
  return { chunks, isWhole: reader.isWhole };
}

const readEvents = (...events: Json[]): Reading => read([toSse(events)]);
const deltas = ({ chunks }: Reading): unknown[] => shown(chunks).map(({ choices }) => (choices as Json[])[0]?.["delta"]);

const START: Json = { type: "message_start", message: { id: "msg_1", model: "m", usage: { input_tokens: 3, output_tokens: 1 } } };
const END: Json[] = [{ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } }, { type: "message_stop" }];
const open = (block: Json, index = 0): Json => ({ type: "content_block_start", index, content_block: block });
const piece = (delta: Json, index = 0): Json => ({ type: "content_block_delta", index, delta });
const close = (index = 0): Json => ({ type: "content_block_stop", index });

describe("a streamed answer", () => {
  test("is OpenAI's, chunk by chunk", () => {
    const reading = readEvents(...STREAM);
    expect(reading.isWhole).toBe(true);
    expect(new Set(reading.chunks.map(({ id, model, object }) => `${id} ${model} ${object}`))).toEqual(new Set(["msg_01S claude-opus-4-6 chat.completion.chunk"]));
    const call = (index: number, more: Json): Json => ({ tool_calls: [{ index, ...more }] });
    expect(deltas(reading)).toEqual([
      { role: "assistant" },
      { reasoning_content: "Let me " },
      { reasoning_content: "think 🙂." },
      { content: "Ümläut 🙂: " },
      { content: "grass is " },
      { content: "green" },
      call(0, { id: "toolu_01A", type: "function", function: { name: "get_weather", arguments: "" } }),
      call(0, { function: { arguments: '{"city": "Zü' } }),
      call(0, { function: { arguments: 'rich"}' } }),
      call(1, { id: "toolu_01B", type: "function", function: { name: "get_time", arguments: "" } }),
      call(1, { function: { arguments: "{}" } }),
      {
        annotations: [{ type: "url_citation", url_citation: { start_index: 10, end_index: 24, url: "https://example.com/a", title: "A page" }, citation: WEB_CITATION }],
        content_blocks: expect.any(Array) as unknown,
      },
    ]);
  });

  test("ends with its reason and its usage, cumulative", () => {
    const { chunks } = readEvents(...STREAM);
    expect(chunks.filter(({ usage }) => usage?.completionTokens !== undefined)).toHaveLength(1);
    expect(shown(chunks).at(-1)).toEqual({
      choices: [{ index: 0, delta: expect.any(Object) as unknown, finish_reason: "tool_calls" }],
      service_tier: "default",
      usage: {
        prompt_tokens: 40, completion_tokens: 89, total_tokens: 129,
        prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 10, cache_write_5m_tokens: 0, cache_write_1h_tokens: 10 },
        completion_tokens_details: { reasoning_tokens: 30 },
        server_tool_use: { web_search_requests: 1 },
      },
    });
  });

  test("goes back as it came", () => {
    const last = deltas(readEvents(...STREAM)).at(-1) as Json;
    const [turn] = bodyOf({ messages: [{ role: "assistant", content: "", ...last }] })["messages"] as [Json];
    expect(turn["content"]).toEqual([
      { type: "thinking", thinking: "Let me think 🙂.", signature: "EqQBCgIYAhIM" },
      { type: "redacted_thinking", data: "EmwKAhgBEgy3" },
      { type: "text", text: "Ümläut 🙂: " },
      { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "weather" } },
      expect.objectContaining({ type: "web_search_tool_result", tool_use_id: "srvtoolu_1" }),
      { type: "text", text: "grass is green", citations: [WEB_CITATION] },
      { type: "tool_use", id: "toolu_01A", name: "get_weather", input: { city: "Zürich" } },
      { type: "tool_use", id: "toolu_01B", name: "get_time", input: {} },
    ]);
  });

  test("takes later counts in place of earlier ones, after its end too", () => {
    const more = { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { input_tokens: 7, output_tokens: 4, cache_read_input_tokens: null } };
    const { chunks, isWhole } = readEvents(START, END[0] as Json, more, END[1] as Json);
    expect(isWhole).toBe(true);
    expect(chunks.flatMap(({ usage }) => usage ?? []).map(({ promptTokens, completionTokens }) => [promptTokens, completionTokens])).toEqual([[3n, undefined], [3n, 2n], [7n, 4n]]);
    expect(shown(chunks).at(-1)).toMatchObject({ choices: [] });
  });

  test("tells at its beginning what the prompt took, and nothing of the answer", () => {
    const usage = { input_tokens: 10, cache_read_input_tokens: 2_000, output_tokens: 1 };
    const { chunks: [first] } = readEvents({ type: "message_start", message: { id: "msg_1", model: "m", usage } });
    expect(first?.usage).toMatchObject({ promptTokens: 2_010n, completionTokens: undefined, totalTokens: 2_010n, promptTokensDetails: { cachedTokens: 2_000n } });
  });

  test("never takes what it said at its beginning for all that it said", () => {
    const { chunks } = readEvents(START, { type: "message_delta", delta: { stop_reason: "end_turn" } }, { type: "message_stop" });
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finishReason: "stop" }], usage: undefined });
  });

  test("that is refused in its midst says why", () => {
    const details = { type: "refusal", category: "bio", explanation: "This may do harm." };
    const reading = readEvents(START, { type: "message_delta", delta: { stop_reason: "refusal", stop_details: details }, usage: { output_tokens: 1 } }, END[1] as Json);
    expect(shown(reading.chunks).at(-1)).toMatchObject({ choices: [{ finish_reason: "content_filter", delta: { refusal: "This may do harm." }, stop_details: details }] });
  });

  test("that is cut off within a call leaves its arguments broken", () => {
    const cut = { type: "message_delta", delta: { stop_reason: "max_tokens" }, usage: { output_tokens: 9 } };
    const reading = readEvents(START, open({ type: "tool_use", id: "t", name: "f", input: {} }), piece({ type: "input_json_delta", partial_json: '{"a": "b' }), close(), cut, END[1] as Json);
    expect(deltas(reading).slice(2)).toEqual([{ tool_calls: [{ index: 0, function: { arguments: '{"a": "b' } }] }, {}]);
    expect(shown(reading.chunks).at(-1)).toMatchObject({ choices: [{ finish_reason: "length" }] });
  });

  test("may begin its blocks with what is in them", () => {
    const blocks = [
      open({ type: "text", text: "Hi", citations: null }), close(), open({ type: "thinking", thinking: "Hm", signature: "E" }, 1), piece({ type: "thinking_delta", thinking: "" }, 1), close(1),
      open({ type: "tool_use", id: "t", name: "f", input: { a: 1 } }, 2), close(2),
    ];
    expect(deltas(readEvents(START, ...blocks, ...END)).slice(1, -1)).toEqual([
      { content: "Hi" },
      { reasoning_content: "Hm" },
      { tool_calls: [{ index: 0, id: "t", type: "function", function: { name: "f", arguments: "" } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }] },
    ]);
  });

  test("with thoughts that are not shown still carries their signature", () => {
    const blocks = [open({ type: "thinking", thinking: "", signature: "" }), piece({ type: "signature_delta", signature: "Eq" }), close()];
    expect(deltas(readEvents(START, ...blocks, ...END)).slice(1)).toEqual([{ thinking_blocks: [{ type: "thinking", thinking: "", signature: "Eq" }] }]);
  });

  test("is read by the data where no event is named, and by the event where the data names none", () => {
    const reader = anthropic.streamChat();
    reader.push({ event: "", data: JSON.stringify(START) });
    const { type: _type, ...stop } = END[0] as Json;
    expect(reader.push({ event: "message_delta", data: JSON.stringify(stop) })).toHaveLength(1);
    expect(reader.push({ event: "ping", data: "" })).toEqual([]);
    expect(reader.isWhole).toBe(false);
    reader.push({ event: "message_stop", data: "{}" });
    expect(reader.isWhole).toBe(true);
    expect(reader.push({ event: "", data: "[DONE]" })).toEqual([]);
  });

  test.each([[[START]], [[START, END[1] as Json]], [[START, END[0] as Json]]])("is not whole without a reason and its last event", (events) => {
    expect(readEvents(...events).isWhole).toBe(false);
  });

  test("that fails says how", () => {
    // Source: https://platform.claude.com/docs/en/build-with-claude/streaming, "Error events"
    const failed = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    expect(() => readEvents(START, failed)).toThrow(new StreamFault("Overloaded"));
    expect(() => readEvents(START, { type: "error" })).toThrow(StreamFault);
  });

  test.each<[string, Json[]]>([
    ["a piece before its message", [open({ type: "text", text: "" })]],
    ["a message that is none", [{ type: "message_start" }]],
    ["a piece of no block", [START, piece({ type: "text_delta", text: "x" })]],
    ["a piece of a closed block", [START, open({ type: "text", text: "" }), close(), piece({ type: "text_delta", text: "x" })]],
    ["a block that is none", [START, { type: "content_block_start", index: 0 }]],
    ["a block without a place", [START, { type: "content_block_start", content_block: { type: "text" } }]],
    ["a piece that is none", [START, open({ type: "text", text: "" }), { type: "content_block_delta", index: 0 }]],
    ["text that is none", [START, open({ type: "text", text: "" }), piece({ type: "text_delta", text: 5 })]],
    ["a citation that is none", [START, open({ type: "text", text: "" }), piece({ type: "citations_delta", citation: null })]],
    ["blocks without an end", [START, ...Array.from({ length: 17 }, (_, index) => open({ type: "text", text: "" }, index))]],
    ["thoughts without an end", [START, open({ type: "thinking" }), ...Array.from({ length: 33 }, () => piece({ type: "thinking_delta", thinking: "x".repeat(512 * 1024) }))]],
  ])("with %s is not understood", (_, events) => {
    expect(() => readEvents(...events)).toThrow(FieldMismatch);
  });

  test.each(["5", "[]", "null"])("of %s is not understood", (data) => {
    expect(() => anthropic.streamChat().push({ event: "", data })).toThrow(FieldMismatch);
  });
});

testFuzzed({ name: "thinks, searches, cites and calls", stream: toSse(STREAM), open: () => anthropic.streamChat() });
