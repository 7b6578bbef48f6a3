import type { ChatCompletionChunk } from "@alfred/contracts";
import type { RawFrame, UpstreamStream } from "../domain/provider-port.ts";
import type { HttpCall } from "./http-call.ts";

/** Reads an answer, and says its events as they come. */
type Telling = (say: (event: unknown) => void) => AsyncIterable<ChatCompletionChunk[]>;

/** A stream in the form of the face whose provider sends no events: they are made of what it does send. */
export class OwnFrames implements UpstreamStream {
  readonly usageReports = "cumulative";
  readonly #call: HttpCall;
  readonly #tell: Telling;
  #frames: RawFrame[] = [];

  constructor(call: HttpCall, tell: Telling) {
    this.#call = call;
    this.#tell = tell;
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

  [Symbol.asyncIterator](): AsyncIterator<ChatCompletionChunk[]> {
    const said = this.#tell((event) => this.#frames.push({ event: "", data: JSON.stringify(event) }));
    return said[Symbol.asyncIterator]();
  }
}
