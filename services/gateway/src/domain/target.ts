import { Breaker, type BreakerCall, type BreakerFailure, type BreakerFigures, type BreakerState } from "./breaker.ts";
import { RetryBudget } from "./retry-budget.ts";

/** How much the newest answer counts in the average. */
const NEWEST = 0.2;
/** An average says nothing any more when its last answer is older than this, in milliseconds. */
const STALE_MS = 60_000;

/** Who is not heard of for so long though calls wait may hang: three times as long as answers take to begin, but not less than that, in milliseconds. */
const SILENT_PACES = 3;
const LEAST_SILENT_MS = 2_000;
/** The same where nobody knows how long they take. */
const UNKNOWN_SILENT_MS = 10_000;

interface Pace {
  averageMs: number;
  atMs: number;
}

/** A model at a provider as requests find it: what it has to do, whether it fails, how fast it begins to answer. */
export class Target {
  readonly #breaker: Breaker;
  readonly #budget = new RetryBudget();
  #inFlight = 0;
  /** Calls that were not answered yet, the oldest first. */
  readonly #waiting = new Set<BreakerCall>();
  /** When an answer last began. */
  #heardMs = 0;
  /** Whole answers begin when they are ready, so they have an average of their own. */
  readonly #paces: { streamed?: Pace; whole?: Pace } = {};

  constructor(breaker: Breaker = new Breaker()) {
    this.#breaker = breaker;
  }

  /** Calls under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether nobody calls it and nothing is known against it. */
  get isIdle(): boolean {
    return this.#inFlight === 0 && this.state === "closed";
  }

  /** Whether others are to be called first. */
  isCooling(nowMs: number): boolean {
    return this.#breaker.isOpen(nowMs);
  }

  /** Of the calls that its weight gives it, how many it is to get: fewer for a while after it failed. */
  share(nowMs: number): number {
    return this.#breaker.share(nowMs);
  }

  /** The state of its breaker. */
  get state(): BreakerState {
    return this.#breaker.state;
  }

  /** How its breaker stands. */
  figures(nowMs: number): BreakerFigures {
    return this.#breaker.figures(nowMs);
  }

  /** The average time to the first byte, in milliseconds; undefined where no answer came lately. */
  firstByteMs(streamed: boolean, nowMs: number): number | undefined {
    const pace = this.#paces[streamed ? "streamed" : "whole"];
    return pace === undefined || nowMs - pace.atMs > STALE_MS ? undefined : pace.averageMs;
  }

  /** Whether nothing is heard of it though calls wait, and answers usually begin sooner. It may only think. */
  isSilent(nowMs: number): boolean {
    const paces = [this.firstByteMs(true, nowMs), this.firstByteMs(false, nowMs)].filter((each) => each !== undefined);
    const mostMs = paces.length === 0 ? UNKNOWN_SILENT_MS : Math.max(LEAST_SILENT_MS, SILENT_PACES * Math.max(...paces));
    const [oldest] = this.#waiting;
    return oldest !== undefined && nowMs - Math.max(oldest.startMs, this.#heardMs) > mostMs;
  }

  begun(nowMs: number): BreakerCall {
    this.#inFlight += 1;
    const call = this.#breaker.begun(nowMs);
    this.#waiting.add(call);
    return call;
  }

  /** Says that a call is over, however it ended; after what came of it. */
  ended(call: BreakerCall): void {
    this.#inFlight -= 1;
    this.#waiting.delete(call);
    this.#breaker.ended(call);
  }

  /** Says that it began to answer. */
  heard(call: BreakerCall, nowMs: number): void {
    this.#waiting.delete(call);
    this.#heardMs = nowMs;
  }

  /** Says that it answered, and how long its first byte took. */
  answered(call: BreakerCall, streamed: boolean, firstByteMs: number, nowMs: number): void {
    this.#breaker.succeeded(call, nowMs);
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
  failed(call: BreakerCall, failure: BreakerFailure, nowMs: number): void {
    this.#breaker.failed(call, failure, nowMs);
  }

  /** Says what a check of its provider came to. */
  checked(hasPassed: boolean, nowMs: number): void {
    this.#breaker.checked(hasPassed, nowMs);
  }

  /** Whether a call that failed may be repeated, as far as others are repeated now. */
  get mayRepeat(): boolean {
    return this.#budget.has(this.#inFlight);
  }

  /** Says that a call is to be repeated, and with `repeated` that this is over, or was given up. */
  repeats(): void {
    this.#budget.take();
  }

  repeated(): void {
    this.#budget.give();
  }
}
