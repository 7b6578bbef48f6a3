import { toStream } from "./stream-pieces.ts";

/** What providers with a dialect of their own say, by the formats that they document. */
export interface Spoken {
  readonly name: "anthropic" | "gemini" | "cohere";
  /** The model as it calls it. */
  readonly model: string;
  /** Behind the address of the server. */
  readonly basePath: string;
  readonly chatPath: string;
  readonly streamPath: string;
  /** The header with the key, and how the key stands in it. */
  readonly credentials: readonly [header: string, value: (secret: string) => string];
  /** "Grüezi 🌿." for a prompt of 20 tokens, of which 8 were cached where it tells that; 5 tokens long. */
  readonly answer: unknown;
  readonly stream: Buffer;
  /** Two calls, of `weather` with arguments and of `now` without. */
  readonly calls: Buffer;
  /** Text, and then no end: the provider says that it is overloaded. */
  readonly fault: Buffer;
  readonly refusals: Readonly<Record<"limited" | "wrong" | "credentials", { readonly status: number; readonly json: unknown }>>;
  /** How the body names the longest answer. */
  limitOf(body: Readonly<Record<string, unknown>>): unknown;
  readonly cachedTokens: bigint;
}

type Event = readonly [name: string, data: object];
const typed = (type: string, fields: object = {}): Event => [type, { type, ...fields }];
const block = (type: string, index: number, fields: object = {}): Event => typed(`content_block_${type}`, { index, ...fields });

const CLAUDE_USAGE = { input_tokens: 12, cache_creation_input_tokens: 0, cache_read_input_tokens: 8, output_tokens: 1 };
const CLAUDE_START = typed("message_start", {
  message: { id: "msg_1", type: "message", role: "assistant", model: "claude-sonnet-4-5", content: [], stop_reason: null, stop_sequence: null, usage: CLAUDE_USAGE },
});
const claudeEnd = (stop_reason: string): Event[] => [typed("message_delta", { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } }), typed("message_stop")];
const claudeText = (...texts: string[]): Event[] => [
  block("start", 0, { content_block: { type: "text", text: "" } }),
  ...texts.map((text) => block("delta", 0, { delta: { type: "text_delta", text } })),
  block("stop", 0),
];

/**
 * Sources: https://platform.claude.com/docs/en/api/messages/create,
 * https://platform.claude.com/docs/en/build-with-claude/streaming, https://platform.claude.com/docs/en/api/errors
 */
const anthropic: Spoken = {
  name: "anthropic",
  model: "claude-sonnet-4-5",
  basePath: "",
  chatPath: "/v1/messages",
  streamPath: "/v1/messages",
  credentials: ["x-api-key", (secret) => secret],
  answer: {
    id: "msg_1", type: "message", role: "assistant", model: "claude-sonnet-4-5", content: [{ type: "text", text: "Grüezi 🌿." }],
    stop_reason: "end_turn", stop_sequence: null, usage: { ...CLAUDE_USAGE, output_tokens: 5 },
  },
  stream: toStream(CLAUDE_START, typed("ping"), ...claudeText("Grüezi ", "🌿."), ...claudeEnd("end_turn")),
  calls: toStream(
    CLAUDE_START,
    block("start", 0, { content_block: { type: "tool_use", id: "toolu_1", name: "weather", input: {} } }),
    block("delta", 0, { delta: { type: "input_json_delta", partial_json: '{"city": "Zü' } }),
    block("delta", 0, { delta: { type: "input_json_delta", partial_json: 'rich"}' } }),
    block("stop", 0),
    block("start", 1, { content_block: { type: "tool_use", id: "toolu_2", name: "now", input: {} } }),
    block("stop", 1),
    ...claudeEnd("tool_use"),
  ),
  fault: toStream(CLAUDE_START, ...claudeText("Grüezi "), typed("error", { error: { type: "overloaded_error", message: "Overloaded" } })),
  refusals: {
    limited: { status: 429, json: { type: "error", error: { type: "rate_limit_error", message: "Too many." } } },
    wrong: { status: 400, json: { type: "error", error: { type: "invalid_request_error", message: "messages: wrong" } } },
    credentials: { status: 401, json: { type: "error", error: { type: "authentication_error", message: "invalid x-api-key" } } },
  },
  limitOf: (body) => body["max_tokens"],
  cachedTokens: 8n,
};

