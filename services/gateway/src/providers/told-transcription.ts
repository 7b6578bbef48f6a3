import type { ChatCompletionChunk } from "@alfred/contracts";
import { readChatChunk, writeTranscription } from "@alfred/openai";
import type { RawFrame, UpstreamStream } from "../domain/provider-port.ts";
import type { Heard } from "./dialect.ts";
import type { HttpCall } from "./http-call.ts";

/** A whole transcript, told as the events of one that is streamed: all of it at once, and its end. */
export class ToldTranscription implements UpstreamStream {
  readonly usageReports = "cumulative";
  readonly #call: HttpCall;
  readonly #heard: Heard;
  #frames: RawFrame[];

  constructor(call: HttpCall, heard: Heard) {
    const { text } = heard.transcription;
    this.#call = call;
    this.#heard = heard;
    const events = [{ type: "transcript.text.delta", delta: text }, { ...(writeTranscription(heard.transcription) as object), type: "transcript.text.done", text }];
    this.#frames = events.map((event) => ({ event: "", data: JSON.stringify(event) }));
  }

  get firstByteMs(): number | undefined {
    return this.#call.firstByteMs;
  }

  get lastByteMs(): number | undefined {
    return this.#call.lastByteMs;
  }

  takeFrames(): RawFrame[] {
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  abort(): void {
    this.#call.abort();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChatCompletionChunk[], void> {
    yield [{ ...readChatChunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }), usage: this.#heard.usage }];
  }
}
