import type { ChatAsk, ResponseFormat } from "../../chat-ask.ts";
import { isArray, isObject } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import type { Shape } from "../../shape.ts";
import { countSimTokens } from "../../tokens.ts";
import { bindingOf } from "./binding.ts";
import { findCitation } from "./citation.ts";
import type { Citation } from "./citation.ts";
import type { Edition } from "./edition.ts";
import { refused } from "./errors.ts";
import { modelRules } from "./model-rules.ts";
import type { ModelRules } from "./model-rules.ts";
import { SHAPE_WORDS } from "./shape-words.ts";
import { checkSignatures } from "./signature.ts";
import { checkStrictSchema } from "./strict-schema.ts";
import { readThinking } from "./thinking.ts";
import type { ThinkingPlan } from "./thinking.ts";
import { readTools } from "./tools.ts";
import { checkToolPairs, readTurns } from "./turns.ts";
import type { Turn } from "./turns.ts";

/** A request that the Messages API would accept. */
export interface MessagesAsk extends ChatAsk {
  readonly thinking: ThinkingPlan;
  /** What its thoughts are tied to. */
  readonly binding: string;
  /** What the answer's text cites, where a document is to be cited. */
  readonly citation: Citation | undefined;
  /** Whether what is written to the cache is kept for an hour. */
  readonly cachesForHour: boolean;
}

const MAX_CACHE_BREAKPOINTS = 4;
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_BLOCK: Readonly<Record<string, number>> = { image: 85, document: 100 };

/** Validates a body of POST /v1/messages. @throws SimError for what the API would refuse */
export function readMessagesRequest(text: string, shape: Shape, edition: Edition): MessagesAsk {
  return readBody(parse(text), text, shape, edition);
}

/** Counts the tokens of a body of POST /v1/messages/count_tokens, which needs no limit. @throws SimError likewise */
export function countRequest(text: string, shape: Shape, edition: Edition): MessagesAsk {
  const body = parse(text);
  const { mostTokens } = modelRules(String(body["model"]));
  return readBody({ max_tokens: Math.min(mostTokens, 1_000_000), ...body }, text, shape, edition);
}

function readBody(body: JsonObject, text: string, shape: Shape, edition: Edition): MessagesAsk {
  shape(body, [], SHAPE_WORDS);
  const model = String(body["model"]);
  const rules = modelRules(model);
  const turns = readTurns(body, edition);
  checkToolPairs(turns);
  const binding = bindingOf(body, rules, turns);
  checkSignatures(turns, binding);
  checkModel(body, rules, turns);
  const thinking = readThinking(body, rules, turns, edition);
  return {
    model,
    stream: body["stream"] === true,
    userText: userText(turns),
    userAsks: isAsking(turns.at(-1)),
    promptTokens: countPrompt(body, turns),
    maxTokens: Number(body["max_tokens"]),
    choices: 1,
    stop: readStops(body),
    ...readTools(body, rules),
    responseFormat: readFormat(body),
    thinking,
    binding: binding(turns.length),
    citation: findCitation(turns),
    cachesForHour: checkCaching(text),
  };
}

function parse(text: string): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw refused(`The request body is not valid JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
  if (!isObject(body)) throw refused("Input should be a valid dictionary");
  return body;
}

function checkModel(body: JsonObject, rules: ModelRules, turns: readonly Turn[]): void {
  const { max_tokens: limit, model } = body;
  if (Number(limit) > rules.mostTokens) {
    const bound = `which is the maximum allowed number of output tokens for ${String(model)}`;
    throw refused(`${String(limit)} > ${rules.mostTokens}, ${bound}`, "max_tokens");
  }
  const last = turns.at(-1);
  if (last?.role === "assistant") checkPrefill(last, rules);
  const system = turns.find(({ role }) => role === "system");
  if (system !== undefined && rules.refusesSystemTurns) throw refused("role 'system' is not supported on this model", system.place);
  if (!rules.hasFixedSampling) return;
  for (const [field, usual] of [["temperature", 1], ["top_p", 0.99], ["top_k", undefined]] as const) {
    const value = body[field];
    if (value === undefined || (usual !== undefined && Number(value) >= usual)) continue;
    throw refused(`\`${field}\` is deprecated for this model.`);
  }
}

function checkPrefill({ blocks }: Turn, rules: ModelRules): void {
  if (rules.refusesPrefill) {
    throw refused("This model does not support assistant message prefill. The conversation must end with a user message.");
  }
  const text = blocks.at(-1)?.block["text"];
  if (typeof text === "string" && text !== text.trimEnd()) throw refused("final assistant content cannot end with trailing whitespace", "messages");
}

/** The text of the last user's turn that has any; results of tools have none of the user's. */
function userText(turns: readonly Turn[]): string {
  for (const { role, blocks } of turns.toReversed()) {
    const texts = role === "user" ? blocks.map(({ block }) => block["text"]).filter((text) => typeof text === "string") : [];
    if (texts.length > 0) return texts.join("\n");
  }
  return "";
}

function isAsking(last: Turn | undefined): boolean {
  return last?.role !== "assistant" && last?.blocks.every(({ block }) => block["type"] !== "tool_result") === true;
}

/** As for the other dialects: 3 a message, its text, what its images and documents count, and the rest as JSON. */
function countPrompt(body: JsonObject, turns: readonly Turn[]): number {
  let tokens = isArray(body["tools"]) ? countSimTokens(JSON.stringify(body["tools"])) : 0;
  const { system } = body;
  if (typeof system === "string") tokens += TOKENS_PER_MESSAGE + countSimTokens(system);
  else if (isArray(system)) tokens += TOKENS_PER_MESSAGE + system.filter(isObject).reduce((sum, block) => sum + blockTokens(block), 0);
  for (const { blocks } of turns) tokens += TOKENS_PER_MESSAGE + blocks.reduce((sum, { block }) => sum + blockTokens(block), 0);
  return tokens;
}

function blockTokens(block: JsonObject): number {
  const { type, text } = block;
  if (typeof text === "string") return countSimTokens(text);
  return TOKENS_PER_BLOCK[String(type)] ?? countSimTokens(JSON.stringify(block));
}

function readStops(body: JsonObject): readonly string[] {
  const stops = isArray(body["stop_sequences"]) ? body["stop_sequences"].map(String) : [];
  if (stops.some((stop) => stop.trim() === "")) throw refused("each stop sequence must contain non-whitespace", "stop_sequences");
  return stops;
}

function readFormat(body: JsonObject): ResponseFormat {
  const config = isObject(body["output_config"]) ? body["output_config"] : {};
  const { format } = config;
  if (!isObject(format) || !isObject(format["schema"])) return { type: "text" };
  checkStrictSchema(format["schema"], "output_config.format.schema");
  return { type: "json_schema", schema: format["schema"] };
}

/** Counts the breakpoints wherever they stand; says whether the longer time is asked for. */
function checkCaching(text: string): boolean {
  if (!text.includes(`"cache_control"`)) return false;
  let found = 0;
  let isHour = false;
  JSON.parse(text, (key, value: unknown) => {
    if (key === "cache_control" && isObject(value)) {
      found += 1;
      isHour ||= value["ttl"] === "1h";
    }
    return value;
  });
  if (found > MAX_CACHE_BREAKPOINTS) {
    throw refused(`A maximum of ${MAX_CACHE_BREAKPOINTS} blocks with cache_control may be provided. Found ${found}.`);
  }
  return isHour;
}
