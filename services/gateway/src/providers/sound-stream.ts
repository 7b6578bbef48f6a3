import type { ChatCompletionChunk } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { writeSpeechDelta } from "@alfred/openai";
import type { RawFrame, UpstreamStream } from "../domain/provider-port.ts";
import type { Upstream } from "../domain/route.ts";
import { UpstreamFailure } from "../domain/upstream-failure.ts";
import type { HttpCall } from "./http-call.ts";

/** Sound that comes as bytes and nothing else: told as events of sound, and over where the answer ends. It says nothing of its usage. */
export class SoundStream implements UpstreamStream {
  readonly usageReports = "cumulative";
  readonly #call: HttpCall;
  readonly #upstream: Upstream;
  #frames: RawFrame[] = [];

  constructor(call: HttpCall, upstream: Upstream) {
    this.#call = call;
    this.#upstream = upstream;
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
    for await (const bytes of this.#call) {
      this.#frames.push({ event: "", data: JSON.stringify(writeSpeechDelta(bytes)) });
      yield [];
    }
    if (this.#call.firstByteMs !== undefined) return;
    const { id: provider } = this.#upstream;
    const error = fail("PROVIDER_STREAM_BROKEN", `The provider ${provider} ended its answer without having begun it.`, { metadata: { provider } });
    throw new UpstreamFailure(error, { billed: "prompt" });
  }
}
