import { invalidType, invalidValue, isObject, missing, optionalArray } from "../../json-fields.ts";
import type { JsonObject } from "../../json-fields.ts";
import { invalidRequest } from "../../sim-error.ts";
import { countSimTokens } from "../../tokens.ts";

const ROLES = new Set(["developer", "system", "user", "assistant", "tool", "function"]);

const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_PART: Readonly<Record<string, number>> = { image_url: 85, input_audio: 50, file: 100 };

/** One message of the request; its fields are read where they are used. */
export interface ChatMessage extends JsonObject {
  readonly role: string;
}

/** The messages of a chat request, each with a known role and content of a possible shape; else a 400. */
export function readMessages(body: JsonObject): readonly ChatMessage[] {
  const messages = optionalArray(body, "messages");
  if (messages === undefined) throw missing("messages");
  if (messages.length === 0) {
    throw invalidRequest("Invalid 'messages': empty array. Expected at least one message.", "messages", "empty_array");
  }
  return messages.map(readMessage);
}

function readMessage(message: unknown, index: number): ChatMessage {
  const param = `messages[${index}]`;
  if (!isObject(message)) throw invalidType(param, "an object");
  const { role, content } = message;
  if (role === undefined) throw missing(`${param}.role`);
  if (typeof role !== "string" || !ROLES.has(role)) throw invalidValue(`${param}.role`, `one of ${[...ROLES].join(", ")}`);
  checkContent(role, content, `${param}.content`);
  return { ...message, role };
}

function checkContent(role: string, content: unknown, param: string): void {
  if (typeof content === "string") return;
  if (content === undefined || content === null) {
    if (role !== "assistant") throw invalidType(param, "a string or an array of parts, not null");
    return;
  }
  if (!Array.isArray(content)) throw invalidType(param, "a string or an array of parts");
  for (const [index, part] of content.entries()) {
    if (!isObject(part) || typeof part["type"] !== "string") throw missing(`${param}[${index}].type`);
  }
}

function contentParts(message: ChatMessage): readonly JsonObject[] {
  const content = message["content"];
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content) ? content.filter(isObject) : [];
}

/** The text of a message, its text parts joined by line ends. */
function messageText(message: ChatMessage): string {
  if (typeof message["content"] === "string") return message["content"];
  return contentParts(message)
    .map((part) => part["text"])
    .filter((text) => typeof text === "string")
    .join("\n");
}

/** The text of the last user message, directives and all; empty when there is none. */
export function lastUserText(messages: readonly ChatMessage[]): string {
  const message = messages.findLast(({ role }) => role === "user");
  return message === undefined ? "" : messageText(message);
}

/**
 * Tokens of one message: 3, those of its text, those of the tool calls it carries as JSON, and 85 for an image, 50 for
 * audio and 100 for a file. Directives count as the text they are.
 */
export function messageTokens(message: ChatMessage): number {
  const content = message["content"];
  let tokens = TOKENS_PER_MESSAGE;
  if (typeof content === "string") tokens += countSimTokens(content);
  else for (const part of contentParts(message)) tokens += partTokens(part);
  if (message["tool_calls"] !== undefined) tokens += countSimTokens(JSON.stringify(message["tool_calls"]));
  return tokens;
}

function partTokens(part: JsonObject): number {
  const text = part["text"];
  return typeof text === "string" ? countSimTokens(text) : (TOKENS_PER_PART[String(part["type"])] ?? 0);
}
