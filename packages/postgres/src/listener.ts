import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@alfred/telemetry";
import type { Pool } from "pg";

export interface ListenerOptions {
  /** One of its connections is kept while the listener runs. */
  readonly pool: Pool;
  /** Small letters, digits and underscores. */
  readonly channel: string;
  readonly log: Logger;
}

/** One wait for a notification; disposing forgets it. */
export interface Wake extends Disposable {
  /** Resolves when something was notified since the wake was made, when `idleMs` are over, or when the signal fires. */
  orAfter(idleMs: number, signal: AbortSignal): Promise<void>;
}

const pauseMs = 500;
/** A connection that ended without a word is noticed by asking it this often. */
const probeMs = 10_000;

/**
 * Wakes who waits for a channel's notifications, from whichever process they come. The connection is made again when
 * it is lost, and everybody woken then: a lost notification delays, so whoever waits looks by itself now and then.
 */
export class Listener implements AsyncDisposable {
  readonly #options: ListenerOptions;
  readonly #stop = new AbortController();
  readonly #waiting = new Map<string | undefined, Set<() => void>>();
  readonly #run: Promise<void>;

  /** Starts at once; needs no connection to be there yet. */
  constructor(options: ListenerOptions) {
    if (!/^[a-z0-9_]{1,63}$/.test(options.channel)) {
      throw new TypeError(`${options.channel} is not a name for a channel`);
    }
    this.#options = options;
    this.#run = this.#sessions();
  }

  /** Begins to hear now, however late the wait begins: of this payload, or of all. */
  next(payload?: string): Wake {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(payload) ?? new Set();
    this.#waiting.set(payload, waiting.add(resolve));
    return {
      orAfter: (idleMs, signal) => wokenWithin({ promise, resolve }, idleMs, signal),
      [Symbol.dispose]: () => this.#forget(payload, resolve),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#run;
    this.#wakeAll();
  }

  #wake(payload: string | undefined): void {
    for (const resolve of this.#waiting.get(payload) ?? []) resolve();
  }

  #forget(payload: string | undefined, resolve: () => void): void {
    const waiting = this.#waiting.get(payload);
    waiting?.delete(resolve);
    if (waiting?.size === 0) this.#waiting.delete(payload);
  }

  #wakeAll(): void {
    for (const payload of this.#waiting.keys()) this.#wake(payload);
  }

  async #sessions(): Promise<void> {
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const lost = await this.#session(() => (failures = 0)).catch((error: unknown) => error);
      if (signal.aborted) return;
      if (failures === 0) {
        this.#options.log.warn(
          { err: lost, channel: this.#options.channel },
          "notifications are lost; connecting again",
        );
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Listens until the connection breaks, which rejects, or the listener stops. */
  async #session(begun: () => void): Promise<void> {
    const { pool, channel } = this.#options;
    const client = await pool.connect();
    const lost = new AbortController();
    client.on("error", (error) => lost.abort(error));
    client.on("end", () => lost.abort(new Error("the connection ended")));
    client.on("notification", ({ payload = "" }) => {
      this.#wake(payload);
      this.#wake(undefined);
    });
    try {
      await client.query(`LISTEN ${channel}`);
      begun();
      // What was notified while nobody listened is looked for now.
      this.#wakeAll();
      const signal = AbortSignal.any([this.#stop.signal, lost.signal]);
      while (!signal.aborted) {
        await sleep(probeMs, undefined, { signal }).catch(() => undefined);
        if (!signal.aborted) await client.query("SELECT 1");
      }
      if (!this.#stop.signal.aborted) lost.signal.throwIfAborted();
    } finally {
      // Ending the connection ends the listening with it.
      client.release(true);
    }
  }
}

async function wokenWithin(
  woken: { promise: Promise<void>; resolve: () => void },
  idleMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const timer = setTimeout(woken.resolve, idleMs);
  signal.addEventListener("abort", woken.resolve, { once: true });
  try {
    await woken.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", woken.resolve);
  }
}
