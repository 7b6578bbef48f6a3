import { once } from "node:events";
import type { ServerResponse } from "node:http";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // Reverse proxies such as nginx hold a stream back unless told not to.
  "x-accel-buffering": "no",
};

/** How a stream is written. */
interface SseOptions {
  /** How long nothing may be written before a comment is, in milliseconds. */
  readonly silenceMs: number;
  /** How long the stream may take in all, in milliseconds: who does not read by then is not waited for. */
  readonly timeoutMs: number;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

/**
 * Writes server-sent events. While nothing is written for `silenceMs` a comment
 * keeps proxies from closing the connection; the first commits to status 200.
 */
export class SseWriter implements Disposable {
  readonly #response: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #endMs: number;
  #patience: AbortSignal | undefined;

  constructor(response: ServerResponse, { silenceMs, timeoutMs, signal }: SseOptions) {
    this.#response = response;
    this.#endMs = performance.now() + timeoutMs;
    this.#signal = signal;
    this.#timer = setInterval(() => this.#comment(), silenceMs);
  }

  /** Whether status and headers are on their way. */
  get started(): boolean {
    return this.#response.headersSent;
  }

  /** Sends status and headers; once. */
  start(headers: Readonly<Record<string, string>> = {}): void {
    if (!this.started) this.#response.writeHead(200, { ...headers, ...HEADERS });
  }

  /** Writes one `data:`; a promise, where the client does not keep up, says when to go on. */
  data(text: string): Promise<void> | undefined {
    return this.#write(`data: ${text}\n\n`);
  }

  /** Writes one event with a name, likewise. */
  event(name: string, text: string): Promise<void> | undefined {
    return this.#write(`event: ${name}\ndata: ${text}\n\n`);
  }

  #write(frame: string): Promise<void> | undefined {
    this.start();
    this.#timer.refresh();
    if (this.#response.write(frame) || this.#response.closed) return undefined;
    return this.#drained();
  }

  /** @throws AbortError where the client goes away, or does not read in the time for the whole stream */
  async #drained(): Promise<void> {
    await once(this.#response, "drain", { signal: (this.#patience ??= this.#untilEnd()) });
  }

  /** One for all waits, made where there is one: those of a stream that lags often would stay until it ends. */
  #untilEnd(): AbortSignal {
    const late = AbortSignal.timeout(Math.max(0, Math.ceil(this.#endMs - performance.now())));
    return AbortSignal.any([this.#signal, late]);
  }

  /** Ends the stream. */
  end(): void {
    this.#response.end();
  }

  #comment(): void {
    this.start();
    if (!this.#response.writableNeedDrain) this.#response.write(": waiting for the provider\n\n");
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
