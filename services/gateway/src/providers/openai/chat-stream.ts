import type { ChatCompletionChunk } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { FieldMismatch, SseDecoder, SseFrameTooLarge, isObject, parseJson, readChatChunk } from "@alfred/openai";
import type { UpstreamStream } from "../../domain/provider-port.ts";
import type { Upstream } from "../../domain/route.ts";
import { UpstreamFailure } from "../../domain/upstream-failure.ts";
import type { HttpCall } from "../http-call.ts";
import { readError } from "./refusal.ts";

/**
 * The chunks of a streamed chat. It is whole where it says `[DONE]`, or where it ends after a `finish_reason`, as some
 * providers do; any other end is PROVIDER_STREAM_BROKEN.
 */
export class ChatStream implements UpstreamStream {
  readonly #call: HttpCall;
  readonly #upstream: Upstream;
  #isDone = false;
  #hasFinished = false;

  constructor(call: HttpCall, upstream: Upstream) {
    this.#call = call;
    this.#upstream = upstream;
  }

  get firstByteMs(): number | undefined {
    return this.#call.firstByteMs;
  }

  abort(): void {
    if (!this.#isDone) this.#call.abort();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChatCompletionChunk[], void> {
    const decoder = new SseDecoder();
    for await (const bytes of this.#call) {
      const chunks: ChatCompletionChunk[] = [];
      const failure = this.#decode(decoder, bytes, chunks);
      if (chunks.length > 0) yield chunks;
      if (failure !== undefined) throw failure;
      if (!this.#isDone) continue;
      this.#call.discard();
      return;
    }
    if (!this.#hasFinished) throw this.#broken("The answer of the provider ended before it was complete.");
  }

  /** Adds what the bytes complete; what was sound before a fault still counts. */
  #decode(decoder: SseDecoder, bytes: Buffer, chunks: ChatCompletionChunk[]): UpstreamFailure | undefined {
    try {
      for (const { data } of decoder.push(bytes)) {
        if (data === "[DONE]") this.#isDone = true;
        if (this.#isDone) return undefined;
        if (data !== "") chunks.push(this.#read(data));
      }
      return undefined;
    } catch (error) {
      return error instanceof UpstreamFailure ? error : this.#unreadable(error);
    }
  }

  #read(data: string): ChatCompletionChunk {
    const json = parseJson(data);
    if (isObject(json) && json["error"] !== undefined && json["error"] !== null && json["choices"] === undefined) {
      const message = readError(data, this.#upstream.secret)?.message ?? "no reason given";
      throw this.#broken(`The provider ${this.#upstream.id} ended its answer with an error: ${message}`);
    }
    const chunk = readChatChunk(json);
    if (chunk.choices.some(({ finishReason }) => finishReason !== undefined)) this.#hasFinished = true;
    return chunk;
  }

  #broken(message: string): UpstreamFailure {
    const metadata = { provider: this.#upstream.id };
    return new UpstreamFailure(fail("PROVIDER_STREAM_BROKEN", message, { metadata }), { billed: "prompt" });
  }

  #unreadable(cause: unknown): UpstreamFailure {
    if (!(cause instanceof SyntaxError || cause instanceof FieldMismatch || cause instanceof SseFrameTooLarge)) throw cause;
    const metadata = { provider: this.#upstream.id };
    const message = `A piece of the answer of the provider ${this.#upstream.id} cannot be understood.`;
    // Without the cause, which quotes the answer.
    return new UpstreamFailure(fail("PROVIDER_MALFORMED", message, { metadata }), { billed: "prompt" });
  }
}
