import { THINKING_ON_DEMAND } from "../../chat-ask.ts";
import type { ChatAsk, ResponseFormat } from "../../chat-ask.ts";
import { lastUserText, messageTokens, readMessages } from "./chat-message.ts";
import type { ChatMessage } from "./chat-message.ts";
import { readToolChoice } from "./chat-tools.ts";
import {
  invalidType,
  invalidValue,
  missing,
  optionalFlag,
  optionalNumber,
  optionalObject,
  optionalWhole,
  requiredString,
} from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import { countSimTokens } from "../../tokens.ts";

/** A chat request that OpenAI would accept. */
export interface ChatRequest extends ChatAsk {
  readonly includeUsage: boolean;
  readonly logprobs: boolean;
  readonly topLogprobs: number;
}

/** Validates a chat request; each thing that OpenAI refuses is a 400 naming the parameter. */
export function readChatRequest(body: JsonObject): ChatRequest {
  const model = requiredString(body, "model");
  const messages = readMessages(body);
  checkSampling(body);
  const stream = optionalFlag(body, "stream") ?? false;
  return {
    model,
    userText: lastUserText(messages),
    userAsks: messages.at(-1)?.role === "user",
    stream,
    includeUsage: readIncludeUsage(body, stream),
    maxTokens: readMaxTokens(body),
    choices: optionalWhole(body, "n", 1, 128) ?? 1,
    stop: readStop(body),
    toolChoice: readToolChoice(body),
    promptTokens: countPrompt(body, messages),
    parallelToolCalls: optionalFlag(body, "parallel_tool_calls") ?? true,
    responseFormat: readResponseFormat(body, messages),
    thinking: THINKING_ON_DEMAND,
    ...readLogprobs(body),
  };
}

function countPrompt(body: JsonObject, messages: readonly ChatMessage[]): number {
  const tools = Array.isArray(body["tools"]) ? countSimTokens(JSON.stringify(body["tools"])) : 0;
  return messages.reduce((sum, message) => sum + messageTokens(message), tools);
}

/** Numbers by which answers are drawn. */
export function checkSampling(body: JsonObject): void {
  optionalNumber(body, "temperature", 0, 2);
  optionalNumber(body, "top_p", 0, 1);
  optionalNumber(body, "frequency_penalty", -2, 2);
  optionalNumber(body, "presence_penalty", -2, 2);
}

/** Whether a stream tells its usage. */
export function readIncludeUsage(body: JsonObject, stream: boolean): boolean {
  const options = optionalObject(body, "stream_options");
  if (options === undefined) return false;
  if (!stream) throw invalidRequest("'stream_options' is only allowed when 'stream' is enabled.", "stream_options");
  return optionalFlag(options, "include_usage", "stream_options.include_usage") ?? false;
}

function readMaxTokens(body: JsonObject): number {
  const old = optionalWhole(body, "max_tokens", 1, Number.MAX_SAFE_INTEGER);
  const current = optionalWhole(body, "max_completion_tokens", 1, Number.MAX_SAFE_INTEGER);
  if (old !== undefined && current !== undefined) {
    const message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
    throw invalidRequest(message, "max_tokens", "invalid_parameter_combination");
  }
  return current ?? old ?? Infinity;
}

/** Where to stop. */
export function readStop(body: JsonObject): readonly string[] {
  const value = body["stop"];
  if (value === undefined || value === null) return [];
  const stops: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (stops.length > 4) throw invalidValue("stop", "at most 4 sequences");
  return stops.map((stop) => {
    if (typeof stop !== "string") throw invalidType("stop", "a string or an array of strings");
    return stop;
  });
}

function readLogprobs(body: JsonObject): { logprobs: boolean; topLogprobs: number } {
  const logprobs = optionalFlag(body, "logprobs") ?? false;
  const topLogprobs = optionalWhole(body, "top_logprobs", 0, 20);
  if (topLogprobs !== undefined && !logprobs) {
    throw invalidRequest("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs");
  }
  return { logprobs, topLogprobs: topLogprobs ?? 0 };
}

function readResponseFormat(body: JsonObject, messages: readonly ChatMessage[]): ResponseFormat {
  const format = optionalObject(body, "response_format");
  if (format === undefined || format["type"] === "text") return { type: "text" };
  if (format["type"] === "json_schema") return { type: "json_schema", schema: readSchema(format) };
  if (format["type"] !== "json_object") throw invalidValue("response_format.type", "text, json_object or json_schema");
  if (!messages.some((message) => /json/i.test(JSON.stringify(message["content"] ?? "")))) {
    const message = "'messages' must contain the word 'json' in some form to use 'response_format' of type 'json_object'.";
    throw invalidRequest(message, "messages");
  }
  return { type: "json_object" };
}

function readSchema(format: JsonObject): JsonObject {
  const definition = optionalObject(format, "json_schema", "response_format.json_schema");
  if (definition === undefined) throw missing("response_format.json_schema");
  requiredString(definition, "name", "response_format.json_schema.name");
  return optionalObject(definition, "schema", "response_format.json_schema.schema") ?? {};
}
