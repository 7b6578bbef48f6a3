import { once } from "node:events";
import type { ServerResponse } from "node:http";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // Reverse proxies such as nginx hold a stream back unless told not to.
  "x-accel-buffering": "no",
};

/**
 * Writes server-sent events. While nothing is written for `silenceMs` a comment
 * keeps proxies from closing the connection; the first commits to status 200.
 */
export class SseWriter implements Disposable {
  readonly #response: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(response: ServerResponse, { silenceMs, signal }: { silenceMs: number; signal: AbortSignal }) {
    this.#response = response;
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

  /** Writes one `data:` and waits until the client keeps up. */
  async data(text: string): Promise<void> {
    this.start();
    this.#timer.refresh();
    if (this.#response.write(`data: ${text}\n\n`) || this.#response.closed) return;
    await once(this.#response, "drain", { signal: this.#signal });
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
