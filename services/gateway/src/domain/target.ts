/** How failures of a provider bear on what else is asked of it. */
export interface TargetFailure {
  /** The pause that the provider asks for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Whether it lasts until somebody mends it, as credentials that are refused. */
  readonly isLasting: boolean;
}

/** So many failures in a row are no accident any more. */
const FAILURES = 3;
/** How long the next ones are sent elsewhere first, which doubles from failure to failure, in milliseconds. */
const FIRST_COOLDOWN_MS = 1_000;
const LONGEST_COOLDOWN_MS = 60_000;
/** What a provider asks for is heeded as far as this, in milliseconds. */
const LONGEST_WISH_MS = 600_000;
/** How much the newest answer counts in the average. */
const NEWEST = 0.2;
/** An average says nothing any more when its last answer is older than this, in milliseconds. */
const STALE_MS = 60_000;

interface Pace {
  averageMs: number;
  atMs: number;
}

/** A model at a provider as requests find it: what it has to do, whether it fails, how fast it begins to answer. */
export class Target {
  #inFlight = 0;
  #failures = 0;
  #coolUntilMs = 0;
  /** Whole answers begin when they are ready, so they have an average of their own. */
  readonly #paces: { streamed?: Pace; whole?: Pace } = {};

  /** Calls under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether others are to be called first. */
  isCooling(nowMs: number): boolean {
    return nowMs < this.#coolUntilMs;
  }

  /** The average time to the first byte, in milliseconds; undefined where no answer came lately. */
  firstByteMs(streamed: boolean, nowMs: number): number | undefined {
    const pace = this.#paces[streamed ? "streamed" : "whole"];
    return pace === undefined || nowMs - pace.atMs > STALE_MS ? undefined : pace.averageMs;
  }

  begun(): void {
    this.#inFlight += 1;
  }

  /** Says that a call is over, however it ended. */
  ended(): void {
    this.#inFlight -= 1;
  }

  /** Says that it answered, and how long its first byte took. */
  answered(streamed: boolean, firstByteMs: number, nowMs: number): void {
    this.#failures = 0;
    this.#coolUntilMs = 0;
    const kind = streamed ? "streamed" : "whole";
    const pace = this.#paces[kind];
    if (pace === undefined || nowMs - pace.atMs > STALE_MS) {
      this.#paces[kind] = { averageMs: firstByteMs, atMs: nowMs };
      return;
    }
    pace.averageMs += (firstByteMs - pace.averageMs) * NEWEST;
    pace.atMs = nowMs;
  }

  /** Says that it failed, through no fault of the request. */
  failed({ retryAfterMs = 0, isLasting }: TargetFailure, nowMs: number): void {
    this.#failures = Math.max(this.#failures + 1, isLasting ? FAILURES : 0);
    const doublings = this.#failures - FAILURES;
    const pauseMs = doublings < 0 ? 0 : Math.min(FIRST_COOLDOWN_MS * 2 ** doublings, LONGEST_COOLDOWN_MS);
    const untilMs = nowMs + Math.max(pauseMs, Math.min(retryAfterMs, LONGEST_WISH_MS));
    this.#coolUntilMs = Math.max(this.#coolUntilMs, untilMs);
  }
}

/** Clients can name models at will, so only those that were called lately are remembered. */
const MOST_TARGETS = 10_000;

/** What is known of each model at each provider. */
export class Targets {
  readonly #targets = new Map<string, Target>();

  /** What is known of a model at a provider. */
  of(providerId: string, model: string): Target {
    const name = `${providerId}/${model}`;
    const known = this.#targets.get(name);
    if (known !== undefined) return known;
    if (this.#targets.size >= MOST_TARGETS) this.#forgetOldest();
    const target = new Target();
    this.#targets.set(name, target);
    return target;
  }

  #forgetOldest(): void {
    for (const name of this.#targets.keys()) {
      this.#targets.delete(name);
      return;
    }
  }
}
