import type { JsonObject } from "../../json-fields.ts";
import { isObject } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import type { ChatUsage } from "../../usage.ts";
import { logprobsFor } from "../openai/logprobs.ts";
import { modelListJson } from "../openai/models.ts";
import { piecesOf } from "./chat-completion.ts";
import { commonFields, messagesOf, partsOf } from "./chat-request.ts";
import type { CompatibleAsk, CompatibleRow } from "./row.ts";

const ROLES = ["system", "user", "assistant", "tool"];

/**
 * DeepSeek shows its thoughts, tells the parts of a prompt that were and were not cached, keeps waiting streams alive
 * with comments, takes text alone, and answers in JSON, but in none of a schema. What it does not know it ignores.
 *
 * Sources: https://api-docs.deepseek.com/api/create-chat-completion, https://api-docs.deepseek.com/quick_start/error_codes, https://api-docs.deepseek.com/quick_start/rate_limit
 */
export const deepseek: CompatibleRow = {
  name: "deepseek",
  bases: ["/v1", "/beta", ""],
  done: "[DONE]",
  waiting: "keep-alive",
  request: {
    wantsWordJson: true,
    read(body) {
      checkMessages(body);
      const format = body["response_format"];
      if (isObject(format) && format["type"] === "json_schema") throw invalidRequest("This response_format type is unavailable now");
      return commonFields(body, "stream_options", "logprobs", "top_logprobs");
    },
    thinks({ model, thinking }) {
      const type = isObject(thinking) ? thinking["type"] : undefined;
      if (type === "enabled" || type === "disabled") return type === "enabled";
      return String(model).includes("reasoner") || undefined;
    },
  },
  answer: {
    id: ({ sequence }) => `00000000-0000-4000-8000-${sequence.toString(16).padStart(12, "0")}`,
    head: () => ({ system_fingerprint: "fp_sim" }),
    choice: ({ ask }, choice) => ({ logprobs: logprobs(ask, piecesOf(choice)) }),
    chunkChoice: ({ ask }, { pieces }) => ({ logprobs: pieces.length === 0 ? null : logprobs(ask, pieces) }),
    chunk: ({ ask, answer }, { isLast }) => {
      if (ask.includeUsage) return { usage: null };
      return isLast && answer.usage !== null ? { usage: usageObject(answer.usage) } : {};
    },
    tellsUsageWhenAsked: true,
    reasoning: () => "reasoning_content",
    usage: usageObject,
    callId: (id) => `call_00_sim${id}`,
    numbersCalls: true,
    silence: "",
  },
  errors: {
    noModel: () => ({ status: 400, message: "Model Not Exist" }),
    words: {
      key_missing: { message: "Authentication Fails (auth header format should be Bearer sk-...)", type: "authentication_error", code: "invalid_request_error" },
      400: { message: "The request was refused on demand.", type: "invalid_request_error", code: "invalid_request_error" },
      401: { message: "Authentication Fails, the api key is invalid", type: "authentication_error", code: "invalid_request_error" },
      402: { message: "Insufficient Balance", type: "unknown_error", code: "invalid_request_error" },
      404: { message: "Not Found", type: "invalid_request_error", code: "invalid_request_error" },
      429: { message: "Requests come too quickly.", type: "rate_limit_reached", code: "rate_limit_reached" },
      500: { message: "The server met an issue.", type: "server_error", code: "internal_error" },
      503: { message: "Service is too busy.", type: "service_unavailable_error", code: "service_unavailable_error" },
    },
    form: ({ message, type, code }) => ({ error: { message, type, param: null, code } }),
  },
  models: modelListJson,
};

function checkMessages(body: JsonObject): void {
  for (const { message, index } of messagesOf(body)) {
    const { role } = message;
    if (typeof role === "string" && !ROLES.includes(role)) throw unread(`messages[${index}].role`, role, ROLES);
    const other = partsOf(message).find(({ type }) => type !== "text");
    if (other !== undefined) throw unread(`messages[${index}].content`, String(other["type"]), ["text"]);
  }
}

function unread(path: string, variant: string, expected: readonly string[]): Error {
  const list = expected.map((each) => `\`${each}\``).join(", ");
  const wanted = expected.length === 1 ? list : `one of ${list}`;
  return invalidRequest(`Failed to deserialize the JSON body into the target type: ${path}: unknown variant \`${variant}\`, expected ${wanted}`);
}

function logprobs(ask: CompatibleAsk, pieces: readonly string[]): unknown {
  return ask.logprobs ? logprobsFor("content", pieces, ask.topLogprobs) : null;
}

function usageObject({ prompt, cached, completion, reasoning }: ChatUsage): object {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
    prompt_cache_hit_tokens: cached,
    prompt_cache_miss_tokens: prompt - cached,
  };
}
