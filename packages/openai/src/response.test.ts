import { describe, expect, test } from "vitest";
import { parseJson, readResponse, readResponseEvent, readResponseRequest, writeResponse, writeResponseEvent, writeResponseRequest } from "./index.ts";

// Shapes after https://platform.openai.com/docs/api-reference/responses and
// https://platform.openai.com/docs/api-reference/responses-streaming; the values are this test's own.
const REQUEST = `{
  "model": "gpt-4o-mini", "stream": true, "instructions": "Be brief.", "max_output_tokens": 64, "temperature": 0.5, "top_p": 0.9, "top_logprobs": 2,
  "input": [
    { "role": "user", "content": "Hello" },
    { "type": "message", "role": "user", "content": [
      { "type": "input_text", "text": "See" }, { "type": "input_image", "image_url": "data:image/png;base64,iVBORw0", "detail": "low" },
      { "type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0" }, { "type": "input_audio", "input_audio": { "data": "AA==", "format": "wav" } }
    ] },
    { "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2ln" },
    { "type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [{ "type": "output_text", "text": "Well", "annotations": [], "logprobs": [] }] },
    { "type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{\\"big\\":18446744073709551615}", "status": "completed" },
    { "type": "function_call_output", "call_id": "call_1", "output": "21" },
    { "type": "custom_tool_call", "call_id": "call_2", "name": "g", "input": "x" },
    { "type": "custom_tool_call_output", "call_id": "call_2", "output": [{ "type": "input_text", "text": "y" }] },
    { "type": "computer_call_output", "call_id": "call_3", "output": { "type": "computer_screenshot", "image_url": "https://a.test/b.png" } }
  ],
  "tools": [{ "type": "function", "name": "f", "description": "Does.", "parameters": { "z": 1, "a": 2 }, "strict": true }, { "type": "custom", "name": "g", "format": { "type": "text" } }],
  "tool_choice": "auto", "parallel_tool_calls": false, "reasoning": { "effort": "low", "summary": "auto" },
  "text": { "format": { "type": "json_schema", "name": "r", "schema": { "b": 1, "a": 2 } }, "verbosity": "low" },
  "truncation": "disabled", "metadata": { "a": "b" }, "store": false, "previous_response_id": null, "include": ["reasoning.encrypted_content"], "background": false,
  "service_tier": "auto", "user": "u", "safety_identifier": "s", "prompt_cache_key": "k", "unknown_number": 9007199254740993
}`;

const RESPONSE = `{
  "id": "resp_1", "object": "response", "created_at": 1741476542, "status": "incomplete", "model": "m", "error": null, "incomplete_details": { "reason": "max_output_tokens" },
  "output": [{ "type": "message", "id": "msg_1", "role": "assistant", "status": "incomplete", "content": [{ "type": "output_text", "text": "Hi", "annotations": [] }] }],
  "usage": { "input_tokens": 9, "input_tokens_details": { "cached_tokens": 1, "cache_write_tokens": 2 }, "output_tokens": 3, "output_tokens_details": { "reasoning_tokens": 0 }, "total_tokens": 12 },
  "instructions": null, "tools": [], "temperature": 1.0, "metadata": {}, "reasoning": { "effort": null, "summary": null }, "text": { "format": { "type": "text" } }
}`;

const FRESH = { id: "resp_1", object: "response", created_at: 1, status: "in_progress", model: "m", output: [], usage: null, error: null, incomplete_details: null };
const EVENTS = [
  { type: "response.created", sequence_number: 0, response: FRESH },
  { type: "response.output_item.added", sequence_number: 1, output_index: 0, item: { type: "message", id: "msg_1", status: "in_progress", role: "assistant", content: [] } },
  { type: "response.content_part.added", sequence_number: 2, output_index: 0, item_id: "msg_1", content_index: 0, part: { type: "output_text", text: "", annotations: [], logprobs: [] } },
  { type: "response.output_text.delta", sequence_number: 3, output_index: 0, item_id: "msg_1", content_index: 0, delta: "H", logprobs: [], obfuscation: "x" },
  { type: "response.reasoning_summary_text.done", sequence_number: 4, output_index: 0, item_id: "rs_1", summary_index: 0, text: "Hm" },
  { type: "response.function_call_arguments.done", sequence_number: 5, output_index: 1, item_id: "fc_1", arguments: "{}" },
  { type: "response.shell_call_output_content.delta", sequence_number: 6, output_index: 1, item_id: "s", delta: { stdout: "x" } },
  { type: "some_day", novelty: 1 },
];

describe("a request", () => {
  test("comes out as it went in: order of schemas, large integers, nulls and unknown fields and items included", () => {
    const { response, stream } = readResponseRequest(parseJson(REQUEST));
    expect(stream).toBe(true);
    const written = JSON.stringify(writeResponseRequest(response, { model: "gpt-4o-mini", stream }));
    expect(JSON.parse(written)).toEqual(JSON.parse(REQUEST));
    for (const text of ['"z":1,"a":2', '"b":1,"a":2', "18446744073709551615", "9007199254740993"]) expect(written).toContain(text);
  });

  test("may be text alone", () => {
    const { response, stream } = readResponseRequest({ model: "m", input: "Hello" });
    expect([writeResponseRequest(response, { model: "n", stream }), stream]).toEqual([{ model: "n", input: "Hello" }, false]);
  });

  test.each([
    [{ model: "m" }, "input"],
    [{ model: "", input: "a" }, "model"],
    [{ model: "m", input: 1 }, "input"],
    [{ model: "m", input: [{ role: "user", content: [{ type: "input_text", text: 1 }] }] }, "input[0].content[0].text"],
    [{ model: "m", input: [{ type: "function_call", call_id: "c", name: "f", arguments: { a: 1 } }] }, "input[0].arguments"],
    [{ model: "m", input: "a", max_output_tokens: 0 }, "max_output_tokens"],
    [{ model: "m", input: "a", stream: "yes" }, "stream"],
  ])("like %j is refused by the field that is wrong", (json, field) => {
    expect(() => readResponseRequest(json)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field } }));
  });

  test("that is no object is refused", () => {
    expect(() => readResponseRequest([])).toThrow(expect.objectContaining({ code: "MALFORMED_BODY" }));
  });
});

describe("an answer", () => {
  test("comes out as it went in", () => {
    expect(JSON.parse(JSON.stringify(writeResponse(readResponse(JSON.parse(RESPONSE)))))).toEqual(JSON.parse(RESPONSE));
  });

  test.each(EVENTS)("in the piece $type comes out as it went in", (event) => {
    expect(JSON.parse(JSON.stringify(writeResponseEvent(readResponseEvent(event))))).toEqual(event);
  });
});
