import type { Stamp } from "../../dialect.ts";
import { readForm } from "../../form-fields.ts";
import { isObject, parseBody } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { hashText } from "../../random.ts";
import { SimError } from "../../sim-error.ts";
import { unknownFields } from "../../unknown-fields.ts";
import type { ChatUsage } from "../../usage.ts";
import { createdS } from "../openai/chat-completion.ts";
import { embeddingsJson } from "../openai/embeddings.ts";
import { commonFields, messagesOf } from "./chat-request.ts";
import type { CompatibleRow, ErrorWords } from "./row.ts";

const FIELDS = new Set([
  "model", "messages", "stream", "max_tokens", "temperature", "top_p", "stop", "random_seed", "metadata", "response_format", "tools", "tool_choice",
  "presence_penalty", "frequency_penalty", "n", "prediction", "parallel_tool_calls", "reasoning_effort", "prompt_mode", "guardrails",
  "prompt_cache_key", "service_tier", "safe_prompt",
]);
const EMBEDDING_FIELDS = new Set(["model", "input", "metadata", "output_dimension", "output_dtype", "encoding_format"]);
const HEARING_FIELDS = new Set(["model", "file_url", "file_id", "language", "temperature", "diarize", "context_bias", "timestamp_granularities"]);
const MODERATION_FIELDS = new Set(["model", "input", "metadata"]);
const VIOLENCE = "violence_and_threats";
const MODERATION_CATEGORIES = ["sexual", "hate_and_discrimination", VIOLENCE, "dangerous_and_criminal_content", "selfharm", "health", "financial", "law", "pii"];
const MESSAGE_FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  system: new Set(["role", "content"]),
  user: new Set(["role", "content"]),
  assistant: new Set(["role", "content", "tool_calls", "prefix"]),
  tool: new Set(["role", "content", "tool_call_id", "name"]),
};
const WRONG_ORDER = "3230";

/**
 * Mistral refuses what it does not know, tells usage with the last chunk without being asked, calls tools whole, and
 * shows thoughts as blocks. A stream that fails ends by its reason to finish.
 *
 * Sources: https://docs.mistral.ai/api, https://docs.mistral.ai/capabilities/reasoning
 */
export const mistral: CompatibleRow = {
  name: "mistral",
  bases: ["/v1"],
  done: "[DONE]",
  request: {
    invalidStatus: 422,
    read(body) {
      checkFields(body);
      const { tool_choice: choice } = body;
      const read = commonFields(body, "n", "parallel_tool_calls");
      return choice === "any" ? { ...read, tool_choice: "required" } : read;
    },
    thinks: ({ model }) => String(model).includes("magistral") || undefined,
  },
  answer: {
    id: answerId,
    reasoning: () => "blocks",
    usage: usageObject,
    chunk: ({ answer }, { isLast }) => (isLast && answer.usage !== null ? { usage: usageObject(answer.usage) } : {}),
    callId: (id) => `s${(hashText(id) >>> 0).toString(36).padStart(8, "0")}`,
    wholeCalls: "last",
    numbersCalls: true,
    silence: "",
    noCalls: null,
  },
  errors: {
    noModel: (model) => ({ status: 400, message: `Invalid model: ${model}` }),
    words: {
      key_missing: { message: "Unauthorized", type: "unauthorized", code: null },
      path: { message: "no Route matched with those values", type: "no_route", code: null },
      model: { message: "Invalid model", type: "invalid_model", code: "1500" },
      [WRONG_ORDER]: {
        message: "Expected last role User or Tool (or Assistant with prefix True)",
        type: "invalid_request_message_order",
        code: WRONG_ORDER,
      },
      400: { message: "The request was refused on demand.", type: "invalid_request_error", code: "3051" },
      401: { message: "Unauthorized", type: "unauthorized", code: null },
      402: { message: "This account may not use the service.", type: "payment_required", code: null },
      404: { message: "Not found", type: "not_found", code: null },
      422: { message: "Refused on demand", type: "value_error", code: null },
      429: { message: "Rate limit exceeded", type: "rate_limited", code: "1300" },
      500: { message: "Service unavailable.", type: "internal_server_error", code: "3000" },
      503: { message: "Service unavailable.", type: "unreachable_backend", code: "1100" },
    },
    form: errorObject,
    frame: (_, stamp) => ({
      id: answerId(stamp),
      object: "chat.completion.chunk",
      created: createdS(stamp),
      model: "",
      choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }],
    }),
  },
  models: (ids) => JSON.stringify({ object: "list", data: ids.map(modelCard) }),
  embeddings: {
    read({ body }) {
      const json = parseBody(body);
      refuseUnknown(json, EMBEDDING_FIELDS, []);
      const { model, input, encoding_format, output_dimension: dimensions } = json;
      return { model, input, encoding_format, dimensions };
    },
    write(request, vectors, tokens, { sequence }) {
      const list: unknown = JSON.parse(embeddingsJson(request, vectors, tokens));
      const usage = tokens === null ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0 } };
      return JSON.stringify({ id: `emb-sim-${sequence}`, ...(isObject(list) ? list : {}), ...usage });
    },
  },
  // Source: https://docs.mistral.ai/api/endpoint/audio/transcriptions
  hearing: {
    read: readForm,
    check: ({ fields }) => refuseUnknown(fields, HEARING_FIELDS, []),
    write({ text, usage }, _stamp, { model, seconds, tokens }) {
      const counts = { prompt_audio_seconds: seconds, prompt_tokens: 4, total_tokens: 4 + tokens, completion_tokens: tokens };
      return { model, text, language: null, segments: [], ...(usage === undefined ? {} : { usage: counts }) };
    },
  },
  // Source: https://docs.mistral.ai/capabilities/guardrailing
  moderations: {
    read({ body }) {
      const json = parseBody(body);
      refuseUnknown(json, MODERATION_FIELDS, []);
      const { model, input } = json;
      if (Array.isArray(input) && !input.every((item) => typeof item === "string")) throw refused("input", "string_type", "Input should be a valid string");
      return { model: model ?? "", input };
    },
    write({ model, violent }, sequence, tokens) {
      const results = violent.map((isViolent) => ({
        categories: Object.fromEntries(MODERATION_CATEGORIES.map((name) => [name, isViolent && name === VIOLENCE])),
        category_scores: Object.fromEntries(MODERATION_CATEGORIES.map((name) => [name, isViolent && name === VIOLENCE ? 0.875 : 0.125])),
      }));
      const usage = tokens === null ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0 } };
      return { id: `mod-sim-${sequence}`, model, results, ...usage };
    },
  },
};

