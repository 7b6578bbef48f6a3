import { isArray } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { logprobOf } from "../../logprob.ts";
import { hashText } from "../../random.ts";
import { invalidRequest } from "../../sim-error.ts";
import type { ChatUsage } from "../../usage.ts";
import { embeddingsJson } from "../openai/embeddings.ts";
import { piecesOf } from "./chat-completion.ts";
import { commonFields } from "./chat-request.ts";
import type { CompatibleAsk, CompatibleRow } from "./row.ts";

const MOST_LOGPROBS = 20;

/**
 * Together counts log probabilities instead of switching them on, tells usage with the last chunk without being asked,
 * ends by `eos` where the model ended by itself, and lists models as a bare list.
 *
 * Sources: https://docs.together.ai/reference/chat-completions-1, https://docs.together.ai/docs/error-codes, https://docs.together.ai/reference/embeddings-2
 */
export const together: CompatibleRow = {
  name: "together",
  bases: ["/v1"],
  done: "[DONE]",
  request: {
    read(body) {
      checkLogprobs(body);
      return commonFields(body, "n");
    },
  },
  answer: {
    id: ({ sequence }) => `sim-${sequence}`,
    whole: () => ({ prompt: [] }),
    choice: ({ ask }, choice) => ({ seed: hashText(ask.userText) >>> 0, logprobs: wantsLogprobs(ask) ? logprobs(piecesOf(choice)) : null }),
    chunk: ({ answer }, { isLast }) => ({ usage: isLast && answer.usage !== null ? usageObject(answer.usage) : null }),
    chunkChoice: ({ ask }, { pieces }) => ({
      text: pieces.join(""),
      seed: null,
      logprobs: wantsLogprobs(ask) && pieces[0] !== undefined ? logprobOf(pieces[0], 0) : null,
    }),
    reasoning: () => "reasoning",
    usage: usageObject,
    finish: ({ finishReason, stopSequence }) => (finishReason === "stop" && stopSequence === null ? "eos" : finishReason),
    callId: (id) => `call_sim${id}`,
    numbersCalls: true,
    noCalls: [],
    repeatsRole: true,
  },
  errors: {
    noModel: (model) => ({ status: 404, message: `Unable to access model ${model}. Please visit https://api.together.ai/models to view the list of supported models.` }),
    words: {
      path: { message: "Not found", type: "invalid_request_error", code: null },
      model: { message: "Unable to access this model.", type: "invalid_request_error", code: "model_not_available" },
      400: { message: "The request was refused on demand.", type: "invalid_request_error", code: null },
      401: { message: "Invalid API key provided.", type: "invalid_request_error", code: "invalid_api_key" },
      402: { message: "Credit limit exceeded.", type: "credit_limit", code: null },
      404: { message: "Unable to access this model.", type: "invalid_request_error", code: "model_not_available" },
      422: { message: "The tokens of the prompt and of the answer are more than the model takes.", type: "invalid_request_error", code: null },
      429: { message: "The rate limit of this model is reached.", type: "model_rate_limit", code: null },
      500: { message: "Internal server error", type: "server_error", code: "internal_error" },
      503: { message: "The server is overloaded or not ready yet.", type: "service_unavailable", code: null },
    },
    form: ({ message, type, code }, { param }, { sequence }) => ({ id: `sim-${sequence}`, error: { message, type, param, code } }),
  },
  models: (ids) => JSON.stringify(ids.map((id) => ({ id, object: "model", created: 0, type: "chat", display_name: id, organization: "provider-sim" }))),
  embeddings: { write: (request, vectors) => embeddingsJson(request, vectors, null) },
  headers: ({ sequence, rate }) => {
    const own = { "x-request-id": `req_sim_${sequence}` };
    if (rate === undefined) return own;
    const reset = String(Math.ceil(rate.resetMs / 1_000));
    return { ...own, "x-ratelimit-limit": String(rate.limit), "x-ratelimit-remaining": String(rate.remaining), "x-ratelimit-reset": reset };
  },
};

function checkLogprobs({ logprobs: count, stop }: JsonObject): void {
  if (stop !== undefined && stop !== null && !isArray(stop) && typeof stop !== "string") throw invalidRequest("'stop' must be a list of strings.", "stop");
  if (count === undefined || count === null) return;
  if (typeof count === "number" && Number.isInteger(count) && count >= 0 && count <= MOST_LOGPROBS) return;
  throw invalidRequest(`'logprobs' must be an integer from 0 to ${MOST_LOGPROBS}.`, "logprobs");
}

function wantsLogprobs({ body }: CompatibleAsk): boolean {
  return typeof body["logprobs"] === "number" && body["logprobs"] > 0;
}

function logprobs(pieces: readonly string[]): object {
  return { token_ids: pieces.map((piece) => (hashText(piece) >>> 0) % 100_000), tokens: pieces, token_logprobs: pieces.map((piece) => logprobOf(piece, 0)) };
}

function usageObject({ prompt, cached, completion }: ChatUsage): object {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion, cached_tokens: cached };
}
