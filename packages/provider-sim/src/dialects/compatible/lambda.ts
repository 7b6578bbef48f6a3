import type { ChatUsage } from "../../usage.ts";
import { logprobsFor } from "../openai/logprobs.ts";
import { modelListJson } from "../openai/models.ts";
import { piecesOf } from "./chat-completion.ts";
import { commonFields } from "./chat-request.ts";
import type { CompatibleRow } from "./row.ts";

const PASSED = { filtered: false };
const FILTERS = { hate: PASSED, self_harm: PASSED, sexual: PASSED, violence: PASSED, jailbreak: { filtered: false, detected: false }, profanity: { filtered: false, detected: false } };

/**
 * Lambda serves open models as OpenAI does, with what filters found, and ignores what it does not know. Its reference
 * documents no errors; they are taken to be of OpenAI's form, with the codes of Lambda's cloud API.
 *
 * Source: https://docs.lambda.ai/public-cloud/lambda-inference-api
 */
export const lambda: CompatibleRow = {
  name: "lambda",
  bases: ["/v1"],
  done: "[DONE]",
  request: {
    read: (body) => commonFields(body, "n", "stream_options", "logprobs", "top_logprobs", "parallel_tool_calls"),
  },
  answer: {
    id: ({ sequence }) => `chatcmpl-sim-${sequence}`,
    head: () => ({ system_fingerprint: "" }),
    choice: ({ ask }, choice) => ({
      content_filter_results: FILTERS,
      ...(ask.logprobs ? { logprobs: logprobsFor("content", piecesOf(choice), ask.topLogprobs) } : {}),
    }),
    chunkChoice: ({ ask }, { pieces }) => ({
      content_filter_results: FILTERS,
      ...(ask.logprobs && pieces.length > 0 ? { logprobs: logprobsFor("content", pieces, ask.topLogprobs) } : {}),
    }),
    chunk: ({ ask }) => (ask.includeUsage ? { usage: null } : {}),
    tellsUsageWhenAsked: true,
    reasoning: () => "tags",
    usage: usageObject,
    callId: (id) => `chatcmpl-tool-sim${id}`,
  },
  errors: {
    noModel: (model) => ({ status: 404, message: `model ${model} not found` }),
    words: {
      model: { message: "model not found", type: "invalid_request_error", code: "model_not_found" },
      400: { message: "The request was refused on demand.", type: "invalid_request_error", code: null },
      401: { message: "API key was invalid, expired, or deleted.", type: "authentication_error", code: "global/invalid-api-key" },
      404: { message: "not found", type: "invalid_request_error", code: null },
      429: { message: "Too many requests.", type: "rate_limit_error", code: "global/rate-limited" },
      500: { message: "internal server error", type: "internal_error", code: "global/internal-error" },
    },
    form: ({ message, type, code }, { param }) => ({ error: { message, type, param, code } }),
  },
  models: modelListJson,
};

function usageObject({ prompt, completion }: ChatUsage): object {
  const total_tokens = prompt + completion;
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens, prompt_tokens_details: null, completion_tokens_details: null };
}
