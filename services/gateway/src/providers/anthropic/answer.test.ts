import { FieldMismatch, parseJson, writeChatCompletion } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { quantitiesOf } from "../../domain/usage.ts";
import type { Json } from "../loose-json.ts";
import { anthropic } from "./dialect.ts";
import { ANSWER, CITATION, WEB_CITATION, bodyOf } from "./fixtures.ts";

/** An answer as the client gets it. */
function read(answer: Json): Json {
  return JSON.parse(JSON.stringify(writeChatCompletion(anthropic.readChat({ ...ANSWER, ...answer })))) as Json;
}
const messageOf = (answer: Json): unknown => (read(answer)["choices"] as Json[])[0]?.["message"];
const says = (text: string, more: Json = {}): Json => ({ type: "text", text, ...more });

describe("an answer", () => {
  test("is OpenAI's, with its thoughts, calls and usage", () => {
    expect(read({})).toEqual({
      id: "msg_01Aq",
      object: "chat.completion",
      created: 0,
      model: "claude-sonnet-4-5-20250929",
      service_tier: "default",
      choices: [
        {
          index: 0,
          finish_reason: "tool_calls",
          message: {
            role: "assistant",
            content: "I look both up.",
            reasoning_content: "The user asks for two cities.",
            thinking_blocks: ANSWER.content.slice(0, 2),
            tool_calls: [
              { id: "toolu_01A", type: "function", function: { name: "get_weather", arguments: '{"city":"Zürich","at":1}' } },
              { id: "toolu_01B", type: "function", function: { name: "get_time", arguments: "{}" } },
            ],
          },
        },
      ],
      usage: {
        prompt_tokens: 1_321,
        completion_tokens: 95,
        total_tokens: 1_416,
        prompt_tokens_details: { cached_tokens: 1_000, cache_write_tokens: 300, cache_write_5m_tokens: 100, cache_write_1h_tokens: 200 },
        completion_tokens_details: { reasoning_tokens: 40 },
      },
    });
  });

  test("goes back as it came, thoughts and their order included", () => {
    const [turn] = bodyOf({ messages: [messageOf({})] })["messages"] as [Json];
    expect(turn).toEqual({ role: "assistant", content: ANSWER.content });
  });

  test("goes back with thoughts between its parts", () => {
    const [first, second, ...rest] = ANSWER.content;
    for (const content of [[first, rest[0], second, ...rest.slice(1)], [first, says("I"), says(" look.")]]) {
      const message = messageOf({ content });
      expect(message).not.toHaveProperty("thinking_blocks");
      expect(bodyOf({ messages: [message] })["messages"]).toEqual([{ role: "assistant", content }]);
    }
  });

  test("goes back with what has no counterpart", () => {
    const content = [
      says("I search."),
      { type: "server_tool_use", id: "s", name: "web_search", input: { query: "q" } },
      { type: "web_search_tool_result", tool_use_id: "s", content: [] },
      { type: "tool_use", id: "t", name: "f", input: { n: 1 } },
    ];
    const message = messageOf({ content, stop_reason: "pause_turn" });
    const [turn] = bodyOf({ messages: [message] })["messages"] as [Json];
    expect(turn["content"]).toEqual(content);
  });

  test("without text says so", () => {
    expect(messageOf({ content: ANSWER.content.slice(4) })).toMatchObject({ content: null });
    expect(messageOf({ content: [] })).toEqual({ role: "assistant", content: null });
  });

  test("keeps large integers of its calls", () => {
    const answer = parseJson(JSON.stringify({ ...ANSWER, content: [] }).replace('"content":[]', '"content":[{"type":"tool_use","id":"t","name":"f","input":{"n":12345678901234567890}}]'));
    expect(anthropic.readChat(answer).choices[0]?.message?.toolCalls[0]?.function?.arguments).toBe('{"n":12345678901234567890}');
  });

  test("tells who called for a call", () => {
    const caller = { type: "code_execution_20250825", tool_id: "srv" };
    const calls = [{ type: "tool_use", id: "t", name: "f", input: {}, caller }, { type: "tool_use", id: "u", name: "f", input: {}, caller: { type: "direct" } }];
    expect(messageOf({ content: calls })).toMatchObject({ tool_calls: [{ id: "t", caller }, { id: "u" }] });
    expect(bodyOf({ messages: [messageOf({ content: calls })] })["messages"]).toMatchObject([{ content: [{ id: "t", caller }, { id: "u" }] }]);
  });

  test("cites by annotations, at the characters of the text", () => {
    const content = [says("🙂 So: "), says("grass is green", { citations: [CITATION] }), says(", born 1916", { citations: [WEB_CITATION] })];
    expect(messageOf({ content })).toMatchObject({
      content: "🙂 So: grass is green, born 1916",
      annotations: [
        { type: "file_citation", file_citation: { start_index: 6, end_index: 20, filename: "Facts" }, citation: CITATION },
        { type: "url_citation", url_citation: { start_index: 20, end_index: 31, url: "https://example.com/a", title: "A page" }, citation: WEB_CITATION },
      ],
    });
  });

  test.each([
    ["end_turn", "stop", {}],
    ["max_tokens", "length", {}],
    ["tool_use", "tool_calls", {}],
    ["model_context_window_exceeded", "length", { stop_reason: "model_context_window_exceeded" }],
    ["pause_turn", "pause_turn", { stop_reason: "pause_turn" }],
    ["reason_of_tomorrow", "reason_of_tomorrow", { stop_reason: "reason_of_tomorrow" }],
  ])("that ends by %s ends by %s", (reason, finish, extra) => {
    const [choice] = read({ stop_reason: reason, content: [] })["choices"] as [Json];
    expect(choice).toEqual({ index: 0, message: { role: "assistant", content: null }, finish_reason: finish, ...extra });
  });

  test("tells the sequence that stopped it, and why it was refused", () => {
    expect(read({ stop_reason: "stop_sequence", stop_sequence: "END" })["choices"]).toMatchObject([{ finish_reason: "stop", stop_sequence: "END" }]);
    // Source: https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons
    const details = { type: "refusal", category: "cyber", explanation: "This may do harm." };
    expect(read({ stop_reason: "refusal", stop_details: details, content: [] })["choices"]).toMatchObject([
      { finish_reason: "content_filter", stop_details: details, message: { refusal: "This may do harm." } },
    ]);
    expect(read({ stop_reason: "refusal", content: [] })["choices"]).toMatchObject([{ finish_reason: "content_filter" }]);
  });

  test.each([[null], [[]], [{}], [{ content: "Hi" }], [{ content: [1] }], [{ type: "error", error: { type: "api_error" } }]])("is not %j", (json) => {
    expect(() => anthropic.readChat(json)).toThrow(FieldMismatch);
  });
});

