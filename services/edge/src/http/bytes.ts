import { once } from "node:events";
import type { ServerResponse } from "node:http";

/** How bytes are written. */
interface BytesOptions {
  /** How long all may take, in milliseconds: who does not read by then is not waited for. */
  readonly timeoutMs: number;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

/** Writes an answer that is bytes, in pieces. Status and headers go with the first, so that an error before it has its own. */
export class BytesWriter {
  readonly #response: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #endMs: number;

  constructor(response: ServerResponse, { timeoutMs, signal }: BytesOptions) {
    this.#response = response;
    this.#signal = signal;
    this.#endMs = performance.now() + timeoutMs;
  }

  /** Sets what the head says. */
  start(headers: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(headers)) this.#response.setHeader(name, value);
  }

  /** Writes a piece; a promise, where the client does not keep up, says when to go on. */
  write(piece: Uint8Array): Promise<void> | undefined {
    return this.#response.write(piece) || this.#response.closed ? undefined : this.#drained();
  }

  /** @throws AbortError where the client goes away, or does not read in time */
  async #drained(): Promise<void> {
    const late = AbortSignal.timeout(Math.max(0, Math.ceil(this.#endMs - performance.now())));
    await once(this.#response, "drain", { signal: AbortSignal.any([this.#signal, late]) });
  }
}
