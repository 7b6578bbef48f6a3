import type { ChatCompletionChunk, MediaUsage } from "@alfred/contracts";
import { isObject, parseJson, readChatChunk } from "@alfred/openai";
import { type MediaKind, tokenUsageOf } from "../../media/usage.ts";
import type { ChatStreamReader, StreamFrame } from "../dialect.ts";
import { faultOf, toldFault } from "./chunk-reader.ts";
import { saysError } from "./refusal.ts";

/** What of an event counts. */
interface ReadEvent {
  readonly type: string;
  readonly usage: MediaUsage | undefined;
}

/**
 * The events of a streamed image or sound, which are told as they come. Of them the end is read, and with it the usage, as
 * a piece of a chat that says nothing.
 */
export class EventReader implements ChatStreamReader {
  readonly #read: (json: unknown) => ReadEvent;
  readonly #last: RegExp;
  readonly #of: MediaKind;
  isWhole = false;

  /**
   * @param last the types of events that end an answer
   * @param of what is generated
   */
  constructor(read: (json: unknown) => ReadEvent, last: RegExp, of: MediaKind = "image") {
    this.#of = of;
    this.#read = read;
    this.#last = last;
  }

  push({ event, data }: StreamFrame): ChatCompletionChunk[] {
    if (event === "error") throw toldFault(data);
    if (data === "[DONE]" || data === "") return [];
    const json = parseJson(data);
    if (isObject(json) && saysError(json["error"])) throw faultOf(json);
    const { type, usage } = this.#read(json);
    if (!this.#last.test(type)) return [];
    this.isWhole = true;
    return [{ ...readChatChunk(END), usage: usage && tokenUsageOf(usage, this.#of) }];
  }
}

/** The end of an answer that says nothing. */
const END = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
