import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "@alfred/telemetry";

/** Something that must reach the wallet. Rejects where it has to be tried again, and resolves once it is acknowledged. */
export interface Settling {
  /** For the log. */
  readonly id: string;
  run(): Promise<void>;
  /** Whether an error means that trying again is of no use. */
  isFinal(error: unknown): boolean;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Sent at once when the wallet is back. */
const CONCURRENCY = 32;

/**
 * What could not be settled in time, retried until the wallet acknowledges it. It never refuses: admission stops before
 * it grows past its bound. Nothing leaves it unacknowledged but what the wallet refuses for good, which is logged.
 */
export class SettlementQueue {
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  readonly #waiting: Settling[] = [];
  #active = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #isPaused = false;
  #idle = Promise.withResolvers<void>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** How many are not acknowledged yet. */
  get size(): number {
    return this.#waiting.length + this.#active;
  }

  push(settling: Settling): void {
    this.#waiting.push(settling);
    this.#advance();
  }

  /** Resolves once all are acknowledged, or with `signal`; then what is left is given up and logged. */
  async drain(signal: AbortSignal): Promise<void> {
    const given = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => given.resolve(), { once: true });
    if (this.size > 0 && !signal.aborted) await Promise.race([this.#idle.promise, given.promise]);
    this.#stopped.abort();
    for (const { id } of this.#waiting) this.#log.error({ reservation: id }, "a settlement was given up; its money stays held");
  }

  #advance(): void {
    while (!this.#isPaused && this.#active < CONCURRENCY) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#active += 1;
      void this.#attempt(next);
    }
    if (this.size > 0) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers<void>();
  }

  async #attempt(settling: Settling): Promise<void> {
    try {
      await settling.run();
      this.#pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      if (settling.isFinal(error)) this.#log.error({ err: error, reservation: settling.id }, "the wallet refuses a settlement for good");
      else this.#postpone(settling, error);
    }
    this.#active -= 1;
    this.#advance();
  }

  #postpone(settling: Settling, error: unknown): void {
    this.#waiting.push(settling);
    if (this.#isPaused) return;
    this.#log.warn({ err: error, waiting: this.size }, "settlements wait for the wallet and are tried again");
    this.#isPaused = true;
    void this.#goOnLater();
  }

  async #goOnLater(): Promise<void> {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    // Once it is stopped nothing more is sent, so the pause never ends.
    await pause(pauseMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    if (this.#stopped.signal.aborted) return;
    this.#isPaused = false;
    this.#advance();
  }
}
