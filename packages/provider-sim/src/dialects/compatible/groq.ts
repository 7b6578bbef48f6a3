import type { Stamp } from "../../dialect.ts";
import { readForm } from "../../form-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import { unknownFields } from "../../unknown-fields.ts";
import type { ChatUsage } from "../../usage.ts";
import { answerHeaders } from "../openai/headers.ts";
import { modelListJson } from "../openai/models.ts";
import { commonFields, messagesOf } from "./chat-request.ts";
import type { CompatibleRow } from "./row.ts";

const FIELDS = new Set([
  "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "top_p", "stop", "seed", "n", "tools",
  "tool_choice", "parallel_tool_calls", "disable_tool_validation", "functions", "function_call", "response_format", "frequency_penalty",
  "presence_penalty", "reasoning_effort", "reasoning_format", "include_reasoning", "service_tier", "user", "metadata", "store", "logprobs",
  "top_logprobs", "logit_bias", "documents", "citation_options", "compound_custom", "search_settings", "include_domains", "exclude_domains",
]);
const MESSAGE_FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  system: new Set(["role", "content"]),
  developer: new Set(["role", "content"]),
  user: new Set(["role", "content"]),
  assistant: new Set(["role", "content", "tool_calls", "function_call", "reasoning"]),
  tool: new Set(["role", "content", "tool_call_id"]),
  function: new Set(["role", "content", "name"]),
};
const HEARING_FIELDS = new Set(["model", "url", "language", "prompt", "response_format", "temperature", "timestamp_granularities"]);
const REFUSED = ["logprobs", "top_logprobs", "logit_bias"] as const;
const TIERS = ["auto", "on_demand", "flex", "performance"];
/** Tokens of a second, made up. */
const TOKENS_PER_S = 1_000;

/**
 * Groq refuses what it does not know, log probabilities, biases, names of messages and more than one choice; it tells
 * the id of a request with the first chunk and its usage with the last, in a field of its own.
 *
 * Sources: https://console.groq.com/docs/api-reference, https://console.groq.com/docs/openai, https://console.groq.com/docs/errors, https://console.groq.com/docs/reasoning
 */
export const groq: CompatibleRow = {
  name: "groq",
  bases: ["/openai/v1"],
  done: "[DONE]",
  request: {
    wantsWordJson: true,
    read(body) {
      checkFields(body);
      return commonFields(body, "stream_options", "max_completion_tokens", "parallel_tool_calls");
    },
  },
  answer: {
    id: ({ sequence }) => `chatcmpl-sim-${sequence}`,
    head: () => ({ system_fingerprint: "fp_sim" }),
    whole: ({ ask, stamp }) => ({ usage_breakdown: null, x_groq: { id: requestId(stamp) }, service_tier: tierOf(ask.body) }),
    choice: () => ({ logprobs: null }),
    chunkChoice: () => ({ logprobs: null }),
    chunk({ answer, stamp }, { isFirst, isLast }) {
      if (isFirst) return { x_groq: { id: requestId(stamp) } };
      return isLast && answer.usage !== null ? { x_groq: { id: requestId(stamp), usage: usageObject(answer.usage) } } : {};
    },
    tellsUsageWhenAsked: true,
    reasoning({ body }) {
      if (body["include_reasoning"] === false || body["reasoning_format"] === "hidden") return "hidden";
      return body["reasoning_format"] === "raw" ? "tags" : "reasoning";
    },
    usage: usageObject,
    callId: (id) => `call_sim${id}`,
    wholeCalls: "each",
  },
  errors: {
    noModel: (model) => ({ status: 404, message: `The model \`${model}\` does not exist or you do not have access to it.` }),
    words: {
      path: { message: "Unknown request URL. Please check the URL for typos.", type: "invalid_request_error", code: "unknown_url" },
      model: { message: "The model does not exist.", type: "invalid_request_error", code: "model_not_found" },
      rate: { message: "Rate limit reached.", type: "requests", code: "rate_limit_exceeded" },
      request: { message: "The request is invalid.", type: "invalid_request_error", code: null },
      400: { message: "The request was refused on demand.", type: "invalid_request_error", code: null },
      401: { message: "Invalid API Key", type: "invalid_request_error", code: "invalid_api_key" },
      404: { message: "The model does not exist.", type: "invalid_request_error", code: "model_not_found" },
      413: { message: "Request Entity Too Large", type: "invalid_request_error", code: "request_too_large" },
      422: { message: "The request could not be processed.", type: "invalid_request_error", code: null },
      429: { message: "Rate limit reached for this model. Please try again later.", type: "requests", code: "rate_limit_exceeded" },
      498: { message: "The capacity of the flex tier is exceeded. Please try again later.", type: "invalid_request_error", code: "capacity_exceeded" },
      500: { message: "Internal Server Error", type: "internal_server_error", code: null },
      502: { message: "Bad Gateway", type: "internal_server_error", code: null },
      503: { message: "Service Unavailable", type: "internal_server_error", code: null },
    },
    form: ({ message, type, code }) => ({ error: { message, type, ...(code === null ? {} : { code }) } }),
  },
  models: modelListJson,
  // Source: https://console.groq.com/docs/batch
  batched: ["/chat/completions"],
  // Source: https://console.groq.com/docs/speech-to-text
  hearing: {
    read: readForm,
    translates: true,
    check({ fields }) {
      const [name] = unknownFields(fields, HEARING_FIELDS);
      if (name !== undefined) throw invalidRequest(`property '${name}' is unsupported`);
      const { response_format: format = "json" } = fields;
      if (!["json", "text", "verbose_json"].includes(String(format))) throw invalidRequest("response_format must be one of [json, text, verbose_json]", "response_format");
    },
    write: (told, { sequence }) => ({ ...told, usage: undefined, x_groq: { id: `req_sim_${sequence}` } }),
  },
  headers: (stamp) => {
    const { "openai-version": _, "openai-processing-ms": __, ...headers } = answerHeaders(stamp);
    return { ...headers, "x-groq-region": "sim" };
  },
};