describe("usage", () => {
  const usageOf = (usage: Json): unknown => read({ usage })["usage"];

  test("counts on meters that each have a price", () => {
    const { usage } = anthropic.readChat(ANSWER);
    expect(usage && quantitiesOf(usage)).toEqual(
      expect.arrayContaining([
        { meter: "input_tokens", quantity: 21n },
        { meter: "cache_read_tokens", quantity: 1_000n },
        { meter: "output_tokens", quantity: 55n },
        { meter: "reasoning_tokens", quantity: 40n },
      ]),
    );
  });

  test("of zeros is zeros, and an unknown count is none", () => {
    expect(usageOf({ input_tokens: 0, output_tokens: 0 })).toEqual({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 });
    expect(usageOf({ input_tokens: 5, cache_read_input_tokens: 0, cache_creation_input_tokens: null, output_tokens: 2 })).toEqual({
      prompt_tokens: 5, completion_tokens: 2, total_tokens: 7, prompt_tokens_details: { cached_tokens: 0 },
    });
    for (const usage of [{}, { input_tokens: 5 }, { output_tokens: 5 }, { input_tokens: -1, output_tokens: 5 }, { input_tokens: "5", output_tokens: 5 }]) {
      expect(usageOf(usage)).toBeUndefined();
    }
  });

  test("sums what was written to the cache where only its parts are told", () => {
    expect(usageOf({ input_tokens: 5, output_tokens: 2, cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 } })).toMatchObject({
      prompt_tokens: 12, prompt_tokens_details: { cache_write_tokens: 7, cache_write_5m_tokens: 3, cache_write_1h_tokens: 4 },
    });
  });

  test("keeps what it does not know", () => {
    expect(usageOf({ input_tokens: 5, output_tokens: 2, server_tool_use: { web_search_requests: 3 }, inference_geo: null })).toMatchObject({
      server_tool_use: { web_search_requests: 3 },
    });
  });
});
