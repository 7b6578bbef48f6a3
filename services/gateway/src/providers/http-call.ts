import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { UpstreamFailure } from "../domain/upstream-failure.ts";
import { connectedMsOf } from "./connection-age.ts";
import { Patience, type Silence, type PatienceConfig } from "./patience.ts";
import { callEnded, deadlinePassed, fellSilent, transportFailure } from "./transport-failure.ts";

/** An answer that is longer than it may be. */
export class AnswerTooLarge extends Error {
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super(`The answer is longer than ${limitBytes} bytes.`);
    this.limitBytes = limitBytes;
  }
}

/** One request to a provider. */
export interface HttpRequest {
  readonly provider: string;
  readonly origin: string;
  readonly path: string;
  /** POST where it is left out; the others have no body. */
  readonly method?: "GET" | "DELETE" | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or bytes in pieces; their length stands in the headers then. */
  readonly body: string | Iterable<Uint8Array>;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
  readonly patience: PatienceConfig;
  /** Called once all of it was given to the connection. */
  readonly onSent: () => void;
  readonly now: () => number;
}

/** The beginning of an answer. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** The reader lags by this many bytes before the socket is paused, and catches up to this many before it goes on. */
const HIGH_WATER_BYTES = 256 * 1024;
const LOW_WATER_BYTES = 64 * 1024;

/** How long the rest of an answer that nobody needs may take before its connection is given up, in milliseconds. */
const DISCARD_MS = 1_000;

/** How soon an idle connection breaks that the provider was closing already, in milliseconds. */
const STALE_MS = 1_000;

/**
 * One HTTP exchange with a provider, from request to the last byte. A slow reader pauses the provider's socket. The
 * signal, the deadline and `abort` end it at once, wherever it stands.
 */
export class HttpCall implements Dispatcher.DispatchHandler, AsyncIterable<Buffer> {
  /** Rejects with UpstreamFailure where there is no answer. */
  readonly head: Promise<ResponseHead>;
  /** When the body's first byte came, in milliseconds since the epoch. */
  firstByteMs: number | undefined;
  /** The same of the last byte so far. */
  lastByteMs: number | undefined;
  readonly #request: HttpRequest;
  readonly #head = Promise.withResolvers<ResponseHead>();
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #patience: Patience;
  #discardTimer: NodeJS.Timeout | undefined;
  readonly #onSignal = (): void => this.#fail(callEnded(this.#request.signal, this.#billable()));
  #controller: Dispatcher.DispatchController | undefined;
  #chunks: Buffer[] = [];
  #bufferedBytes = 0;
  /** As `performance.now()` tells it, like the age of connections; undefined before it was sent. */
  #sentMs: number | undefined;
  #hasHead = false;
  #isDiscarded = false;
  #end: { readonly failure?: UpstreamFailure } | undefined;
  #waiter: (() => void) | undefined;

