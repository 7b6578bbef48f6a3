import type { ChatMessage, ToolCall } from "@alfred/contracts";
import { isLabel } from "../labels.ts";
import { defined, listOf, objectOf, sentFields, textOf, toArguments, type Json } from "../loose-json.ts";
import { namesKeptFile } from "../operator-file.ts";
import { ERROR_MARK } from "../tool-error.ts";
import { ownCallId } from "./call-id.ts";
import { mediaPart } from "./media.ts";
import { thinkingOf } from "./model.ts";
import { toParts, type Mapping } from "./parts.ts";
import { type Carried, carriedIn, readCarried, signed } from "./signature.ts";
import { toolResult } from "./tool-result.ts";

/**
 * Stands for the signature of a call that another model made: without one, models that ask for signatures refuse the
 * conversation.
 *
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const FOREIGN_SIGNATURE = "skip_thought_signature_validator";

/** Fields of an answer that come back with it and mean nothing to Gemini. */
const OF_ANSWERS = new Set(["extra_content", "images", "annotations", "audio", "function_call"]);

/** Gemini's `contents` and `systemInstruction`. Source: https://ai.google.dev/api/caching#Content */
export function toContents(messages: readonly ChatMessage[], mapping: Mapping): Json {
  const system: Json[] = [];
  const contents: Json[] = [];
  const functions = new Map<string, string>();
  let results: Json[] | undefined;
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    listUnsaid(message, path, mapping.unsupported);
    if (message.role === "tool") {
      const result = toolResult(message, path, functions, mapping);
      // All results of a turn stand in one content.
      if (results === undefined) contents.push({ role: "user", parts: (results = []) });
      if (result !== undefined) results.push(result);
      return;
    }
    if (message.role === "system" || message.role === "developer") {
      system.push(...toParts(message, path, mapping));
      return;
    }
    results = undefined;
    const content = spoken(message, path, functions, mapping);
    if (content !== undefined) contents.push(content);
  });
  // It asks for something to answer: instructions alone are said by the user.
  if (contents.length === 0) return { contents: [{ role: "user", parts: system }] };
  return system.length === 0 ? { contents } : { systemInstruction: { parts: system }, contents };
}

function listUnsaid({ role, name, extra }: ChatMessage, path: string, unsupported: string[]): void {
  if (name !== undefined && role !== "tool") unsupported.push(`${path}.name`);
  if (role === "assistant") return;
  for (const field of Object.keys(sentFields(extra))) {
    const isSaid = role === "tool" && field === ERROR_MARK;
    if (!isSaid && !isLabel(field) && !OF_ANSWERS.has(field)) unsupported.push(`${path}.${field}`);
  }
}

function spoken(message: ChatMessage, path: string, functions: Map<string, string>, mapping: Mapping): Json | undefined {
  if (message.role === "user") return { role: "user", parts: toParts(message, path, mapping) };
  if (message.role !== "assistant") {
    mapping.unsupported.push(`${path}.role`);
    return undefined;
  }
  const parts = answered(message, path, functions, mapping);
  return parts.length === 0 ? undefined : { role: "model", parts };
}

function answered(message: ChatMessage, path: string, functions: Map<string, string>, mapping: Mapping): Json[] {
  const { signature, parts = [] } = carriedBy(message);
  const said = toParts(message, path, mapping);
  if (message.refusal !== undefined) said.push({ text: message.refusal });
  const isSilent = message.toolCalls.length > 0 && said.every(({ text }) => text === "");
  const texts = isSilent && signature === undefined ? [] : said;
  if (signature !== undefined) texts.push(signed(texts.pop() ?? { text: "" }, signature));
  const calls = message.toolCalls.flatMap((call, index) => functionCall(call, index, path, functions, mapping));
  return [...parts.map(objectOf).filter((part) => !namesKeptFile(part)), ...texts, ...images(message), ...calls];
}

/** What the message itself carries: clients that spread a call over its message carry the call's signature twice. */
function carriedBy({ extra, toolCalls }: ChatMessage): Carried {
  const carried = readCarried(extra);
  const isOfCall = toolCalls.some((call) => readCarried(call.extra).signature === carried.signature);
  return isOfCall ? { ...carried, signature: undefined } : carried;
}

/** Images that it made, which come back as they were shown. */
function images({ extra }: ChatMessage): Json[] {
  return listOf(sentFields(extra)["images"]).flatMap((shown) => {
    const image = objectOf(shown);
    const part = mediaPart(textOf(objectOf(image["image_url"])["url"]) ?? "");
    return part === undefined ? [] : [signed(part, carriedIn(image["extra_content"]).signature)];
  });
}

function functionCall(call: ToolCall, index: number, path: string, functions: Map<string, string>, mapping: Mapping): Json[] {
  const name = call.function?.name;
  if (name === undefined) {
    mapping.unsupported.push(`${path}.tool_calls[${index}]`);
    return [];
  }
  if (call.id !== undefined) functions.set(call.id, name);
  const part = { functionCall: defined({ id: ownCallId(call.id), name, args: toArguments(call.function?.arguments, `${path}.tool_calls[${index}]`) }) };
  const { signature } = readCarried(call.extra);
  const isAsked = index === 0 && thinkingOf(mapping.model) === "level";
  return [signed(part, signature ?? (isAsked ? FOREIGN_SIGNATURE : undefined))];
}
