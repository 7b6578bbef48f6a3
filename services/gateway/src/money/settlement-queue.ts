import { setTimeout as pause } from "node:timers/promises";
import { AlfredError } from "@alfred/errors";
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
/** What says something of the wallet and nothing of the settlement. */
const PASSING = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "OVERLOADED"]);
/** How often one settlement may fail by anything else, over some ten seconds, before it is given up. */
const MAX_FAILURES = 8;
/** Sent at once when the wallet is back. */
const CONCURRENCY = 32;

interface Entry {
  readonly settling: Settling;
  /** How often it failed for a reason of its own. */
  failures: number;
}

/**
 * What could not be settled in time, retried until the wallet acknowledges it. It never refuses: admission stops before
 * it grows past its bound. Nothing leaves it unacknowledged but what the wallet refuses for good, or fails on again and
 * again while it serves others; either is logged. Only a wallet that is away makes all of them wait.
 */
export class SettlementQueue {
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  readonly #waiting: Entry[] = [];
  readonly #active = new Set<Entry>();
  /** Those that pause by themselves. */
  readonly #resting = new Set<Entry>();
  #pauseMs = FIRST_PAUSE_MS;
  #isPaused = false;
  #idle = Promise.withResolvers<void>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** How many are not acknowledged yet. */
  get size(): number {
    return this.#waiting.length + this.#active.size + this.#resting.size;
  }

  push(settling: Settling): void {
    this.#waiting.push({ settling, failures: 0 });
    this.#advance();
  }

  /** Resolves once all are acknowledged, or with `signal`; then what is left is given up and logged. */
  async drain(signal: AbortSignal): Promise<void> {
    const given = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => given.resolve(), { once: true });
    if (this.size > 0 && !signal.aborted) await Promise.race([this.#idle.promise, given.promise]);
    this.#stopped.abort();
    for (const entry of [...this.#waiting, ...this.#resting]) this.#giveUp(entry);
    for (const { settling } of this.#active) {
      this.#log.warn({ reservation: settling.id }, "a settlement is under way whose end is not waited for");
    }
  }

  #advance(): void {
    while (!this.#isPaused && this.#active.size < CONCURRENCY) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#active.add(next);
      void this.#attempt(next);
    }
    if (this.size > 0) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers<void>();
  }

  async #attempt(entry: Entry): Promise<void> {
    try {
      await entry.settling.run();
      this.#pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      this.#failed(entry, error);
    }
    this.#active.delete(entry);
    this.#advance();
  }

  #failed(entry: Entry, error: unknown): void {
    if (entry.settling.isFinal(error)) {
      this.#log.error({ err: error, reservation: entry.settling.id }, "the wallet refuses a settlement for good");
    } else if (this.#stopped.signal.aborted) this.#giveUp(entry, error);
    else if (isPassing(error)) this.#postpone(entry, error);
    else void this.#rest(entry, error);
  }

  /** Tries one again later, or gives it up, without holding up the others. */
  async #rest(entry: Entry, error: unknown): Promise<void> {
    entry.failures += 1;
    if (entry.failures >= MAX_FAILURES) return this.#giveUp(entry, error);
    this.#log.warn({ err: error, reservation: entry.settling.id }, "a settlement failed and is tried again");
    this.#resting.add(entry);
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (entry.failures - 1), LONGEST_PAUSE_MS);
    await pause(pauseMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    if (this.#stopped.signal.aborted) return;
    this.#resting.delete(entry);
    this.#waiting.push(entry);
    this.#advance();
  }

  #giveUp({ settling }: Entry, error?: unknown): void {
    this.#log.error({ err: error, reservation: settling.id }, "a settlement was given up; its money stays held");
  }

  #postpone(entry: Entry, error: unknown): void {
    this.#waiting.push(entry);
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

function isPassing(error: unknown): boolean {
  return error instanceof AlfredError && PASSING.has(error.code);
}
