import { CallWindow } from "./call-window.ts";

/** Closed: called as always. Open: called after all others. Half-open: a few calls at a time find out whether it works again. */
export type BreakerState = "closed" | "open" | "half_open";

/** A failure that is the provider's, and not the request's. */
export interface BreakerFailure {
  /** The reason by name. */
  readonly reason: string;
  /** The pause that the provider asks for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Whether it lasts until somebody mends it, as credentials that are refused. */
  readonly isLasting: boolean;
  /** Whether it may be the request's all the same, as where a model is not there for what was asked of it. */
  readonly mayBeRequests?: boolean;
}

/** A call as its breaker knows it. */
export interface BreakerCall {
  /** In how many states the breaker had been when it began. */
  readonly epoch: number;
  readonly startMs: number;
  /** Whether it takes one of the places of a half-open breaker. */
  readonly isTrial: boolean;
}

/** A breaker that is in another state now. */
export interface BreakerChange {
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** How a breaker stands, for whoever wants to know. */
export interface BreakerFigures {
  readonly state: BreakerState;
  /** Since when, in milliseconds since the epoch; 0 where it was never another. */
  readonly sinceMs: number;
  /** Of one that is open, until when others are called first; 0 otherwise. */
  readonly untilMs: number;
  /** What opened it last, by name; empty while it is closed. */
  readonly reason: string;
  readonly failuresInRow: number;
  readonly calls: number;
  readonly failures: number;
  /** Of the calls that its weight gives it, how many it gets: less than 1 after it closed. */
  readonly share: number;
}

/** As many as one request makes at one candidate by default; Envoy's outlier detection takes five (`consecutive_5xx`). */
const FAILURES_IN_ROW = 3;
/** Or half of the calls in the window, of twenty at least, as Hystrix has it (`errorThresholdPercentage`, `requestVolumeThreshold`). */
const FAILING_SHARE = 0.5;
const LEAST_CALLS = 20;
/** Checks in a row that have to fail, as Kubernetes' probes (`failureThreshold`). */
const FAILING_CHECKS = 3;
/** How long it is open first, which doubles from opening to opening, and at most, in milliseconds. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** What a provider asks for is heeded as far as this, in milliseconds. */
const LONGEST_WISH_MS = 600_000;
/** Half-open it takes so many calls at once, and closes once so many succeeded; resilience4j's `permittedNumberOfCallsInHalfOpenState` of ten suits shorter calls. */
const TRIALS = 3;
/** How long its share grows after it closed, and from what on, as Envoy's `slow_start_config` does (linear, `min_weight_percent` 10), in milliseconds. */
const SLOW_START_MS = 30_000;
const FIRST_SHARE = 0.1;
/** What may be the request's is not believed of a deployment that answered others so lately, in milliseconds. */
const LATELY_MS = 30_000;
/** One that opens again so soon after it closed has not recovered, so its pauses go on doubling, in milliseconds. */
const RELAPSE_MS = 30_000;

/**
 * Whether a deployment is to be called before others, by what became of calls to it and of checks of its provider. It
 * refuses nothing: who has no other choice calls it all the same, and what comes of that counts, too. It has no clock.
 *
 * Calls that began before it opened say nothing any more once it has. A check that passes ends a pause only where another
 * failed since that began; after it, it counts where no call finds out by itself. Where calls succeed though checks fail,
 * these are not believed until one passes.
 */
export class Breaker {
  readonly #onChange: (change: BreakerChange) => void;
  readonly #window = new CallWindow();
  #state: BreakerState = "closed";
  #sinceMs = 0;
  #untilMs = 0;
  #wishedMs = 0;
  #reason = "";
  #epoch = 0;
  /** Calls that began in an earlier epoch say nothing any more. */
  #countsFrom = 0;
  #failuresInRow = 0;
  #openings = 0;
  #closedMs: number | undefined;
  #succeededMs = Number.NEGATIVE_INFINITY;
  #trials = 0;
  #successes = 0;
  #failedChecks = 0;
  /** When the first of the checks failed that failed in a row. */
  #checksFailSinceMs = 0;
  #hasSeenFault = false;
  #believesChecks = true;

