import type { AlfredError } from "@alfred/errors";
import type { ServerCall } from "./server-call.ts";

/** The calls that a server works on. */
export class OpenCalls {
  readonly #calls = new Set<ServerCall>();
  #idle: (() => void) | undefined;

  add(call: ServerCall): void {
    this.#calls.add(call);
  }

  delete(call: ServerCall): void {
    this.#calls.delete(call);
    if (this.#calls.size === 0) this.#idle?.();
  }

  /** Ends the calls that would never end by themselves. */
  endWatches(failure: AlfredError): void {
    for (const call of this.#calls) if (call.method.isWatch) call.end(failure);
  }

  endAll(failure: AlfredError): void {
    for (const call of this.#calls) call.end(failure);
  }

  /** Resolves with true once there are none, with false after `timeoutMs`. */
  async idle(timeoutMs: number): Promise<boolean> {
    if (this.#calls.size === 0) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), timeoutMs);
    this.#idle = () => resolve(true);
    return promise.finally(() => clearTimeout(timer));
  }
}
