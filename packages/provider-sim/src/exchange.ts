import { setImmediate } from "node:timers/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { SimDialect } from "./dialect.ts";
import type { RequestLog, RequestRecord } from "./request-log.ts";

/** One request and its answer: the socket's side of it, where every wait ends when the connection does. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: RequestRecord;
  readonly dialect: SimDialect;
  readonly #log: RequestLog;
  /** The name of the endpoint, for the metrics. */
  endpoint = "unknown";
  #closed = false;
  #stalled = false;
  #brokenOnPurpose = false;
  #wake: (() => void) | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, dialect: SimDialect, log: RequestLog, onClose: (exchange: Exchange) => void) {
    this.request = request;
    this.response = response;
    this.dialect = dialect;
    this.#log = log;
    this.record = log.open(request, dialect.name);
    response.once("close", () => {
      this.#closed = true;
      log.close(this.record, !response.writableFinished && !this.#brokenOnPurpose);
      this.#wake?.();
      onClose(this);
    });
  }

  /** Whether the connection is gone, and with it whoever waits for the answer. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether this answer is to stay unfinished for ever. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /** Waits; false when the connection closed meanwhile. */
  async pause(ms: number): Promise<boolean> {
    if (ms > 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    return !this.#closed;
  }

  /** Does nothing until the client or the server closes the connection. */
  async stall(): Promise<void> {
    if (this.#closed) return;
    this.#stalled = true;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Writes and, where the socket is full, waits for it to drain; false when the connection closed meanwhile. */
  async write(data: string | Uint8Array): Promise<boolean> {
    if (this.#closed) return false;
    if (this.response.write(data)) return true;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.response.once("drain", resolve);
    });
    this.#wake = undefined;
    return !this.#closed;
  }

  /** Puts frames of a stream on record. */
  sentChunks(count: number): void {
    this.record.chunksSent += count;
    this.#log.changed(this.record);
  }

  /** Lets what was written reach the socket, then closes it without the end that HTTP asks for. */
  async cut(): Promise<void> {
    await setImmediate();
    this.breakOff();
  }

  /** Closes the connection at once, on the server's own account. */
  breakOff(): void {
    this.#brokenOnPurpose = true;
    this.response.socket?.destroySoon();
  }

  /** Closes the connection with a TCP reset. */
  reset(): void {
    this.#brokenOnPurpose = true;
    this.response.socket?.resetAndDestroy();
  }
}
