import { parseJson } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { readMessage, readMessageEvent, readMessageRequest, writeMessage, writeMessageEvent, writeMessageRequest } from "./index.ts";

// Shapes after https://platform.claude.com/docs/en/api/messages/create and
// https://platform.claude.com/docs/en/build-with-claude/streaming; the values are this test's own.
const REQUEST = `{
  "model": "claude-haiku-4-5", "max_tokens": 1024, "stream": true, "temperature": 0.5, "top_p": 0.9, "top_k": 5, "service_tier": "auto",
  "system": [{ "type": "text", "text": "Be brief.", "cache_control": { "type": "ephemeral", "ttl": "1h" } }],
  "messages": [
    { "role": "user", "content": "Hello" },
    { "role": "assistant", "content": [
      { "type": "thinking", "thinking": "Hm.", "signature": "c2ln" }, { "type": "redacted_thinking", "data": "ZGF0YQ" },
      { "type": "text", "text": "Well", "citations": [] }, { "type": "tool_use", "id": "toolu_1", "name": "f", "input": { "big": 18446744073709551615 } }
    ] },
    { "role": "user", "content": [
      { "type": "tool_result", "tool_use_id": "toolu_1", "is_error": true, "content": [{ "type": "text", "text": "no" }] },
      { "type": "tool_result", "tool_use_id": "toolu_2", "content": "yes" },
      { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "iVBORw0" } },
      { "type": "search_result", "source": "https://a.test", "title": "A", "content": [] }
    ] }
  ],
  "stop_sequences": ["END"], "thinking": { "type": "enabled", "budget_tokens": 1024, "display": "omitted" }, "metadata": { "user_id": null },
  "tools": [{ "name": "f", "description": "Does.", "input_schema": { "z": 1, "a": 2 }, "strict": true }, { "type": "bash_20250124", "name": "bash" }],
  "tool_choice": { "type": "tool", "name": "f", "disable_parallel_tool_use": true }, "container": null, "unknown_number": 9007199254740993
}`;

const MESSAGE = `{
  "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5", "stop_reason": "end_turn", "stop_sequence": null,
  "content": [{ "type": "text", "text": "Hi", "citations": null }],
  "usage": { "input_tokens": 9, "output_tokens": 3, "cache_creation_input_tokens": 1, "cache_read_input_tokens": 0, "cache_creation": { "ephemeral_1h_input_tokens": 1 }, "service_tier": "standard" },
  "container": null
}`;

const EVENTS = [
  { type: "message_start", message: { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 9, output_tokens: 1 } } },
  { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "toolu_1", name: "f", input: {} } },
  { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: "{\"a" } },
  { type: "content_block_delta", index: 1, delta: { type: "citations_delta", citation: { type: "char_location" } } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 3 } },
  { type: "ping" },
  { type: "some_day", novelty: 1 },
];

describe("a request", () => {
  test("comes out as it went in: order of schemas, large integers, nulls and unknown fields included", () => {
    const { message, stream } = readMessageRequest(parseJson(REQUEST));
    expect(stream).toBe(true);
    const written = JSON.stringify(writeMessageRequest(message, { model: "claude-haiku-4-5", stream }));
    expect(JSON.parse(written)).toEqual(JSON.parse(REQUEST));
    for (const text of ['"z":1,"a":2', "18446744073709551615", "9007199254740993"]) expect(written).toContain(text);
  });

  test.each([
    [{ model: "m", messages: "Hello" }, "messages"],
    [{ model: "m", messages: [{ role: "user", content: [{ type: "text", text: 1 }] }] }, "messages[0].content[0].text"],
    [{ model: "m", messages: [{ content: "Hello" }] }, "messages[0].role"],
    [{ model: "", messages: [] }, "model"],
    [{ model: "m", max_tokens: 1.5 }, "max_tokens"],
    [{ model: "m", stream: "yes" }, "stream"],
    [{ model: "m", betas: ["b"] }, "betas"],
  ])("like %j is refused by the field that is wrong", (json, field) => {
    expect(() => readMessageRequest(json)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field } }));
  });

  test("that is no object is refused", () => {
    expect(() => readMessageRequest([])).toThrow(expect.objectContaining({ code: "MALFORMED_BODY" }));
  });
});

describe("an answer", () => {
  test("comes out as it went in", () => {
    expect(JSON.parse(JSON.stringify(writeMessage(readMessage(JSON.parse(MESSAGE)))))).toEqual(JSON.parse(MESSAGE));
  });

  test.each(EVENTS)("in the piece $type comes out as it went in", (event) => {
    expect(JSON.parse(JSON.stringify(writeMessageEvent(readMessageEvent(event))))).toEqual(event);
  });
});
