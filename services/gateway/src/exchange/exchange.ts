import { setTimeout as pause } from "node:timers/promises";
import { type Attempt, AttemptOutcome, type UsageRecord, UsageSource } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import { failpoint } from "@alfred/lifecycle";
import { NO_CHARGE } from "../domain/charge.ts";
import type { Settlement } from "../domain/money-port.ts";
import { type NextStep, nextStep } from "../domain/next-step.ts";
import type { UpstreamCall } from "../domain/provider-port.ts";
import { answerPace } from "../domain/answer-pace.ts";
import { StreamedText } from "../domain/streamed-text.ts";
import { type Billed, UpstreamFailure } from "../domain/upstream-failure.ts";
import { chargedBy, usageRecord } from "../usage/record.ts";
import { AttemptLog } from "./attempt-log.ts";
import type { Departure } from "./departure.ts";
import { extensionOf, moreOf } from "./extension.ts";
import { asFailure, withAttempts } from "./failure.ts";
import { Hold } from "./hold.ts";
import { type Consumption, NOTHING_CONSUMED, brokenConsumption, consumption, outcomeOf } from "./outcome.ts";
import type { ExchangeParts } from "./parts.ts";
import type { Plan } from "./plan.ts";
import { receiptOf } from "./receipt.ts";
import { type Ending, type ExchangeSubject, type Heard, recordSubject } from "./subject.ts";
import { takeNext } from "./take-next.ts";

/** Of an answer that is over what it may be, all that was said counts. */
const UNBOUNDED_TOKENS = 1_000_000_000n;

/** When the bytes of an answer came, and what it is called. */
type Traces = Pick<Heard, "firstByteMs" | "lastByteMs" | "answerId">;

/**
 * An admitted request from the first attempt at a provider to its settlement: whatever happens, it is settled once, each
 * attempt leaves a record, and the gate is told. Ended by `answered` or `failed`.
 */
export class Exchange {
  readonly #parts: ExchangeParts;
  readonly #hold: Hold;
  readonly #departure: Departure;
  readonly #log: AttemptLog;
  #subject: ExchangeSubject;
  /** What the answer was given beyond its first hold. */
  #moreTokens = 0n;

  constructor(parts: ExchangeParts, subject: ExchangeSubject) {
    this.#parts = parts;
    this.#subject = subject;
    this.#hold = new Hold(parts.money, subject.admission);
    this.#log = new AttemptLog(parts.targets);
    const { signal: caller, payer: { key } } = subject;
    this.#departure = parts.departures.watch({ caller, isRevoked: () => parts.feeds.isRevoked(key.id) });
  }

  /** The request, with what is asked of the candidate that is called now. */
  get subject(): ExchangeSubject {
    return this.#subject;
  }

  /** Calls to providers so far. */
  get attempts(): number {
    return this.#log.calls;
  }

  /** Those of them that are over. */
  get attemptsOver(): Attempt[] {
    return this.#log.told;
  }

  /** Whether nobody waits for the answer any more. */
  get hasLeft(): boolean {
    return this.#departure.hasLeft;
  }

  /** Says that nobody reads the answer any more, whatever became of the caller. */
  leave(): void {
    this.#departure.leave();
  }

  /** Whether an answer that nobody waits for is to be read on, to learn what it used. */
  get mayDrain(): boolean {
    return this.#departure.mayGoOn();
  }