function requestId({ sequence }: Stamp): string {
  return `req_sim_${sequence}`;
}

function tierOf({ service_tier: tier }: JsonObject): string {
  return typeof tier === "string" && tier !== "auto" ? tier : "on_demand";
}

function checkFields(body: JsonObject): void {
  const [unknown] = unknownFields(body, FIELDS);
  if (unknown !== undefined) throw invalidRequest(`property '${unknown}' is unsupported`);
  for (const { message, index } of messagesOf(body)) checkMessage(message, index);
  for (const name of REFUSED) {
    const value = body[name];
    if (value !== undefined && value !== null && value !== false) throw invalidRequest(`\`${name}\` is not supported with this model`, name);
  }
  const { n, service_tier: tier } = body;
  if (n !== undefined && n !== null && n !== 1) throw invalidRequest("'n' : number must be at most 1", "n");
  if (typeof tier === "string" && !TIERS.includes(tier)) throw invalidRequest(`'service_tier' : value must be one of ${JSON.stringify(TIERS)}`);
  if (body["reasoning_format"] !== undefined && body["include_reasoning"] !== undefined) {
    throw invalidRequest("cannot specify both `reasoning_format` and `include_reasoning`");
  }
}

function checkMessage(message: JsonObject, index: number): void {
  const { role } = message;
  const known = typeof role === "string" ? MESSAGE_FIELDS[role] : undefined;
  const [unknown] = known === undefined ? [] : unknownFields(message, known);
  if (unknown === undefined) return;
  const place = `'messages.${index}'`;
  throw invalidRequest(`${place} : for 'role:${String(role)}' the following must be satisfied[(${place} : property '${unknown}' is unsupported)]`);
}

function usageObject({ prompt, cached, completion, reasoning }: ChatUsage): object {
  return {
    queue_time: 0,
    prompt_tokens: prompt,
    prompt_time: prompt / TOKENS_PER_S,
    completion_tokens: completion,
    completion_time: completion / TOKENS_PER_S,
    total_tokens: prompt + completion,
    total_time: (prompt + completion) / TOKENS_PER_S,
    ...(cached === 0 ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
    ...(reasoning === 0 ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}
