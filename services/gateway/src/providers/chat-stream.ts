import type { ChatCompletionChunk } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { FieldMismatch, SseDecoder, SseFrameTooLarge } from "@alfred/openai";
import type { RawFrame, UpstreamStream } from "../domain/provider-port.ts";
import type { Upstream } from "../domain/route.ts";
import { UpstreamFailure } from "../domain/upstream-failure.ts";
import type { UsageReports } from "../domain/usage-reports.ts";
import { type ChatStreamReader, StreamFault } from "./dialect.ts";
import type { HttpCall } from "./http-call.ts";
import { SecretMask } from "./secret-mask.ts";
import { sanitise } from "./sanitise.ts";

/** What becomes of a connection, however its answer went. */
const OF_CONNECTIONS = new Set<string>(["PROVIDER_STREAM_BROKEN", "PROVIDER_TIMEOUT"]);

/** How a stream is read. */
interface Reading {
  readonly upstream: Upstream;
  readonly reader: ChatStreamReader;
  readonly usageReports: UsageReports;
  /** What becomes of each chunk that was read. */
  readonly named: (chunk: ChatCompletionChunk) => ChatCompletionChunk;
  readonly keepsFrames: boolean;
}

/** The chunks of a streamed chat. It has to be whole as its reader sees it; any other end is PROVIDER_STREAM_BROKEN. */
export class ChatStream implements UpstreamStream {
  readonly usageReports: UsageReports;
  readonly #call: HttpCall;
  readonly #upstream: Upstream;
  readonly #reader: ChatStreamReader;
  readonly #mask: SecretMask;
  readonly #named: Reading["named"];
  #isOver = false;
  /** Whether it said anything at all, be it only that it is over. */
  #hasBegun = false;
  /** Undefined where none are kept. */
  #frames: RawFrame[] | undefined;

  constructor(call: HttpCall, { upstream, reader, usageReports, named, keepsFrames }: Reading) {
    this.usageReports = usageReports;
    this.#call = call;
    this.#upstream = upstream;
    this.#reader = reader;
    this.#mask = new SecretMask(upstream.secret);
    this.#named = named;
    if (keepsFrames) this.#frames = [];
  }

  get firstByteMs(): number | undefined {
    return this.#call.firstByteMs;
  }

  get lastByteMs(): number | undefined {
    return this.#call.lastByteMs;
  }

  takeFrames(): RawFrame[] {
    const frames = this.#frames ?? [];
    if (frames.length > 0) this.#frames = [];
    return frames;
  }

  abort(): void {
    if (!this.#isOver) this.#call.abort();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChatCompletionChunk[], void> {
    const decoder = new SseDecoder();
    let fault: UpstreamFailure | undefined;
    try {
      for await (const bytes of this.#call) {
        const chunks: ChatCompletionChunk[] = [];
        fault = this.#decode(decoder, bytes, chunks);
        if (chunks.length > 0 || this.#frames?.length) yield chunks;
        if (fault !== undefined) throw fault;
        if (!this.#isOver) continue;
        this.#call.discard();
        break;
      }
    } catch (error) {
      // What the provider says counts, also after its reason to stop.
      if (error === fault || !this.#endsSo(error)) throw error;
    }
    if (!this.#reader.isWhole) throw this.#broken("The answer of the provider ended before it was complete.");
    if (!this.#hasBegun) throw this.#broken(`The provider ${this.#upstream.id} ended its answer without having begun it.`);
  }

  /** Of an answer that is whole the connection may end as it likes, or not at all. */
  #endsSo(error: unknown): boolean {
    return error instanceof UpstreamFailure && this.#reader.isWhole && OF_CONNECTIONS.has(error.error.code);
  }

  /** Adds what the bytes complete; what was sound before a fault still counts. */
  #decode(decoder: SseDecoder, bytes: Buffer, chunks: ChatCompletionChunk[]): UpstreamFailure | undefined {
    try {
      for (const each of decoder.push(bytes)) {
        const frame = this.#masked(each);
        for (const chunk of this.#reader.push(frame)) {
          this.#hasBegun ||= chunk.choices.length > 0;
          chunks.push(this.#named(chunk));
        }
        this.#frames?.push(frame);
        this.#isOver = this.#reader.isOver === true;
        if (this.#isOver) return undefined;
      }
      return undefined;
    } catch (error) {
      return error instanceof StreamFault ? this.#faulty(error) : this.#unreadable(error);
    }
  }

  #masked(frame: RawFrame): RawFrame {
    const data = this.#mask.over(frame.data);
    const event = frame.event === "" ? "" : this.#mask.over(frame.event);
    return data === frame.data && event === frame.event ? frame : { event, data };
  }

  #faulty({ message }: StreamFault): UpstreamFailure {
    const said = sanitise(message, this.#upstream.secret) || "no reason given";
    return this.#broken(`The provider ${this.#upstream.id} ended its answer with an error: ${said}`);
  }

  #broken(message: string): UpstreamFailure {
    const metadata = { provider: this.#upstream.id };
    return new UpstreamFailure(fail("PROVIDER_STREAM_BROKEN", message, { metadata }), { billed: "prompt" });
  }

  #unreadable(cause: unknown): UpstreamFailure {
    const isTooLarge = cause instanceof SseFrameTooLarge;
    // What is nested too deeply to be read is a RangeError.
    if (!(isTooLarge || cause instanceof SyntaxError || cause instanceof FieldMismatch || cause instanceof RangeError)) throw cause;
    const metadata = { provider: this.#upstream.id };
    const message = `A piece of the answer of the provider ${this.#upstream.id} ${isTooLarge ? "is too large" : "cannot be understood"}.`;
    // Without the cause, which quotes the answer.
    return new UpstreamFailure(fail("PROVIDER_MALFORMED", message, { metadata }), { billed: "prompt" });
  }
}
