import { fail } from "@alfred/errors";

/** How much may be under way. */
export interface GateConfig {
  /** Requests at once. */
  readonly maxInFlight: number;
  /** Settlements, and usage records, that may wait to be acknowledged, those of requests under way counted in. */
  readonly maxBacklog: number;
}

/**
 * Counts the requests under way, and lets in no more than what the queues behind them can take: so these never have to
 * refuse or forget what a provider has billed.
 */
export class Gate {
  readonly #config: GateConfig;
  readonly #backlogs: () => readonly number[];
  #inFlight = 0;
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

  /** @throws AlfredError OVERLOADED */
  enter(): void {
    const { maxInFlight, maxBacklog } = this.#config;
    const isFull = this.#inFlight >= maxInFlight || this.#backlogs().some((size) => size + this.#inFlight >= maxBacklog);
    if (isFull) throw fail("OVERLOADED", "The gateway has as much to do as it can take on.");
    this.#inFlight += 1;
  }

  /** Says that a request which was let in is over, what it owed in the queues. */
  leave(): void {
    this.#inFlight -= 1;
    if (this.#inFlight > 0) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers<void>();
  }

  /** Resolves once nothing is under way, or with the signal. */
  async drain(signal: AbortSignal): Promise<void> {
    const given = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => given.resolve(), { once: true });
    if (this.#inFlight > 0 && !signal.aborted) await Promise.race([this.#idle.promise, given.promise]);
  }
}