  /** @param onChange hears of every other state, once it is in it */
  constructor(onChange: (change: BreakerChange) => void = () => undefined) {
    this.#onChange = onChange;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether others are to be called first. */
  isOpen(nowMs: number): boolean {
    return this.#state === "open" ? nowMs < this.#untilMs : this.#state === "half_open" && this.#trials >= TRIALS;
  }

  /** Of the calls that its weight gives it, how many it is to get, from 0.1 to 1. */
  share(nowMs: number): number {
    if (this.#state !== "closed" || this.#closedMs === undefined) return 1;
    return Math.min(1, Math.max(FIRST_SHARE, (nowMs - this.#closedMs) / SLOW_START_MS));
  }

  figures(nowMs: number): BreakerFigures {
    const untilMs = this.#state === "open" ? this.#untilMs : 0;
    const { calls, failures } = this.#window.sums(nowMs);
    return { state: this.#state, sinceMs: this.#sinceMs, untilMs, reason: this.#reason, failuresInRow: this.#failuresInRow, calls, failures, share: this.share(nowMs) };
  }

  /** Says that a call begins. The first after the pause finds out whether it works again. */
  begun(nowMs: number): BreakerCall {
    if (this.#state === "open" && nowMs >= this.#untilMs) this.#try(nowMs, true);
    const isTrial = this.#state === "half_open" && this.#trials < TRIALS;
    if (isTrial) this.#trials += 1;
    return { epoch: this.#epoch, startMs: nowMs, isTrial };
  }

  /** Says that a call is over, however it ended; once for each, after what came of it. */
  ended({ isTrial, epoch }: BreakerCall): void {
    if (isTrial && this.#state === "half_open" && epoch === this.#epoch) this.#trials -= 1;
  }

  /** Says that a call was answered. */
  succeeded({ epoch, startMs }: BreakerCall, nowMs: number): void {
    if (this.#failedChecks > 0 && startMs > this.#checksFailSinceMs) this.#believesChecks = false;
    this.#succeededMs = nowMs;
    if (epoch < this.#countsFrom) return;
    this.#failedChecks = 0;
    this.#failuresInRow = 0;
    this.#window.add(false, nowMs);
    if (this.#state === "open") this.#try(nowMs, false);
    if (this.#state === "half_open") this.#recover(nowMs);
  }

  /** Says that a call failed, through no fault of the request. */
  failed({ epoch }: BreakerCall, failure: BreakerFailure, nowMs: number): void {
    if (failure.mayBeRequests === true && nowMs - this.#succeededMs < LATELY_MS) return;
    const wishMs = Math.min(failure.retryAfterMs ?? 0, LONGEST_WISH_MS);
    this.#wishedMs = Math.max(this.#wishedMs, nowMs + wishMs);
    if (this.#state === "open") this.#untilMs = Math.max(this.#untilMs, this.#wishedMs);
    if (this.#state === "open" || epoch < this.#countsFrom) return;
    this.#failuresInRow += 1;
    this.#window.add(true, nowMs);
    if (this.#state === "half_open" || failure.isLasting || this.#isFailing(nowMs)) this.#open(failure.reason, nowMs);
    else if (wishMs > 0) this.#enter("open", failure.reason, nowMs, nowMs);
  }

  /** Says what a check of the provider came to. */
  checked(hasPassed: boolean, nowMs: number): void {
    if (hasPassed) this.#checkPassed(nowMs);
    else this.#checkFailed(nowMs);
  }

  #checkPassed(nowMs: number): void {
    this.#believesChecks = true;
    this.#failedChecks = 0;
    if (this.#state === "closed" || nowMs < this.#wishedMs) return;
    if (!this.#hasSeenFault && (nowMs < this.#untilMs || this.#trials > 0)) return;
    if (this.#state === "open") this.#try(nowMs, true);
    this.#recover(nowMs);
  }

  #checkFailed(nowMs: number): void {
    if (this.#failedChecks === 0) this.#checksFailSinceMs = nowMs;
    this.#failedChecks += 1;
    if (this.#state === "open") {
      this.#hasSeenFault = true;
      if (nowMs >= this.#untilMs && this.#believesChecks) this.#open(this.#reason, nowMs);
    } else if (this.#believesChecks && (this.#state === "half_open" || this.#failedChecks >= FAILING_CHECKS)) {
      this.#open("CHECK_FAILED", nowMs);
      this.#hasSeenFault = true;
    }
  }

  #isFailing(nowMs: number): boolean {
    if (this.#failuresInRow >= FAILURES_IN_ROW) return true;
    const { calls, failures } = this.#window.sums(nowMs);
    return calls >= LEAST_CALLS && failures >= calls * FAILING_SHARE;
  }

  #open(reason: string, nowMs: number): void {
    if (this.#state === "closed" && nowMs - (this.#closedMs ?? 0) > RELAPSE_MS) this.#openings = 0;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#openings, LONGEST_PAUSE_MS);
    this.#openings += 1;
    this.#enter("open", reason, nowMs, nowMs + pauseMs);
  }

  /** @param untilMs when the pause is over, if the provider asks for no longer one */
  #enter(to: BreakerState, reason: string, nowMs: number, untilMs: number): void {
    const from = this.#state;
    this.#untilMs = Math.max(untilMs, this.#wishedMs);
    this.#state = to;
    this.#reason = reason;
    this.#trials = 0;
    this.#successes = 0;
    this.#epoch += 1;
    if (to === "open") {
      this.#countsFrom = this.#epoch;
      if (from === "closed") this.#hasSeenFault = false;
    }
    if (from === to) return;
    this.#sinceMs = nowMs;
    this.#onChange({ from, to });
  }

  /** @param isNew whether only calls from now on say whether it works again */
  #try(nowMs: number, isNew: boolean): void {
    this.#enter("half_open", this.#reason, nowMs, 0);
    if (isNew) this.#countsFrom = this.#epoch;
  }

  #recover(nowMs: number): void {
    this.#successes += 1;
    if (this.#successes < TRIALS) return;
    this.#closedMs = nowMs;
    this.#wishedMs = 0;
    this.#failuresInRow = 0;
    this.#window.clear();
    this.#enter("closed", "", nowMs, 0);
  }
}
