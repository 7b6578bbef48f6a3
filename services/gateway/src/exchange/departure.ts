import { AlfredError, fail } from "@alfred/errors";

/** How far answers are read that nobody waits for any more. */
export interface DepartureConfig {
  /** How long one is read on, in milliseconds; 0 ends it at once. */
  readonly drainMs: number;
  /** How many are read on at once; what comes on top ends at once. */
  readonly maxDrains: number;
}

/** What came of reading on: its usage was reported, it was not, or too many were read on already. */
export type DrainEnd = "learned" | "gave_up" | "refused";

/** One request, whose caller may go away. */
export interface Watched {
  /** Fires when nobody waits for the answer any more. */
  readonly caller: AbortSignal;
  /** Whether its key was revoked, by which nothing more is done for it. */
  readonly isRevoked: () => boolean;
}

/**
 * What becomes of answers whose callers go away. A provider bills them to its own count, which it tells at their end: so
 * they are read on, forwarded to nobody, for a bounded time and in bounded number, and what they used is known, not estimated.
 */
export class Departures {
  readonly #config: DepartureConfig;
  readonly #drains = new Set<Departure>();
  readonly #onEnd: (end: DrainEnd) => void;
  #isClosed = false;

  /** @param onEnd hears what came of each that was, or should have been, read on */
  constructor(config: DepartureConfig, onEnd: (end: DrainEnd) => void) {
    this.#config = config;
    this.#onEnd = onEnd;
  }

  /** How many are read on now. */
  get size(): number {
    return this.#drains.size;
  }

  /** Minds the caller of a request, until `over`. */
  watch(watched: Watched): Departure {
    return new Departure(this, watched);
  }

  /** Ends what is read on, and reads nothing on any more: the gateway stops. */
  close(): void {
    this.#isClosed = true;
    for (const drain of this.#drains) drain.giveUp();
  }

  /** @returns how long it may be read on, in milliseconds; 0 where it may not */
  begin(drain: Departure): number {
    const { drainMs, maxDrains } = this.#config;
    if (drainMs === 0) return 0;
    if (this.#isClosed || this.#drains.size >= maxDrains) {
      this.#onEnd("refused");
      return 0;
    }
    this.#drains.add(drain);
    return drainMs;
  }

  end(drain: Departure, hasLearned: boolean): void {
    if (this.#drains.delete(drain)) this.#onEnd(hasLearned ? "learned" : "gave_up");
  }
}

/** The caller of one request, and what its going means for the call to the provider. */
export class Departure {
  readonly #departures: Departures;
  readonly #watched: Watched;
  readonly #work = new AbortController();
  readonly #onLeft = (): void => this.#leave();
  #timer: NodeJS.Timeout | undefined;
  #isAsked = false;
  #left: AlfredError | undefined;

  constructor(departures: Departures, watched: Watched) {
    this.#departures = departures;
    this.#watched = watched;
    const { caller } = watched;
    if (caller.aborted) this.#leave();
    else caller.addEventListener("abort", this.#onLeft, { once: true });
  }

  /** Fires when the provider's work is to end. */
  get signal(): AbortSignal {
    return this.#work.signal;
  }

  /** Why nobody waits any more; undefined while somebody does. */
  get reason(): AlfredError | undefined {
    const reason: unknown = this.#watched.caller.aborted ? this.#watched.caller.reason : undefined;
    return reason instanceof AlfredError ? reason : this.#left;
  }

  /** Whether nobody waits any more. */
  get hasLeft(): boolean {
    return this.#watched.caller.aborted || this.#left !== undefined;
  }

  /** Says that nobody reads the answer any more, though the caller did not go away: as where it could not be handed over. */
  leave(): void {
    if (this.hasLeft) return;
    this.#watched.caller.removeEventListener("abort", this.#onLeft);
    this.#left = fail("CANCELLED", "The answer was not read to its end.");
    this.#leave();
  }

  /** Says whether a provider has the request: of one that has not there is nothing to learn. */
  setAsked(isAsked: boolean): void {
    this.#isAsked = isAsked;
  }

  /** Whether an answer that nobody waits for is to be read on. */
  mayGoOn(): boolean {
    return !this.signal.aborted && !this.#watched.isRevoked();
  }

  /** Ends the provider's work now. */
  giveUp(): void {
    this.#work.abort(this.reason ?? this.#watched.caller.reason);
  }

  /** Says that the request is settled. */
  over(hasLearned: boolean): void {
    this.#watched.caller.removeEventListener("abort", this.#onLeft);
    clearTimeout(this.#timer);
    this.#departures.end(this, hasLearned);
  }

  /** Only who left by its own will is read on for: past a deadline, or where the gateway stops, there is no time. */
  #leave(): void {
    const mayDrain = this.reason?.code === "CANCELLED" && this.#isAsked && !this.#watched.isRevoked();
    const drainMs = mayDrain ? this.#departures.begin(this) : 0;
    if (drainMs === 0) this.giveUp();
    else this.#timer = setTimeout(() => this.giveUp(), drainMs);
  }
}
