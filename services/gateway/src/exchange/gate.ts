import { type AlfredError, fail } from "@alfred/errors";

/** How much may be under way. */
export interface GateConfig {
  /** Requests at once. */
  readonly maxInFlight: number;
  /** Settlements, and usage records, that may wait to be acknowledged, those of requests under way counted in. */
  readonly maxBacklog: number;
}

/** A way in. */
export interface Entrance {
  /** @throws AlfredError OVERLOADED */
  enter(): void;
  /** Says that a request which was let in is over, what it owed in the queues. */
  leave(): void;
}

/**
 * Counts the requests under way, and lets in no more than what the queues behind them can take: so these never have to
 * refuse or forget what a provider has billed.
 */
export class Gate implements Entrance {
  readonly #config: GateConfig;
  readonly #backlogs: () => readonly number[];
  /** The way in of what nobody waits for: it takes no place of those who do, and counts for the queues. */
  readonly beside: Entrance = { enter: () => this.#admit(1), leave: () => this.#release(1) };
  #inFlight = 0;
  /** Of these, those that nobody waits for. */
  #beside = 0;
  #idle = Promise.withResolvers<void>();

  /** @param backlogs how much waits in each queue now */
  constructor(config: GateConfig, backlogs: () => readonly number[]) {
    this.#config = config;
    this.#backlogs = backlogs;
  }

  /** How many requests are under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  enter(): void {
    if (this.#inFlight - this.#beside >= this.#config.maxInFlight) throw full();
    this.#admit(0);
  }

  leave(): void {
    this.#release(0);
  }

  /** Resolves once nothing is under way, or with the signal. */
  async drain(signal: AbortSignal): Promise<void> {
    const given = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => given.resolve(), { once: true });
    if (this.#inFlight > 0 && !signal.aborted) await Promise.race([this.#idle.promise, given.promise]);
  }

  #admit(beside: number): void {
    if (this.#backlogs().some((size) => size + this.#inFlight >= this.#config.maxBacklog)) throw full();
    this.#inFlight += 1;
    this.#beside += beside;
  }

  #release(beside: number): void {
    this.#inFlight -= 1;
    this.#beside -= beside;
    if (this.#inFlight > 0) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers<void>();
  }
}

function full(): AlfredError {
  return fail("OVERLOADED", "The gateway has as much to do as it can take on.");
}