function modelCard(id: string): object {
  const capabilities = { completion_chat: true, function_calling: true, reasoning: true, completion_fim: false, fine_tuning: false, vision: true };
  return { id, object: "model", created: 0, owned_by: "provider-sim", type: "base", name: id, max_context_length: 131_072, aliases: [], capabilities };
}

function answerId({ sequence }: Stamp): string {
  return sequence.toString(16).padStart(32, "0");
}

function usageObject({ prompt, cached, completion }: ChatUsage): object {
  const counts = { prompt_tokens: prompt, total_tokens: prompt + completion, completion_tokens: completion };
  return cached === 0 ? counts : { ...counts, num_cached_tokens: cached };
}

function checkFields(body: JsonObject): void {
  refuseUnknown(body, FIELDS, []);
  for (const { message, index } of messagesOf(body)) {
    const { role } = message;
    const known = typeof role === "string" ? MESSAGE_FIELDS[role] : undefined;
    if (known === undefined) throw refused(`messages.${index}`, "union_tag_invalid", `Input tag '${String(role)}' does not match any of the expected tags`);
    refuseUnknown(message, known, ["messages", index, String(role)]);
  }
  const last = messagesOf(body).at(-1)?.message;
  if (last === undefined || last["role"] === "user" || last["role"] === "tool" || last["prefix"] === true) return;
  throw new SimError(400, "request", { code: WRONG_ORDER });
}

function refuseUnknown(object: JsonObject, known: ReadonlySet<string>, path: readonly (string | number)[]): void {
  const [name] = unknownFields(object, known);
  if (name !== undefined) throw refused([...path, name].join("."), "extra_forbidden", "Extra inputs are not permitted");
}

function refused(param: string, code: string, message: string): SimError {
  return new SimError(422, "request", { message, param, code });
}

/** What is wrong with a request is told in a list; what the door in front refuses, in a message alone. */
function errorObject(words: ErrorWords, { status, param, code }: SimError, { sequence }: Stamp): object {
  if (status === 401 || words.type === "no_route") return { message: words.message, request_id: `sim-${sequence}` };
  if (status !== 422) return { object: "error", message: words.message, type: words.type, param: null, code: words.code };
  const detail = [{ type: code ?? words.type, loc: ["body", ...locationOf(param)], msg: words.message, input: null }];
  return { object: "Error", detail, message: detail, type: "invalid_request_error", code: 3001 };
}

/** The steps of a path such as `messages.0.user` or `tools[0].type`. */
function locationOf(param: string | null): (string | number)[] {
  const steps = (param ?? "").split(/[.[\]]+/).filter((step) => step !== "");
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
