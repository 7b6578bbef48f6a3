import { withoutDirectives } from "../../directives.ts";
import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import type { ChatUsage } from "../../usage.ts";
import { commonFields, messagesOf } from "./chat-request.ts";
import type { CompatibleAsk, CompatibleRow, Facts, Part } from "./row.ts";

const FORMATS = ["text", "json_schema", "regex"];
/** Made up, as is the cost of a request, in dollars. */
const TOKENS_PER_DOLLAR = 1_000_000;
const REQUEST_COST = 0.005;
/** For a question that is researched; made up, too. */
const SEARCHES = 21;
const PAGES = ["https://example.com/one", "https://example.org/two"];

/**
 * Perplexity searches: an answer names its pages, and what it cost. Each chunk repeats all that was said, the pages, and
 * the usage so far; the stream just ends. Users and assistants take turns; there are no tools, and JSON only of a schema.
 *
 * Sources: https://docs.perplexity.ai/api-reference/chat-completions-post, https://docs.perplexity.ai/docs/sonar/openai-compatibility
 */
export const perplexity: CompatibleRow = {
  name: "perplexity",
  bases: [""],
  done: undefined,
  request: {
    read(body) {
      checkMessages(body);
      const { response_format: format, tools } = body;
      if (isArray(tools) && tools.length > 0) throw invalidRequest("Tool calling is not supported for this model.");
      if (isObject(format) && !FORMATS.includes(String(format["type"]))) {
        throw invalidRequest(`["At body -> response_format -> type: Input should be one of ${FORMATS.join(", ")}"]`);
      }
      const { tools: _, tool_choice: __, ...read } = commonFields(body);
      return read;
    },
  },
  answer: {
    id: ({ sequence }) => `00000000-0000-4000-8000-${sequence.toString(16).padStart(12, "0")}`,
    head: ({ ask }) => ({ citations: PAGES, search_results: PAGES.map((url) => searchResult(url, ask)) }),
    choice: () => ({ delta: { role: "assistant", content: "" } }),
    chunkChoice: (_, { said }) => ({ message: { role: "assistant", content: said } }),
    chunk: cumulativeUsage,
    reasoning: (ask) => (researches(ask) ? "hidden" : "tags"),
    usage: (usage, { ask }) => usageObject(usage, usage.completion, ask),
    callId: (id) => id,
    repeatsRole: true,
  },
  errors: {
    noModel: (model) => ({ status: 400, message: `Invalid model '${model}'. Permitted models can be found in the documentation.` }),
    words: {
      request: { message: "The request is invalid.", type: "invalid_message", code: null },
      model: { message: "Invalid model.", type: "invalid_model", code: null },
      400: { message: "The request was refused on demand.", type: "bad_request", code: null },
      401: { message: "Invalid API key provided.", type: "invalid_api_key", code: null },
      404: { message: "Not found", type: "not_found", code: null },
      429: { message: "Request rate limit exceeded, please try again later.", type: "request_rate_limit_exceeded", code: null },
      500: { message: "Internal server error", type: "internal_server_error", code: null },
      503: { message: "The service is unavailable.", type: "service_unavailable", code: null },
    },
    form: ({ message, type, code }, { status }) => ({ error: { message, type: code ?? type, code: status } }),
  },
};

function checkMessages(body: JsonObject): void {
  const roles = messagesOf(body).map(({ message }) => message["role"]);
  const first = roles.findIndex((role) => role !== "system");
  const turns = first < 0 ? [] : roles.slice(first);
  const isInTurn = turns.every((role, index) => role === (index % 2 === 0 ? "user" : "assistant"));
  if (!isInTurn) throw invalidRequest("After the (optional) system message(s), user and assistant roles should be alternating.");
  if (turns.at(-1) !== "user") throw invalidRequest("Last message must have role `user`.");
}

function searchResult(url: string, { userText }: CompatibleAsk): object {
  return { title: `About ${withoutDirectives(userText).slice(0, 20)}`, url, date: "2026-01-01", last_updated: "2026-01-01", snippet: "", source: "web" };
}

/** Models for research do not show their thoughts, and count them beside the answer. */
function researches({ model }: CompatibleAsk): boolean {
  return model.includes("deep-research");
}

function cumulativeUsage({ ask, answer: { usage } }: Facts, { tokens, isLast }: Part): object {
  if (usage === null) return {};
  return { usage: usageObject(usage, isLast ? usage.completion : Math.min(tokens, usage.completion), ask) };
}

/** @param soFar tokens of the answer, thoughts included */
function usageObject({ prompt, completion, reasoning }: ChatUsage, soFar: number, ask: CompatibleAsk): object {
  const isApart = researches(ask) && reasoning > 0;
  const answered = isApart ? Math.min(soFar, completion - reasoning) : soFar;
  const input_tokens_cost = prompt / TOKENS_PER_DOLLAR;
  const output_tokens_cost = answered / TOKENS_PER_DOLLAR;
  const reasoning_tokens_cost = isApart ? reasoning / TOKENS_PER_DOLLAR : 0;
  const request_cost = prompt === 0 ? 0 : REQUEST_COST;
  const total_cost = input_tokens_cost + output_tokens_cost + reasoning_tokens_cost + request_cost;
  return {
    prompt_tokens: prompt,
    completion_tokens: answered,
    total_tokens: prompt + answered,
    ...(isApart ? { reasoning_tokens: reasoning } : {}),
    ...(researches(ask) ? { num_search_queries: SEARCHES } : {}),
    search_context_size: "low",
    cost: { input_tokens_cost, output_tokens_cost, ...(isApart ? { reasoning_tokens_cost } : {}), request_cost, total_cost },
  };
}
