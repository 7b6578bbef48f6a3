import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@alfred/telemetry";
import type { PoolClient } from "pg";
import type { UsageSignal } from "./usage-signal.ts";
import { USAGE_CHANNEL } from "./usage-writer.ts";

const PAUSE_MS = 1000;

/** What the listener needs. */
export interface UsageListenerParts {
  connect(): Promise<PoolClient>;
  signal: UsageSignal;
  log: Logger;
}

/**
 * Hears which organisations have new records, from whichever process wrote
 * them, on a connection of its own that is made again when it is lost. Watches
 * read by themselves now and then, so a lost notification only delays them.
 */
export class UsageListener implements AsyncDisposable {
  readonly #parts: UsageListenerParts;
  readonly #stop = new AbortController();
  readonly #run: Promise<void>;

  constructor(parts: UsageListenerParts) {
    this.#parts = parts;
    this.#run = this.#listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#run;
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#session().catch((error: unknown) => this.#parts.log.warn({ err: error }, "live usage is delayed: the database cannot be listened to"));
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Listens until the connection breaks, which rejects, or the listener stops. */
  async #session(): Promise<void> {
    const { connect, signal } = this.#parts;
    const client = await connect();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = (): void => resolve();
    client.on("error", reject);
    client.on("end", stop);
    client.on("notification", ({ payload = "" }) => signal.wake(payload));
    this.#stop.signal.addEventListener("abort", stop, { once: true });
    try {
      await client.query(`LISTEN ${USAGE_CHANNEL}`);
      // What was kept while nobody listened is read now.
      signal.wakeAll();
      if (!this.#stop.signal.aborted) await promise;
    } finally {
      this.#stop.signal.removeEventListener("abort", stop);
      client.removeAllListeners("notification");
      // Ending the connection ends the listening with it.
      client.release(true);
    }
  }
}
