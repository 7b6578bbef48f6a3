import { type ChatCompletion, ChatMessage, type ToolCall } from "@alfred/contracts";
import { FieldMismatch, isObject } from "@alfred/openai";
import { type Json, unknownFields } from "../loose-json.ts";
import { charactersOf, toAnnotation } from "./annotation.ts";
import { Carried } from "./carried.ts";
import { readStop } from "./stop.ts";
import { tierOf, toTokenUsage } from "./usage.ts";

/**
 * Reads a whole answer. It says no time at which it was made, so `created` is 0.
 *
 * Source: https://platform.claude.com/docs/en/api/messages/create
 * @throws FieldMismatch where it is no message
 */
export function readAnswer(json: unknown): ChatCompletion {
  if (!isObject(json) || !Array.isArray(json["content"])) throw new FieldMismatch("a message with a list of content");
  const content = new AnswerContent();
  for (const block of json["content"] as unknown[]) content.add(block);
  const stop = readStop(json);
  const usage = isObject(json["usage"]) ? json["usage"] : undefined;
  return {
    id: textOrEmpty(json["id"]),
    object: "chat.completion",
    created: 0n,
    model: textOrEmpty(json["model"]),
    choices: [{ index: 0, message: content.message(stop.refusal), finishReason: stop.finishReason, extra: stop.extra }],
    usage: usage && toTokenUsage(usage),
    serviceTier: usage && tierOf(usage),
    extra: answerExtra(json),
  };
}

const KNOWN = new Set(["id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "stop_details", "usage"]);

/** What an answer, or a piece of one, tells besides what is mapped, by the API's names: `context_management`, `container`. */
export function answerExtra({ container, ...rest }: Json): Record<string, string> {
  // Most answers ran in none.
  return { ...unknownFields(rest, KNOWN), ...(isObject(container) ? { container: JSON.stringify(container) } : {}) };
}

/** A call of a tool, whole or its beginning. */
export function toToolCall(block: Json, index: number | undefined, text: string): ToolCall {
  const { id, name, caller } = block;
  // A call that the model makes itself is the rule.
  const isDirect = !isObject(caller) || caller["type"] === "direct";
  return {
    id: textOrEmpty(id),
    type: "function",
    function: { name: textOrEmpty(name), arguments: text, extra: {} },
    index,
    extra: isDirect ? {} : { caller: JSON.stringify(caller) },
  };
}

/** The content of an answer, block by block. */
class AnswerContent {
  #text: string | undefined;
  #thoughts: string | undefined;
  readonly #calls: ToolCall[] = [];
  readonly #carried = new Carried();

  add(block: unknown): void {
    if (!isObject(block)) throw new FieldMismatch("a content block");
    this.#carried.addBlock(block);
    if (block["type"] === "text") this.#addText(block);
    if (block["type"] === "thinking") this.#thoughts = (this.#thoughts ?? "") + textOrEmpty(block["thinking"]);
    if (block["type"] === "tool_use") this.#calls.push(toToolCall(block, undefined, JSON.stringify(block["input"] ?? {})));
  }

  message(refusal: string | undefined): ChatMessage {
    return ChatMessage.create({
      role: "assistant",
      content: this.#text === undefined ? undefined : { $case: "text", value: this.#text },
      refusal,
      toolCalls: this.#calls,
      reasoningContent: this.#thoughts,
      extra: { ...(this.#text === undefined ? { content: "null" } : {}), ...this.#carried.extra() },
    });
  }

  #addText({ text, citations }: Json): void {
    const start = charactersOf(this.#text ?? "");
    this.#text = (this.#text ?? "") + textOrEmpty(text);
    if (!Array.isArray(citations)) return;
    const end = charactersOf(this.#text);
    for (const each of citations) if (isObject(each)) this.#carried.annotations.push(toAnnotation(each, start, end));
  }
}

export function textOrEmpty(value: unknown): string {
  return typeof value === "string" ? value : "";
}