const GEMINI_HEAD = { modelVersion: "gemini-2.5-flash", responseId: "r1" };
const geminiUsage = (candidatesTokenCount: number): object => ({ promptTokenCount: 20, cachedContentTokenCount: 8, candidatesTokenCount, thoughtsTokenCount: 2, totalTokenCount: 22 + candidatesTokenCount });
const candidate = (parts: object[], fields: object = {}, tokens = 3): Event => {
  return ["", { candidates: [{ index: 0, content: { role: "model", parts }, ...fields }], usageMetadata: geminiUsage(tokens), ...GEMINI_HEAD }];
};

/** Sources: https://ai.google.dev/api/generate-content, https://ai.google.dev/gemini-api/docs/function-calling, https://google.aip.dev/193 */
const gemini: Spoken = {
  name: "gemini",
  model: "gemini-2.5-flash",
  basePath: "/v1beta",
  chatPath: "/v1beta/models/gemini-2.5-flash:generateContent",
  streamPath: "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
  credentials: ["x-goog-api-key", (secret) => secret],
  answer: candidate([{ text: "Grüezi 🌿." }], { finishReason: "STOP" })[1],
  stream: toStream(candidate([{ text: "Grüezi " }], {}, 1), candidate([{ text: "🌿." }], { finishReason: "STOP" })),
  calls: toStream(
    candidate([{ functionCall: { id: "call_1", name: "weather", args: { city: "Zürich" } } }, { functionCall: { id: "call_2", name: "now", args: {} } }], { finishReason: "STOP" }),
  ),
  fault: toStream(candidate([{ text: "Grüezi " }], {}, 1), ["", { error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } }]),
  refusals: {
    limited: { status: 429, json: { error: { code: 429, message: "Quota.", status: "RESOURCE_EXHAUSTED" } } },
    wrong: { status: 400, json: { error: { code: 400, message: "messages: wrong", status: "INVALID_ARGUMENT" } } },
    credentials: { status: 400, json: { error: { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT", details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }] } } },
  },
  limitOf: (body) => (body["generationConfig"] as Record<string, unknown>)["maxOutputTokens"],
  cachedTokens: 8n,
};

const COHERE_USAGE = { billed_units: { input_tokens: 20, output_tokens: 5 }, tokens: { input_tokens: 90, output_tokens: 7 } };
const told = (type: string, message: object, index = 0): Event => typed(type, { index, delta: { message } });
const COHERE_START = typed("message-start", { id: "a1", delta: { message: { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] } } });
const cohereEnd = (finish_reason: string): Event => typed("message-end", { delta: { finish_reason, usage: COHERE_USAGE } });
const called = (id: string, name: string): object => ({ tool_calls: { id, type: "function", function: { name, arguments: "" } } });

/** Sources: https://docs.cohere.com/reference/chat, https://docs.cohere.com/docs/streaming, https://docs.cohere.com/reference/errors */
const cohere: Spoken = {
  name: "cohere",
  model: "command-a",
  basePath: "/v2",
  chatPath: "/v2/chat",
  streamPath: "/v2/chat",
  credentials: ["authorization", (secret) => `Bearer ${secret}`],
  answer: { id: "a1", message: { role: "assistant", content: [{ type: "text", text: "Grüezi 🌿." }] }, finish_reason: "COMPLETE", usage: COHERE_USAGE },
  stream: toStream(
    COHERE_START, told("content-start", { content: { type: "text", text: "" } }), told("content-delta", { content: { text: "Grüezi " } }),
    told("content-delta", { content: { text: "🌿." } }), typed("content-end", { index: 0 }), cohereEnd("COMPLETE"),
  ),
  calls: toStream(
    COHERE_START, told("tool-call-start", called("c1", "weather")), told("tool-call-delta", { tool_calls: { function: { arguments: '{"city": "Zürich"}' } } }),
    typed("tool-call-end", { index: 0 }), told("tool-call-start", called("c2", "now"), 1), typed("tool-call-end", { index: 1 }), cohereEnd("TOOL_CALL"),
  ),
  fault: toStream(COHERE_START, told("content-delta", { content: { text: "Grüezi " } }), cohereEnd("ERROR")),
  refusals: {
    limited: { status: 429, json: { message: "Too many." } },
    wrong: { status: 400, json: { message: "messages: wrong" } },
    credentials: { status: 401, json: { message: "invalid api token" } },
  },
  limitOf: (body) => body["max_tokens"],
  cachedTokens: 0n,
};

export const SPOKEN: readonly Spoken[] = [anthropic, gemini, cohere];
