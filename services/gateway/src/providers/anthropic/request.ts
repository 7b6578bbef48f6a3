import { ChatRequest } from "@alfred/contracts";
import { isObject } from "@alfred/openai";
import type { Json } from "../loose-json.ts";
import { writeConversation } from "./conversation.ts";
import { Draft, invalid, isBlank, parseRaw } from "./draft.ts";
import { traitsOf } from "./model-traits.ts";
import { writeSampling, writeStop } from "./sampling.ts";
import { writeThinking } from "./thinking.ts";
import { writeTools } from "./tools.ts";

/** How a chat is asked for. */
interface Asked {
  /** The model as the provider names it. */
  readonly model: string;
  readonly streamed: boolean;
}

/**
 * The body of POST /v1/messages, and what of the chat it cannot say.
 *
 * Source: https://platform.claude.com/docs/en/api/messages/create
 * @throws AlfredError INVALID_ARGUMENT
 */
export function writeRequest(chat: ChatRequest, { model, streamed }: Asked): Draft {
  const draft = new Draft();
  const traits = traitsOf(model);
  const limitTokens = limitOf(chat);
  Object.assign(draft.body, { model, max_tokens: limitTokens });
  writeConversation(chat.messages, traits, draft);
  writeTools(chat, traits, draft);
  writeStop(chat, draft);
  writeFormat(chat, draft);
  writeThinking(chat, traits, limitTokens, draft);
  writeUser(chat, draft);
  writeTier(chat, draft);
  if (streamed) draft.body["stream"] = true;
  for (const [field, isAsked] of UNSERVED) if (isAsked(chat)) draft.lacks(field);
  passExtra(chat.extra, draft);
  writeSampling(chat, traits, draft);
  return draft;
}

/** The API takes no request without a limit, and money is held for as much: so the smaller of the two counts. */
function limitOf({ maxTokens, maxCompletionTokens }: ChatRequest): number {
  const limits = [maxTokens, maxCompletionTokens].filter((each) => each !== undefined);
  if (limits.length === 0) throw invalid("max_completion_tokens", "set, since this provider answers none without a limit");
  return Math.min(...limits);
}

/** Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
function writeFormat({ responseFormat: format }: ChatRequest, draft: Draft): void {
  if (format === undefined || format.type === "text") return;
  const schema = format.type === "json_schema" ? format.jsonSchema?.schema : undefined;
  // JSON of any form cannot be asked for: every object of a schema has to name its fields.
  if (schema === undefined) return draft.lacks("response_format");
  const field = "response_format.json_schema.schema";
  draft.body["output_config"] = { format: { type: "json_schema", schema: parseRaw(schema, field) } };
}

/** The end user, for the detection of abuse; the API keeps no labels. */
function writeUser({ safetyIdentifier, user, metadata }: ChatRequest, draft: Draft): void {
  const { user_id: named, ...labels } = metadata;
  const id = safetyIdentifier ?? user ?? named;
  if (id !== undefined) draft.body["metadata"] = { user_id: id };
  if (Object.keys(labels).length > 0) draft.lacks("metadata");
}

/** Tiers by OpenAI's names and the API's own. Source: https://platform.claude.com/docs/en/api/service-tiers */
const TIERS: Readonly<Record<string, string>> = { auto: "auto", default: "standard_only", standard_only: "standard_only" };

function writeTier({ serviceTier }: ChatRequest, draft: Draft): void {
  if (serviceTier === undefined) return;
  const tier = TIERS[serviceTier];
  if (tier === undefined) draft.lacks("service_tier");
  else draft.body["service_tier"] = tier;
}

/** What the API has nothing for; what asks for no more than it does anyway is let pass. */
const UNSERVED: readonly (readonly [string, (chat: ChatRequest) => boolean])[] = [
  ["n", ({ n = 1 }) => n !== 1],
  ["presence_penalty", ({ presencePenalty = 0 }) => presencePenalty !== 0],
  ["frequency_penalty", ({ frequencyPenalty = 0 }) => frequencyPenalty !== 0],
  ["logit_bias", ({ logitBias }) => Object.keys(logitBias).length > 0],
  ["logprobs", ({ logprobs = false }) => logprobs],
  ["top_logprobs", ({ topLogprobs = 0 }) => topLogprobs !== 0],
  ["seed", ({ seed }) => seed !== undefined],
  ["store", ({ store = false }) => store],
  ["modalities", ({ modalities }) => modalities.some((each) => each !== "text")],
  ["verbosity", ({ verbosity = "medium" }) => verbosity !== "medium"],
  ["prompt_cache_key", ({ promptCacheKey }) => promptCacheKey !== undefined],
];

/** Fields of OpenAI's that the contract has no place for, and the API no counterpart. */
const FOREIGN = ["audio", "prediction", "web_search_options", "functions", "function_call", "prompt_cache_retention"];
/**
 * Fields of the API's own by which a token costs more than the price book says, since it is made elsewhere, faster, or by
 * another model.
 * Source: https://platform.claude.com/docs/en/about-claude/pricing
 */
const SURCHARGED = ["inference_geo", "speed", "fallbacks"];
/** Names a container of the operator's account, which may be another client's. */
const OF_OPERATOR = ["container"];
const REFUSED = new Set([...FOREIGN, ...SURCHARGED, ...OF_OPERATOR]);

/** Names with a typed field: in `extra` they say that they hold nothing. */
const TYPED = new Set(Object.keys(ChatRequest.create()).map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));

/** What is left goes on as it is: `cache_control`, `thinking`, `top_k`, `context_management`. */
function passExtra(extra: ChatRequest["extra"], draft: Draft): void {
  for (const [name, raw] of Object.entries(extra)) {
    if (isBlank(raw) || name === "stream") continue;
    if (TYPED.has(name) || REFUSED.has(name)) draft.lacks(name);
    else passField(name, parseRaw(raw, name), draft);
  }
}

/** What is said in OpenAI's words is not said again otherwise. */
function passField(name: string, value: unknown, { body, unsupported }: Draft): void {
  const written = body[name];
  if (written === undefined) body[name] = value;
  else if (isObject(written) && isObject(value)) body[name] = { ...value, ...(written as Json) };
  else unsupported.push(name);
}
