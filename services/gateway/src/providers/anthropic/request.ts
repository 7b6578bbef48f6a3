import type { ChatRequest } from "@alfred/contracts";
import { isObject } from "@alfred/openai";
import { UNTYPED, isIdle, ownFields, unserved } from "../labels.ts";
import { type Json, parseRaw } from "../loose-json.ts";
import { writeConversation } from "./conversation.ts";
import { Draft, invalid } from "./draft.ts";
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
  for (const field of unserved(chat, LACKING)) draft.lacks(field);
  passOwn(chat, draft);
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

/** The end user, for the detection of abuse; the API has no place for other labels. */
function writeUser({ safetyIdentifier, user, metadata }: ChatRequest, draft: Draft): void {
  const id = safetyIdentifier ?? user ?? metadata["user_id"];
  if (id !== undefined) draft.body["metadata"] = { user_id: id };
}

/** Tiers by OpenAI's names and the API's own. Source: https://platform.claude.com/docs/en/api/service-tiers */
const TIERS: Readonly<Record<string, string>> = { auto: "auto", default: "standard_only", standard_only: "standard_only" };

function writeTier({ serviceTier }: ChatRequest, draft: Draft): void {
  if (serviceTier === undefined) return;
  const tier = TIERS[serviceTier];
  if (tier === undefined) draft.lacks("service_tier");
  else draft.body["service_tier"] = tier;
}

/** What the API has nothing for. */
const LACKING = [
  "n", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs", "seed", "store", "modalities", "verbosity", ...UNTYPED,
];

/** Labels that have a place of their own. Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
const PLACES = ["cache_control"];
/** Name what the operator's account keeps, and may be another client's. */
const REFUSED = new Set(["container", "thread"]);

/** What is left goes on as it is: `cache_control`, `thinking`, `top_k`, `context_management`. What costs more is refused elsewhere (surcharge.ts). */
function passOwn(chat: ChatRequest, draft: Draft): void {
  const { fields, stray } = ownFields(chat, PLACES);
  for (const name of stray) draft.lacks(name);
  for (const [name, value] of Object.entries(fields)) {
    if (!REFUSED.has(name)) passField(name, value, draft);
    else if (!isIdle(name, value)) draft.lacks(name);
  }
}

/** What is said in OpenAI's words is not said again otherwise. */
function passField(name: string, value: unknown, { body, unsupported }: Draft): void {
  const written = body[name];
  if (written === undefined) body[name] = value;
  else if (isObject(written) && isObject(value)) body[name] = { ...value, ...(written as Json) };
  else unsupported.push(name);
}