  /**
   * Calls the provider until it begins to answer, and the next candidate where it does not; where none is left the request
   * is over.
   * @throws AlfredError what the client is to see
   */
  async attempt<Answer>(send: (call: UpstreamCall) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      this.#log.begin(this.subject.plan.route, this.#parts.now());
      try {
        return await this.#log.hear(send(this.#upstreamCall()), this.#parts.now);
      } catch (error) {
        // Of who goes away from here on there is nothing to learn: nobody has the request.
        this.#departure.setAsked(false);
        await this.#afterFailure(asFailure(error));
      }
    }
  }

  /** What is held for the answers, in tokens. */
  get allowedTokens(): bigint {
    return this.subject.plan.bound.usage.outputTokens + this.#moreTokens;
  }

  /** Holds more for an answer that grows past what is held; whether it could, else the answer has to end. */
  async extend(): Promise<boolean> {
    const { plan, payer } = this.subject;
    const extension = extensionOf(plan, this.allowedTokens);
    if (extension === undefined || this.#parts.feeds.isRevoked(payer.key.id)) return false;
    if (!(await this.#hold.extend(moreOf(this.subject, extension, this.#hold.size, this.#log.startMs)))) return false;
    this.#moreTokens += extension.tokens;
    return true;
  }

  /** Charges a whole answer, also one that nobody waits for any more. `isShort` where it ended at its limit. */
  async answered(heard: Heard, isShort: boolean): Promise<Ending> {
    const { plan } = this.subject;
    const left = this.#departure.reason;
    this.#log.answered(plan.streamed, heard.firstByteMs, this.#parts.now());
    const outcome = left === undefined ? AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED : outcomeOf(left, true);
    const consumed = await consumption(this.#parts.tokenizer, plan, heard.usage, heard.said, this.allowedTokens, heard.measured);
    const settlement = await this.#close(consumed, outcome, left?.code ?? "", heard);
    return { consumed, receipt: receiptOf(this.subject, this.#log, consumed, settlement, plan.isClamped && isShort ? "budget_clamped" : "") };
  }

  /** Charges an answer that was ended here, because there is no money for more. */
  async cut(heard: Heard): Promise<Ending> {
    const consumed = await brokenConsumption(this.#parts.tokenizer, this.subject.plan, heard.usage, heard.said, UNBOUNDED_TOKENS);
    const settlement = await this.#close(consumed, AttemptOutcome.ATTEMPT_OUTCOME_CUT, "BUDGET_EXHAUSTED", heard);
    return { consumed, receipt: receiptOf(this.subject, this.#log, consumed, settlement, "budget_exhausted") };
  }

  /**
   * Charges what a provider may have billed of an answer that failed, or that nobody waited for.
   * @param isPastHold where it was ended because it is over what it may be: then all that was said counts
   * @returns what the client is to see
   */
  async failed(failure: UpstreamFailure, heard: Heard, isPastHold = false): Promise<AlfredError> {
    this.#log.failed(failure, this.#parts.now());
    return this.#end(failure, heard, isPastHold);
  }

  async #end({ error: failure, billed }: UpstreamFailure, heard: Heard, isPastHold = false): Promise<AlfredError> {
    const error = this.#departure.reason ?? failure;
    const consumed = await this.#consumedBy(billed, heard, isPastHold ? UNBOUNDED_TOKENS : undefined);
    await this.#close(consumed, outcomeOf(error, heard.firstByteMs !== undefined), error.code, heard);
    return withAttempts(error, this.#log.told);
  }

  async #consumedBy(billed: Billed, { usage, said }: Heard, most = this.allowedTokens): Promise<Consumption> {
    return billed === "nothing" ? NOTHING_CONSUMED : brokenConsumption(this.#parts.tokenizer, this.subject.plan, usage, said, most);
  }

  #upstreamCall(): UpstreamCall {
    const { plan, identity, deadlineMs } = this.subject;
    const { route: { upstream, model }, request } = plan;
    const { signal } = this.#departure;
    return { upstream, model, request, requestId: identity.requestId, signal, deadlineMs, onSent: () => this.#departure.setAsked(true) };
  }

  /** Returns once another attempt is to be made. @throws AlfredError what the client is to see */
  async #afterFailure(failure: UpstreamFailure): Promise<void> {
    const heard = { said: new StreamedText(), usage: undefined, firstByteMs: failure.firstByteMs, lastByteMs: undefined };
    const step = this.#nextStep(failure);
    if (step.kind === "again") {
      // It costs nothing, so nothing is lost where the process ends before metering has it.
      this.#parts.records.push(this.#record(NOTHING_CONSUMED, AttemptOutcome.ATTEMPT_OUTCOME_FAILED, failure.error.code, heard));
      this.#log.repeats();
      return this.#wait(step.delayMs);
    }
    const plan = step.kind === "next" ? await this.#takeNext(failure, heard) : undefined;
    if (plan === undefined) throw await this.#end(failure, heard);
    await this.#leaveBehind(failure, heard);
    this.#subject = { ...this.subject, plan };
    this.#log.moveOn();
  }

  #nextStep(failure: UpstreamFailure): NextStep {
    const { retry, random, now } = this.#parts;
    const { signal, deadlineMs, candidates } = this.subject;
    const standing = { ...this.#log.failed(failure, now()), hasNext: candidates.hasNext, isLeft: signal.aborted, leftMs: deadlineMs - now() };
    return nextStep(retry, failure, standing, random());
  }

  async #takeNext({ billed }: UpstreamFailure, heard: Heard): Promise<Plan | undefined> {
    try {
      return await takeNext(this.subject, this.#hold, billed, this.#parts.now());
    } catch (error) {
      // A mistake of ours, for which no provider was called.
      throw await this.#end(new UpstreamFailure(asFailure(error).error, { billed }), heard);
    }
  }

  /** Puts an attempt on record that another candidate follows; what it may have cost is charged by itself. */
  async #leaveBehind({ billed, error: { code } }: UpstreamFailure, heard: Heard): Promise<void> {
    const consumed = await this.#consumedBy(billed, heard);
    const record = this.#record(consumed, AttemptOutcome.ATTEMPT_OUTCOME_FAILED, code, heard);
    if (billed === "nothing") this.#parts.records.push(record);
    else await this.#hold.settleBefore(consumed.charge, this.#charged(record));
  }

  /** Waits before the next attempt; a caller that goes away meanwhile pays nothing more. */
  async #wait(delayMs: number): Promise<void> {
    const { signal } = this.subject;
    await pause(delayMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) return;
    this.#log.repeated();
    await this.#hold.settle(NO_CHARGE);
    const reason = this.#departure.reason ?? fail("CANCELLED", "The caller ended the call.");
    this.#leave(reason.code);
    throw reason;
  }

  async #close(consumed: Consumption, outcome: AttemptOutcome, reason: string, heard: Traces): Promise<Settlement> {
    failpoint("provider-answered");
    const settlement = await this.#hold.settle(consumed.charge, this.#charged(this.#record(consumed, outcome, reason, heard)));
    this.#leave(reason || "answered", consumed.source === UsageSource.USAGE_SOURCE_REPORTED);
    return settlement;
  }

  #charged(record: UsageRecord): UsageRecord {
    const { identity: { scope }, admission: { repetition } } = this.subject;
    return chargedBy(record, { scope, repetition }, this.#hold.first);
  }

  #leave(outcome: string, hasLearned = false): void {
    const { gate, metrics } = this.#parts;
    this.#departure.over(hasLearned);
    gate.leave();
    metrics.requestEnded(this.subject.plan.operation, outcome);
    if (!this.#departure.hasLeft) this.subject.shadow?.();
  }

  /** The record of an attempt that is over, counted in the metrics. */
  #record({ quantities, source, charge: { nanos: costNanos } }: Consumption, outcome: AttemptOutcome, reason: string, { firstByteMs, lastByteMs, answerId }: Traces): UsageRecord {
    const { plan: { route }, admission } = this.subject;
    const endMs = this.#parts.now();
    const { calls: attempt, startMs } = this.#log;
    this.#log.ended(route, reason, costNanos);
    const tokensPerSecond = answerPace(quantities, firstByteMs, lastByteMs);
    const result = { attempt, outcome, reason, quantities, source, costNanos, startMs, endMs, firstByteMs, tokensPerSecond, answerId };
    this.#parts.metrics.attemptEnded({
      provider: route.upstream.id, model: route.model, outcome: reason || "answered", quantities, costNanos, tokensPerSecond,
      durationMs: endMs - startMs,
      firstByteMs: firstByteMs === undefined ? undefined : firstByteMs - startMs,
    });
    return usageRecord(recordSubject(this.subject, admission.repetition), result);
  }
}
