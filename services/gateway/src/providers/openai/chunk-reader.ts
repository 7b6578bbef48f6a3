import type { ChatCompletionChunk, ChunkChoice } from "@alfred/contracts";
import { FieldMismatch, isObject, parseJson, readChatChunk } from "@alfred/openai";
import { type ChatStreamReader, type StreamFrame, StreamFault } from "../dialect.ts";
import { type Json, readLoosely, requireObject, textOf } from "../loose-json.ts";
import { readError, saysError } from "./refusal.ts";

/**
 * The chunks of a streamed chat. It is whole where it says `[DONE]`, or where it ends after each answer that began has its
 * `finish_reason`, as some providers do.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat-streaming
 */
export class ChunkReader implements ChatStreamReader {
  readonly #hear: (json: unknown) => unknown;
  #isDone = false;
  /** The answers that began, by their index, and whether each is over. */
  readonly #isOver = new Map<number, boolean>();

  /** @param hear tells a piece in OpenAI's form of chats */
  constructor(hear: (json: unknown) => unknown) {
    this.#hear = hear;
  }

  get isWhole(): boolean {
    return this.#isDone || (this.#isOver.size > 0 && this.#isOver.values().every((isOver) => isOver));
  }

  get isOver(): boolean {
    return this.#isDone;
  }

  push({ event, data }: StreamFrame): ChatCompletionChunk[] {
    if (data === "[DONE]") this.#isDone = true;
    if (this.#isDone) return [];
    if (event === "error") throw toldFault(data);
    if (data === "") return [];
    const json = requireObject(parseJson(data));
    if (saysError(json["error"])) throw faultOf(json);
    if (!Array.isArray(json["choices"])) requireUsage(json);
    const chunk = readChatChunk(this.#hear(json));
    if ((chunk.extra["choices"] ?? "null") !== "null") throw new FieldMismatch("a list of objects").under("choices");
    for (const choice of chunk.choices) this.#note(choice);
    return [chunk];
  }

  #note(choice: ChunkChoice): void {
    const { index, delta, finishReason, extra } = choice;
    // Azure's filters tell of an answer without a piece of it.
    if (delta === undefined && (extra["delta"] ?? "null") !== "null") throw new FieldMismatch("an object").under("delta");
    if (finishReason === undefined && extra["finish_reason"] !== undefined) choice.extra = withoutReason(extra);
    if (finishReason !== undefined || !this.#isOver.has(index)) this.#isOver.set(index, finishReason !== undefined);
  }
}

/** What has no answers may still tell the usage, as servers do that write an empty list as null. */
function requireUsage(json: Json): void {
  if (readError(json) !== undefined) throw faultOf(json);
  if (!isObject(json["usage"])) throw new FieldMismatch("a list").under("choices");
}

/** A reason that cannot be read is none. */
function withoutReason(extra: Readonly<Record<string, string>>): Record<string, string> {
  const { finish_reason: _, ...rest } = extra;
  return rest;
}

/** What an event that is called an error says, in whatever form. */
export function toldFault(data: string): StreamFault {
  const json = readLoosely(data);
  if (isObject(json)) return faultOf(json);
  return new StreamFault((json === undefined ? data : textOf(json)) || "no reason given");
}

/** What a frame says that is an error. */
export function faultOf(json: Json): StreamFault {
  return new StreamFault(readError(json)?.message ?? "no reason given");
}
