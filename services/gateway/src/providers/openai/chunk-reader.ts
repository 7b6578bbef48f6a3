import type { ChatCompletionChunk } from "@alfred/contracts";
import { isObject, parseJson, readChatChunk } from "@alfred/openai";
import { type ChatStreamReader, type StreamFrame, StreamFault } from "../dialect.ts";
import { readError } from "./refusal.ts";

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

  push({ data }: StreamFrame): ChatCompletionChunk[] {
    if (data === "[DONE]") this.#isDone = true;
    if (this.#isDone || data === "") return [];
    const json = parseJson(data);
    if (isObject(json) && (json["error"] ?? null) !== null && json["choices"] === undefined) throw faultOf(json);
    const chunk = readChatChunk(this.#hear(json));
    for (const { index, finishReason } of chunk.choices) {
      if (finishReason !== undefined || !this.#isOver.has(index)) this.#isOver.set(index, finishReason !== undefined);
    }
    return [chunk];
  }
}

/** What a frame says that is an error. */
export function faultOf(json: unknown): StreamFault {
  return new StreamFault(readError(json)?.message ?? "no reason given");
}
