import type { ChatRequest } from "@alfred/contracts";
import { parseJson } from "@alfred/openai";
import type { Mapped, Target } from "../dialect.ts";
import { defined, parseRaw, sentFields, type Json } from "../loose-json.ts";
import { toMessages } from "./messages.ts";
import { toTools } from "./tools.ts";

/** OpenAI's fields of no meaning here. */
const UNKNOWN_HERE = ["audio", "prediction", "functions", "function_call", "web_search_options"];
/** Hints without an answer that differs. */
const HINTS = ["prompt_cache_retention", "cache_control", "extra_body"];

/** Unknown fields are Cohere's own (`documents`, `citation_options`, `safety_mode`) and pass. */
export function toChat(request: ChatRequest, target: Target, streamed: boolean): Mapped {
  const unsupported = unservedFields(request);
  const { top_k: k, ...passed } = sentFields(request.extra);
  for (const name of UNKNOWN_HERE) if (name in passed) unsupported.push(name);
  for (const name of [...UNKNOWN_HERE, ...HINTS]) delete passed[name];
  const body = {
    ...defined({ k, thinking: thinking(request.reasoningEffort, unsupported) }),
    ...passed,
    model: target.model,
    messages: toMessages(request.messages, unsupported),
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

/** Labels of the client's own (`user`, `metadata`, keys of caches) change no answer and are left out. */
function unservedFields(request: ChatRequest): string[] {
  const unserved: [string, boolean][] = [
    ["n", (request.n ?? 1) > 1],
    ["logit_bias", Object.keys(request.logitBias).length > 0],
    ["top_logprobs", (request.topLogprobs ?? 0) > 0],
    ["frequency_penalty", !isPenalty(request.frequencyPenalty)],
    ["presence_penalty", !isPenalty(request.presencePenalty)],
    ["modalities", request.modalities.some((modality) => modality !== "text")],
    ["verbosity", !["medium", undefined].includes(request.verbosity)],
    ["store", request.store === true],
    ["service_tier", !["auto", "default", undefined].includes(request.serviceTier)],
  ];
  return unserved.flatMap(([name, isUnserved]) => (isUnserved ? [name] : []));
}

/** Cohere's penalties only discourage. */
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
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
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

/** Source: https://docs.cohere.com/docs/reasoning */
function thinking(effort: string | undefined, unsupported: string[]): Json | undefined {
  if (effort === undefined) return undefined;
  if (effort === "none") return { type: "disabled" };
  if (BUDGETS.has(effort)) return defined({ type: "enabled", token_budget: BUDGETS.get(effort) });
  unsupported.push("reasoning_effort");
  return undefined;
}
