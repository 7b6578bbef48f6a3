import { USUAL_THINKING_TOKENS } from "../../chat-ask.ts";
import type { ChatAsk, ResponseFormat, Thinking } from "../../chat-ask.ts";
import { optionalFlag } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { countSimTokens } from "../../tokens.ts";
import type { Tool, ToolChoice } from "../../tools.ts";
import { messageTokens, readMessages, textOf } from "./chat-message.ts";
import type { CohereMessage } from "./chat-message.ts";
import { readSources } from "./citations.ts";
import type { CitedSource } from "./citations.ts";
import { knownObject, numberWithin, oneOf, optionalList, refused, requiredText, requireKnown } from "./strict-fields.ts";

const FIELDS = new Set([
  "model", "messages", "stream", "tools", "strict_tools", "documents", "citation_options", "response_format", "safety_mode", "max_tokens",
  "stop_sequences", "temperature", "seed", "frequency_penalty", "presence_penalty", "k", "p", "logprobs", "tool_choice", "thinking", "priority",
]);
const TOOL_FIELDS = new Set(["type", "function"]);
const FUNCTION_FIELDS = new Set(["name", "description", "parameters"]);
const THINKING_FIELDS = new Set(["type", "token_budget"]);
const FORMAT_FIELDS = new Set(["type", "json_schema", "schema"]);

const MOST_STOPS = 5;

/** A chat request that Cohere would accept. */
export interface CohereAsk extends ChatAsk {
  readonly logprobs: boolean;
  /** What the answer cites; empty where citations are switched off. */
  readonly sources: readonly CitedSource[];
}

/**
 * Validates a chat request: a field that Cohere does not know is a 422, other mistakes are a 400.
 *
 * Source: https://docs.cohere.com/reference/chat
 */
export function readChatRequest(body: JsonObject): CohereAsk {
  requireKnown(body, FIELDS);
  const model = requiredText(body, "model");
  const messages = readMessages(body);
  checkSampling(body);
  return {
    model,
    stream: optionalFlag(body, "stream") ?? false,
    userText: lastUserText(messages),
    userAsks: messages.at(-1)?.role === "user",
    promptTokens: countPrompt(body, messages),
    maxTokens: numberWithin(body, "max_tokens", 1, Number.MAX_SAFE_INTEGER) ?? Infinity,
    choices: 1,
    stop: optionalList(body, "stop_sequences", MOST_STOPS).map(String),
    toolChoice: readToolChoice(body),
    parallelToolCalls: true,
    responseFormat: readResponseFormat(body),
    thinking: readThinking(body, model),
    logprobs: optionalFlag(body, "logprobs") ?? false,
    sources: readSources(body, messages),
  };
}

function lastUserText(messages: readonly CohereMessage[]): string {
  const message = messages.findLast(({ role }) => role === "user");
  return message === undefined ? "" : textOf(message);
}

function countPrompt(body: JsonObject, messages: readonly CohereMessage[]): number {
  const beside = [body["tools"], body["documents"]].filter((list) => Array.isArray(list) && list.length > 0);
  const tokens = beside.reduce<number>((sum, list) => sum + countSimTokens(JSON.stringify(list)), 0);
  return messages.reduce((sum, message) => sum + messageTokens(message), tokens);
}

/** Bounds as documented; that only one of the penalties may be given, the page of errors says. */
function checkSampling(body: JsonObject): void {
  numberWithin(body, "temperature", 0, 1);
  numberWithin(body, "p", 0.01, 0.99);
  numberWithin(body, "k", 0, 500);
  numberWithin(body, "seed", 0, Number.MAX_SAFE_INTEGER);
  const frequency = numberWithin(body, "frequency_penalty", 0, 1) ?? 0;
  const presence = numberWithin(body, "presence_penalty", 0, 1) ?? 0;
  if (frequency > 0 && presence > 0) throw refused("cannot specify both frequency_penalty and presence_penalty.");
  oneOf(body, "safety_mode", ["CONTEXTUAL", "STRICT", "OFF"]);
}

function readToolChoice(body: JsonObject): ToolChoice {
  const tools = optionalList(body, "tools").map(readTool);
  const choice = oneOf(body, "tool_choice", ["REQUIRED", "NONE"]);
  if (choice !== undefined && tools.length === 0) throw refused("tool_choice needs tools.");
  if (tools.length === 0 || choice === "NONE") return { mode: "none", tools };
  return { mode: choice === "REQUIRED" ? "required" : "auto", tools };
}

/** Unlike elsewhere the schema of a function's parameters has to be there. */
function readTool(value: unknown, index: number): Tool {
  const path = `tools[${index}]`;
  const tool = knownObject(value, TOOL_FIELDS, path);
  if (tool["type"] !== "function") throw refused(`${path}.type must be function.`);
  const definition = knownObject(tool["function"], FUNCTION_FIELDS, `${path}.function`);
  const parameters = definition["parameters"];
  if (typeof parameters !== "object" || parameters === null) throw refused(`${path}.function.parameters is required.`);
  return { type: "function", name: requiredText(definition, "name"), parameters: { ...parameters } };
}

function readResponseFormat(body: JsonObject): ResponseFormat {
  const format = body["response_format"];
  if (format === undefined || format === null) return { type: "text" };
  const known = knownObject(format, FORMAT_FIELDS, "response_format");
  const type = oneOf(known, "type", ["text", "json_object"]);
  if (type === undefined) throw refused("response_format.type is required.");
  if (type === "text") return { type };
  const documents = optionalList(body, "documents").length;
  if (documents + optionalList(body, "tools").length > 0) throw refused("response_format is not supported with RAG.");
  const schema = known["json_schema"] ?? known["schema"];
  if (schema === undefined || schema === null) return { type };
  if (typeof schema !== "object") throw refused("response_format.json_schema must be an object.");
  return { type: "json_schema", schema: { ...schema } };
}

/** Models that reason do so until told not to. Source: https://docs.cohere.com/docs/reasoning */
function readThinking(body: JsonObject, model: string): Thinking {
  const asked = body["thinking"];
  const usual = model.includes("reasoning") ? USUAL_THINKING_TOKENS : 0;
  if (asked === undefined || asked === null) return { usual, most: Infinity };
  const thinking = knownObject(asked, THINKING_FIELDS, "thinking");
  const type = oneOf(thinking, "type", ["enabled", "disabled"]);
  if (type === undefined) throw refused("thinking.type is required.");
  const most = numberWithin(thinking, "token_budget", 1, Number.MAX_SAFE_INTEGER) ?? Infinity;
  return type === "disabled" ? { usual: 0, most: 0 } : { usual: USUAL_THINKING_TOKENS, most };
}
