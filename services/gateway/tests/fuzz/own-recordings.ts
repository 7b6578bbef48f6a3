import { ProviderKind } from "@alfred/contracts";
import { CALLS, type Json, type Recording, SAID, events, namedEvents } from "./recording.ts";

const block = (type: string, index: number, fields: Json = {}): Json => ({ type: `content_block_${type}`, index, ...fields });
const CLAUDE = { id: "msg_1", type: "message", role: "assistant", model: "claude-sonnet-4-5", content: [], stop_reason: null, stop_sequence: null };
const claudeEnd = (reason: string): Json[] => [{ type: "message_delta", delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 9 } }, { type: "message_stop" }];

/**
 * Thoughts with their signature, text, and two calls, one of them without arguments.
 * Sources: https://platform.claude.com/docs/en/build-with-claude/streaming, https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */
const anthropic: Recording = {
  ...SAID,
  name: "anthropic",
  kind: ProviderKind.PROVIDER_KIND_ANTHROPIC,
  priceBook: "anthropic",
  model: "claude-sonnet-4-5",
  basePath: "",
  thoughts: "Höflich 🙂.",
  calls: CALLS,
  finishReasons: ["tool_calls"],
  reports: [{ chunks: 1, prompt: 20n, cached: 8n, completion: 0n }, { chunks: 10, prompt: 20n, cached: 8n, completion: 9n }],
  body: Buffer.from(
    namedEvents(
      { type: "message_start", message: { ...CLAUDE, usage: { input_tokens: 12, cache_creation_input_tokens: 0, cache_read_input_tokens: 8, output_tokens: 1 } } },
      { type: "ping" },
      block("start", 0, { content_block: { type: "thinking", thinking: "", signature: "" } }),
      block("delta", 0, { delta: { type: "thinking_delta", thinking: "Höflich 🙂." } }),
      block("delta", 0, { delta: { type: "signature_delta", signature: "EqQB" } }),
      block("stop", 0),
      block("start", 1, { content_block: { type: "text", text: "" } }),
      block("delta", 1, { delta: { type: "text_delta", text: "Grüezi " } }),
      block("delta", 1, { delta: { type: "text_delta", text: "🌿." } }),
      block("stop", 1),
      block("start", 2, { content_block: { type: "tool_use", id: "toolu_1", name: "weather", input: {} } }),
      block("delta", 2, { delta: { type: "input_json_delta", partial_json: '{"city":"Zü' } }),
      block("delta", 2, { delta: { type: "input_json_delta", partial_json: 'rich 🌧"}' } }),
      block("stop", 2),
      block("start", 3, { content_block: { type: "tool_use", id: "toolu_2", name: "now", input: {} } }),
      block("stop", 3),
      ...claudeEnd("tool_use"),
    ),
  ),
};

const piece = (parts: Json[], tokens: number, fields: Json = {}): Json => ({
  candidates: [{ index: 0, content: { role: "model", parts }, ...fields }],
  usageMetadata: { promptTokenCount: 20, cachedContentTokenCount: 8, candidatesTokenCount: tokens, thoughtsTokenCount: 3, totalTokenCount: 23 + tokens },
  modelVersion: "gemini-2.5-flash",
  responseId: "r1",
});

/** Sources: https://ai.google.dev/api/generate-content, https://ai.google.dev/gemini-api/docs/thinking, https://ai.google.dev/gemini-api/docs/function-calling */
const gemini: Recording = {
  ...SAID,
  name: "gemini",
  kind: ProviderKind.PROVIDER_KIND_GEMINI,
  priceBook: "gemini",
  model: "gemini-2.5-flash",
  basePath: "/v1beta",
  thoughts: "Höflich 🙂.",
  calls: CALLS,
  finishReasons: ["tool_calls"],
  reports: [3n, 5n, 7n].map((completion, index) => ({ chunks: index + 1, prompt: 20n, cached: 8n, completion })),
  body: Buffer.from(
    events(
      piece([{ text: "Höflich 🙂.", thought: true }], 0), piece([{ text: "Grüezi " }], 2), piece([{ text: "🌿." }], 4),
      piece([{ functionCall: { id: "call_1", name: "weather", args: { city: "Zürich 🌧" } }, thoughtSignature: "EqQB" }, { functionCall: { id: "call_2", name: "now", args: {} } }], 6, { finishReason: "STOP" }),
    ).replaceAll("\n", "\r\n"),
  ),
};

const told = (type: string, message: Json, index = 0): Json => ({ type, index, delta: { message } });
const call = (id: string, name: string): Json => ({ tool_calls: { id, type: "function", function: { name, arguments: "" } } });
const COHERE_USAGE = { billed_units: { input_tokens: 20, output_tokens: 9 }, tokens: { input_tokens: 90, output_tokens: 12 } };

/** Sources: https://docs.cohere.com/docs/streaming, https://docs.cohere.com/docs/tool-use-streaming */
const cohere: Recording = {
  ...SAID,
  name: "cohere",
  kind: ProviderKind.PROVIDER_KIND_COHERE,
  priceBook: "cohere",
  model: "command-a-03-2025",
  basePath: "/v2",
  thoughts: "Höflich 🙂.",
  calls: CALLS,
  finishReasons: ["tool_calls"],
  usage: { prompt: 20n, cached: 0n, completion: 9n },
  body: Buffer.from(
    namedEvents(
      { type: "message-start", id: "a1", delta: { message: { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] } } },
      told("content-start", { content: { type: "thinking", thinking: "" } }), told("content-delta", { content: { thinking: "Höflich 🙂." } }), { type: "content-end", index: 0 },
      told("content-start", { content: { type: "text", text: "" } }, 1), told("content-delta", { content: { text: "Grüezi " } }, 1),
      told("content-delta", { content: { text: "🌿." } }, 1), { type: "content-end", index: 1 },
      told("tool-call-start", call("c1", "weather")), told("tool-call-delta", { tool_calls: { function: { arguments: '{"city":"Zü' } } }),
      told("tool-call-delta", { tool_calls: { function: { arguments: 'rich 🌧"}' } } }), { type: "tool-call-end", index: 0 },
      told("tool-call-start", call("c2", "now"), 1), told("tool-call-delta", { tool_calls: { function: { arguments: "{}" } } }, 1), { type: "tool-call-end", index: 1 },
      { type: "message-end", delta: { finish_reason: "TOOL_CALL", usage: COHERE_USAGE } },
    ) + events("[DONE]"),
  ),
};

export const OWN_RECORDINGS: readonly Recording[] = [anthropic, gemini, cohere];
