import { parseJson, readChatRequest, writeChatChunk } from "@alfred/openai";
import type { ChatCompletionChunk } from "@alfred/contracts";
import type { Mapped } from "../dialect.ts";
import type { Json } from "../loose-json.ts";
import { anthropic } from "./dialect.ts";

/** What tests of this folder share: a client's chat on its way in, and answers as the documentation describes them. */

const TARGET = { baseUrl: "https://api.anthropic.com", secret: "sk-ant-test", model: "claude-sonnet-4-5" };

/** A chat as a client sends it, in this dialect. */
export function mapped(chat: Json, model: string = TARGET.model): Mapped {
  const json = { model: "m", messages: [{ role: "user", content: "Hi" }], max_completion_tokens: 4_000, ...chat };
  return anthropic.chat(readChatRequest(parseJson(JSON.stringify(json))).chat, { ...TARGET, model }, false);
}

/** The body of a chat that the provider can serve whole. */
export function bodyOf(chat: Json, model?: string): Json {
  const { request, unsupported } = mapped(chat, model);
  if (unsupported.length > 0) throw new Error(`not served: ${unsupported.join(", ")}`);
  return JSON.parse(JSON.stringify(request.body)) as Json;
}

/** Source: https://platform.claude.com/docs/en/api/messages/create, "Response"; of thoughts and calls the pages of these. */
export const ANSWER = {
  id: "msg_01Aq",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5-20250929",
  content: [
    { type: "thinking", thinking: "The user asks for two cities.", signature: "EqQBCgIYAhIM" },
    { type: "redacted_thinking", data: "EmwKAhgBEgy3" },
    { type: "text", text: "I look both up." },
    { type: "tool_use", id: "toolu_01A", name: "get_weather", input: { city: "Zürich", at: 1 } },
    { type: "tool_use", id: "toolu_01B", name: "get_time", input: {} },
  ],
  stop_reason: "tool_use",
  stop_sequence: null,
  usage: {
    input_tokens: 21,
    cache_creation_input_tokens: 300,
    cache_read_input_tokens: 1_000,
    cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
    output_tokens: 95,
    output_tokens_details: { thinking_tokens: 40 },
    service_tier: "standard",
  },
};

/** Source: https://platform.claude.com/docs/en/build-with-claude/citations */
export const CITATION = {
  type: "char_location", cited_text: "The grass is green.", document_index: 0, document_title: "Facts", start_char_index: 0, end_char_index: 20, file_id: null,
};
/** Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool */
export const WEB_CITATION = {
  type: "web_search_result_location", cited_text: "Claude was born", url: "https://example.com/a", title: "A page", encrypted_index: "Eo8B",
};
/** Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool */
const SEARCH_RESULT = {
  type: "web_search_tool_result", tool_use_id: "srvtoolu_1",
  content: [{ type: "web_search_result", url: "https://example.com/a", title: "A page", encrypted_content: "EqgfC", page_age: null }],
};

/**
 * A stream with every event and every kind of piece.
 * Source: https://platform.claude.com/docs/en/build-with-claude/streaming, "Event types" and "Full HTTP stream response"
 */
export const STREAM: readonly Json[] = [
  {
    type: "message_start",
    message: {
      id: "msg_01S", type: "message", role: "assistant", model: "claude-opus-4-6", content: [], stop_reason: null, stop_sequence: null,
      usage: { input_tokens: 25, cache_creation_input_tokens: 10, cache_read_input_tokens: 5, cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 10 }, output_tokens: 1, service_tier: "standard" },
    },
  },
  { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
  { type: "ping" },
  { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "Let me " } },
  { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "think 🙂." } },
  { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "EqQBCgIYAhIM" } },
  { type: "content_block_stop", index: 0 },
  { type: "content_block_start", index: 1, content_block: { type: "redacted_thinking", data: "EmwKAhgBEgy3" } },
  { type: "content_block_stop", index: 1 },
  { type: "content_block_start", index: 2, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 2, delta: { type: "text_delta", text: "Ümläut 🙂: " } },
  { type: "content_block_stop", index: 2 },
  { type: "content_block_start", index: 3, content_block: { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} } },
  { type: "content_block_delta", index: 3, delta: { type: "input_json_delta", partial_json: '{"query":' } },
  { type: "content_block_delta", index: 3, delta: { type: "input_json_delta", partial_json: '"weather"}' } },
  { type: "content_block_stop", index: 3 },
  { type: "content_block_start", index: 4, content_block: SEARCH_RESULT },
  { type: "content_block_stop", index: 4 },
  { type: "content_block_start", index: 5, content_block: { type: "text", text: "", citations: [] } },
  { type: "content_block_delta", index: 5, delta: { type: "text_delta", text: "grass is " } },
  { type: "content_block_delta", index: 5, delta: { type: "citations_delta", citation: WEB_CITATION } },
  { type: "content_block_delta", index: 5, delta: { type: "text_delta", text: "green" } },
  { type: "content_block_stop", index: 5 },
  { type: "content_block_start", index: 6, content_block: { type: "tool_use", id: "toolu_01A", name: "get_weather", input: {} } },
  { type: "content_block_delta", index: 6, delta: { type: "input_json_delta", partial_json: "" } },
  { type: "content_block_delta", index: 6, delta: { type: "input_json_delta", partial_json: '{"city": "Zü' } },
  { type: "content_block_delta", index: 6, delta: { type: "input_json_delta", partial_json: 'rich"}' } },
  { type: "content_block_stop", index: 6 },
  { type: "content_block_start", index: 7, content_block: { type: "tool_use", id: "toolu_01B", name: "get_time", input: {} } },
  { type: "content_block_stop", index: 7 },
  { type: "event_of_tomorrow", index: 8 },
  { type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 89, output_tokens_details: { thinking_tokens: 30 }, server_tool_use: { web_search_requests: 1 } } },
  { type: "message_stop" },
];

/** Events as they go over the wire. */
export function toSse(events: readonly Json[]): Buffer {
  return Buffer.from(events.map((event) => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
}

/** Chunks as a client gets them, without what is the same in all. */
export function shown(chunks: readonly ChatCompletionChunk[]): Json[] {
  return chunks.map((chunk) => {
    const { id: _id, object: _object, created: _created, model: _model, ...rest } = writeChatChunk(chunk) as Json;
    return JSON.parse(JSON.stringify(rest)) as Json;
  });
}