  constructor(dispatcher: Dispatcher, request: HttpRequest) {
    this.#request = request;
    this.head = this.#head.promise;
    const leftMs = Math.max(0, request.deadlineMs - request.now());
    this.#timer = setTimeout(() => this.#fail(deadlinePassed(request.provider, this.#billable())), leftMs);
    const onSilence = (where: Silence): void => this.#fail(fellSilent(request.provider, where, this.#billable()));
    this.#patience = new Patience(request.patience, onSilence, () => this.#controller?.paused === true);
    request.signal.addEventListener("abort", this.#onSignal, { once: true });
    const { origin, path, method = "POST", headers, body } = request;
    const sent = method === "POST" ? { body: typeof body === "string" ? body : Readable.from(body) } : {};
    if (request.signal.aborted) this.#onSignal();
    else dispatcher.dispatch({ origin, path, method, headers, ...sent }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#end === undefined) this.#patience.begin();
    else controller.abort(new Error("The call has ended."));
  }

  onRequestSent(): void {
    this.#sentMs = performance.now();
    this.#request.onSent();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // What comes before 200 only says that an answer will come.
    if (status < 200) return;
    this.#hasHead = true;
    this.#head.resolve({ status, headers: firstOfEach(headers) });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.lastByteMs = this.#request.now();
    this.firstByteMs ??= this.lastByteMs;
    this.#patience.heard();
    if (this.#isDiscarded) return;
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
    if (this.#bufferedBytes >= HIGH_WATER_BYTES) controller.pause();
    this.#wake();
  }

  onResponseEnd(): void {
    this.#finish({});
  }

  onResponseError(_controller: unknown, error: Error): void {
    const progress = { isSent: this.#billable(), isStale: this.#isStale(error), hasBegun: this.#hasHead };
    this.#finish({ failure: transportFailure(this.#request.provider, error, progress) });
  }

  /** Ends the call at once; who reads it sees it end. */
  abort(): void {
    if (this.#end !== undefined) return;
    this.#finish({});
    this.#controller?.abort(new Error("The call was given up."));
  }

  /** Lets the rest of the answer go by unread, so that the connection can be used again, but not for long. */
  discard(): void {
    if (this.#end !== undefined) return;
    this.#isDiscarded = true;
    this.#chunks = [];
    this.#discardTimer = setTimeout(() => this.abort(), DISCARD_MS).unref();
    this.#controller?.resume();
  }

  /** The rest of the body as text. @throws UpstreamFailure; AnswerTooLarge where it is longer than `limitBytes` */
  async text(limitBytes: number): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this) {
      bytes += chunk.length;
      if (bytes > limitBytes) throw new AnswerTooLarge(limitBytes);
      chunks.push(chunk);
    }
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only.toString("utf8") : Buffer.concat(chunks, bytes).toString("utf8");
  }

  /** What comes, once; not a generator, since that would cost each piece several turns. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        if (!this.#isDiscarded) this.abort();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async #next(): Promise<IteratorResult<Buffer, undefined>> {
    for (;;) {
      const value = this.#take();
      if (value !== undefined) return { done: false, value };
      if (this.#end?.failure !== undefined) throw this.#end.failure;
      if (this.#end !== undefined) return { done: true, value: undefined };
      await this.#more();
    }
  }

  #take(): Buffer | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#bufferedBytes -= chunk.length;
    if (this.#bufferedBytes <= LOW_WATER_BYTES && this.#controller?.paused === true) this.#resume(this.#controller);
    return chunk;
  }

  #resume(controller: Dispatcher.DispatchController): void {
    controller.resume();
    this.#patience.resumed();
  }

  #more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiter = resolve;
    return promise;
  }

  #wake(): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.();
  }

  /** Whether the connection was there before this call and broke as soon as it was used. */
  #isStale(error: Error): boolean {
    const connectedMs = connectedMsOf(error);
    if (connectedMs === undefined || this.#sentMs === undefined) return false;
    return connectedMs < this.#startMs && performance.now() - this.#sentMs < STALE_MS;
  }

  // A request that never left cannot have been billed.
  #billable(): boolean {
    return this.#sentMs !== undefined;
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#end !== undefined) return;
    // What waits unread is not wanted any more: the reader should learn of the end at once.
    this.#chunks = [];
    this.#finish({ failure });
    this.#controller?.abort(failure);
  }

  #finish(end: { readonly failure?: UpstreamFailure }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    clearTimeout(this.#timer);
    this.#patience.stop();
    clearTimeout(this.#discardTimer);
    this.#request.signal.removeEventListener("abort", this.#onSignal);
    if (!this.#hasHead) this.#head.reject(end.failure ?? deadlinePassed(this.#request.provider, false));
    this.#wake();
  }
}

/** Headers that came more than once as the first of them: undici makes lists of those, too, of which Node's type knows one value. */
function firstOfEach(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  if (!Object.values(headers).some(Array.isArray)) return headers;
  const firsts = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]);
  return Object.fromEntries(firsts) as IncomingHttpHeaders;
}
