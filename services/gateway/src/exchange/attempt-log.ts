import { type Attempt, Unit } from "@alfred/contracts";
import type { BreakerCall } from "../domain/breaker.ts";
import type { Standing } from "../domain/next-step.ts";
import type { Route } from "../domain/route.ts";
import type { Target } from "../domain/target.ts";
import type { Targets } from "../domain/targets.ts";
import type { UpstreamFailure } from "../domain/upstream-failure.ts";

/** The calls to providers for one request: which is under way, and what came of those before. */
export class AttemptLog {
  readonly #targets: Targets;
  readonly #told: Attempt[] = [];
  #costNanos = 0n;
  #calls = 0;
  #callsHere = 0;
  #startMs = 0;
  #target: Target | undefined;
  /** The one under way, as its target knows it. */
  #call: BreakerCall | undefined;
  #isRepetition = false;

  constructor(targets: Targets) {
    this.#targets = targets;
  }

  /** Calls in all, the one under way counted in. */
  get calls(): number {
    return this.#calls;
  }

  /** Of these, those to the candidate that is called now. */
  get callsHere(): number {
    return this.#callsHere;
  }

  /** When the one under way began, in milliseconds since the epoch. */
  get startMs(): number {
    return this.#startMs;
  }

  /** Those that are over. */
  get told(): Attempt[] {
    return [...this.#told];
  }

  /** What those cost that are over, in nano-dollars. */
  get costNanos(): bigint {
    return this.#costNanos;
  }

  begin({ upstream, model }: Route, nowMs: number): void {
    this.#calls += 1;
    this.#callsHere += 1;
    this.#startMs = nowMs;
    this.#target ??= this.#targets.of(upstream.id, model);
    this.#call = this.#target.begun(nowMs);
  }

  /** Waits until the one under way begins to be answered. */
  async hear<Answer>(answer: Promise<Answer>, now: () => number): Promise<Answer> {
    const begun = await answer;
    if (this.#call !== undefined) this.#target?.heard(this.#call, now());
    return begun;
  }

  /** Notes what came of the one under way. */
  ended({ upstream, model }: Route, reason: string, costNanos: bigint): void {
    if (this.#call !== undefined) this.#target?.ended(this.#call);
    this.#call = undefined;
    this.repeated();
    this.#costNanos += costNanos;
    this.#told.push({ provider: upstream.id, model, reason, cost: { unit: Unit.UNIT_USD, value: costNanos } });
  }

  /** What others are to know of a candidate that answered. */
  answered(streamed: boolean, firstByteMs: number | undefined, nowMs: number): void {
    if (firstByteMs !== undefined && this.#call !== undefined) this.#target?.answered(this.#call, streamed, firstByteMs - this.#startMs, nowMs);
  }

  /** What others are to know of one that failed. @returns how it stands with that */
  failed(failure: UpstreamFailure, nowMs: number): Pick<Standing, "calls" | "attempt" | "isCooling" | "hasBudget"> {
    const { isLasting, mayBeRequests, retryAfterMs, error: { code: reason } } = failure;
    if (this.#call !== undefined && isProvidersFault(failure)) this.#target?.failed(this.#call, { reason, isLasting, mayBeRequests, retryAfterMs }, nowMs);
    const isCooling = this.#target?.isCooling(nowMs) === true;
    return { calls: this.#calls, attempt: this.#callsHere, isCooling, hasBudget: this.#target?.mayRepeat === true };
  }

  /** The same candidate is to be called once more. */
  repeats(): void {
    this.#isRepetition = true;
    this.#target?.repeats();
  }

  /** That was called, or is not to be any more. */
  repeated(): void {
    if (this.#isRepetition) this.#target?.repeated();
    this.#isRepetition = false;
  }

  /** Another candidate is called from now on. */
  moveOn(): void {
    this.#target = undefined;
    this.#callsHere = 0;
  }
}

const FAULTS: ReadonlySet<string> = new Set([
  "PROVIDER_UNAVAILABLE", "PROVIDER_RATE_LIMITED", "PROVIDER_UNAUTHENTICATED", "PROVIDER_TIMEOUT", "PROVIDER_MALFORMED", "PROVIDER_STREAM_BROKEN",
]);

/** Whether it says something of the provider, and not of the request alone. */
function isProvidersFault({ isLasting, error: { code, metadata } }: UpstreamFailure): boolean {
  return isLasting || (FAULTS.has(code) && metadata["timeout"] !== "whole");
}
