import type { ChatRequest } from "@alfred/contracts";
import { parseJson } from "@alfred/openai";
import type { Mapped, Target } from "../dialect.ts";
import { UNTYPED, isIdle, ownFields, unserved } from "../labels.ts";
import { defined, parseRaw, type Json } from "../loose-json.ts";
import { errorsAsText } from "../tool-error.ts";
import { toMessages } from "./messages.ts";
import { toTools } from "./tools.ts";

/** What Cohere has nothing for. */
const LACKING = ["n", "logit_bias", "top_logprobs", "modalities", "verbosity", "store", "service_tier", ...UNTYPED];

/** Unknown fields are Cohere's own (`documents`, `citation_options`, `safety_mode`) and pass. */
export function toChat(request: ChatRequest, target: Target, streamed: boolean): Mapped {
  const { fields, stray } = ownFields(request);
  const { top_k: k, ...passed } = fields;
  const unsupported = [...unserved(request, LACKING), ...unservedPenalties(request), ...stray];
  const body = {
    ...defined({ k, thinking: thinking(request.reasoningEffort, isIdle("thinking", fields["thinking"]), unsupported) }),
    ...passed,
    model: target.model,
    messages: toMessages(errorsAsText(request).messages, unsupported),
    stream: streamed,
    ...toTools(request, unsupported),
    ...sampling(request),
    ...responseFormat(request.responseFormat, unsupported),
  };
  return { request: { url: `${target.baseUrl}/chat`, headers: credentials(target), body }, unsupported };
}

export function credentials({ secret }: Target): Record<string, string> {
  return secret === "" ? {} : { authorization: `Bearer ${secret}` };
}

/** Cohere's penalties only discourage. */
function unservedPenalties({ frequencyPenalty, presencePenalty }: ChatRequest): string[] {
  return [...(isPenalty(frequencyPenalty) ? [] : ["frequency_penalty"]), ...(isPenalty(presencePenalty) ? [] : ["presence_penalty"])];
}

function isPenalty(value: number | undefined): boolean {
  return value === undefined || (value >= 0 && value <= 1);
}

/** Between these Cohere's `p` lies; OpenAI's 1, which cuts off nothing, is said as the most. */
const LEAST_P = 0.01;
const MOST_P = 0.99;

function sampling(request: ChatRequest): Json {
  const { stop, seed, topP } = request;
  return defined({
    max_tokens: request.maxCompletionTokens ?? request.maxTokens,
    stop_sequences: stop?.$case === "stopText" ? [stop.value] : stop?.value.values,
    temperature: request.temperature,
    p: topP === undefined ? undefined : Math.min(Math.max(topP, LEAST_P), MOST_P),
    seed: seed === undefined ? undefined : parseJson(seed.toString()),
    // Of none it is spared the mention, since it takes but one of the two.
    frequency_penalty: request.frequencyPenalty || undefined,
    presence_penalty: request.presencePenalty || undefined,
    logprobs: request.logprobs,
  });
}

function responseFormat(format: ChatRequest["responseFormat"], unsupported: string[]): Json {
  if (format === undefined) return {};
  const { type, jsonSchema } = format;
  if (type === "text" || type === "json_object") return { response_format: { type } };
  if (type !== "json_schema") {
    unsupported.push("response_format");
    return {};
  }
  const schema = jsonSchema?.schema;
  const json_schema = schema === undefined ? undefined : parseRaw(schema, "response_format.json_schema.schema");
  return { response_format: defined({ type: "json_object", json_schema }) };
}

/** Tokens to think by effort; "high" is left to the model. */
const BUDGETS: ReadonlyMap<string, number | undefined> = new Map([
  ["minimal", 1_024], ["low", 1_024], ["medium", 8_192], ["high", undefined],
]);

/**
 * How hard to think can be said once: Cohere's own words count.
 * Source: https://docs.cohere.com/docs/reasoning
 */
function thinking(effort: string | undefined, isFree: boolean, unsupported: string[]): Json | undefined {
  if (effort === undefined) return undefined;
  if (isFree && effort === "none") return { type: "disabled" };
  if (isFree && BUDGETS.has(effort)) return defined({ type: "enabled", token_budget: BUDGETS.get(effort) });
  unsupported.push("reasoning_effort");
  return undefined;
}
