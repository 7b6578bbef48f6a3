import type { ChatCompletionChunk } from "@alfred/contracts";
import { isObject, parseJson, readChatChunk } from "@alfred/openai";
import { type ChatStreamReader, type StreamFrame, StreamFault } from "../dialect.ts";
import { readError } from "./refusal.ts";

/**
 * The chunks of a streamed chat. It is whole where it says `[DONE]`, or where it ends after a `finish_reason`, as some
 * providers do.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat-streaming
 */
export class ChunkReader implements ChatStreamReader {
  #isDone = false;
  #hasFinished = false;

  get isWhole(): boolean {
    return this.#isDone || this.#hasFinished;
  }

  get isOver(): boolean {
    return this.#isDone;
  }

  push({ data }: StreamFrame): ChatCompletionChunk[] {
    if (data === "[DONE]") this.#isDone = true;
    if (this.#isDone || data === "") return [];
    const json = parseJson(data);
    if (isObject(json) && (json["error"] ?? null) !== null && json["choices"] === undefined) throw faultOf(json);
    const chunk = readChatChunk(json);
    if (chunk.choices.some(({ finishReason }) => finishReason !== undefined)) this.#hasFinished = true;
    return [chunk];
  }
}

function faultOf(json: unknown): StreamFault {
  const { message = "no reason given", code = "" } = readError(json) ?? {};
  return new StreamFault(code, message);
}
