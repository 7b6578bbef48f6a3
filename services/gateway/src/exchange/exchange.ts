import { setTimeout as pause } from "node:timers/promises";
import { type Amount, AttemptOutcome, type Receipt, Unit, type UsageRecord, UsageSource } from "@alfred/contracts";
import { AlfredError, fail } from "@alfred/errors";
import { failpoint } from "@alfred/lifecycle";
import { NO_CHARGE } from "../domain/charge.ts";
import type { AdmissionRequest, Settlement } from "../domain/money-port.ts";
import type { UpstreamCall } from "../domain/provider-port.ts";
import { answerPace } from "../domain/answer-pace.ts";
import { retryDelayMs } from "../domain/retry.ts";
import { StreamedText } from "../domain/streamed-text.ts";
import type { UpstreamFailure } from "../domain/upstream-failure.ts";
import { chargedBy, draftRecord, usageRecord } from "../usage/record.ts";
import type { Departure } from "./departure.ts";
import { type Extension, extensionOf } from "./extension.ts";
import { asFailure, withAttempts } from "./failure.ts";
import { Hold } from "./hold.ts";
import { type Consumption, NOTHING_CONSUMED, brokenConsumption, consumption, outcomeOf } from "./outcome.ts";
import type { ExchangeParts } from "./parts.ts";
import { type CutReason, type Ending, type ExchangeSubject, type Heard, recordSubject } from "./subject.ts";

/** Of an answer that is over what it may be, all that was said counts. */
const UNBOUNDED_TOKENS = 1_000_000_000n;

/** When the bytes of an answer came. */
type Times = Pick<Heard, "firstByteMs" | "lastByteMs">;

const UNHEARD: Times = { firstByteMs: undefined, lastByteMs: undefined };

/** A stream that waits for credit stands still, and perhaps it is itself what holds the rest. */
const EXTENSION_WAIT_MS = 500;

/**
 * An admitted request from the first attempt at a provider to its settlement: whatever happens, it is settled once, each
 * attempt leaves a record, and the gate is told. Ended by `answered` or `failed`.
 */
export class Exchange {
  readonly subject: ExchangeSubject;
  readonly #parts: ExchangeParts;
  readonly #hold: Hold;
  readonly #departure: Departure;
  /** What the answer was given beyond its first hold. */
  #moreTokens = 0n;
  #attempt = 0;
  #startMs = 0;

  constructor(parts: ExchangeParts, subject: ExchangeSubject) {
    this.#parts = parts;
    this.subject = subject;
    this.#hold = new Hold(parts.money, subject.admission);
    const { signal: caller, payer: { key } } = subject;
    this.#departure = parts.departures.watch({ caller, isRevoked: () => parts.feeds.isRevoked(key.id) });
  }

  /** Calls to the provider so far. */
  get attempts(): number {
    return this.#attempt;
  }

  /** Whether nobody waits for the answer any more. */
  get hasLeft(): boolean {
    return this.#departure.hasLeft;
  }

  /** Whether an answer that nobody waits for is to be read on, to learn what it used. */
  get mayDrain(): boolean {
    return this.#departure.mayGoOn();
  }

  /**
   * Calls the provider until it begins to answer, or no attempt is left; then the request is over.
   * @throws AlfredError what the client is to see
   */
  async attempt<Answer>(send: (call: UpstreamCall) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      this.#attempt += 1;
      this.#startMs = this.#parts.now();
      this.#departure.setAsked(false);
      try {
        return await send(this.#upstreamCall());
      } catch (error) {
        const failure = asFailure(error);
        const delayMs = this.#delayMs(failure);
        if (delayMs === undefined) throw await this.failed(failure, { said: new StreamedText(), usage: undefined, ...UNHEARD });
        const outcome = AttemptOutcome.ATTEMPT_OUTCOME_FAILED;
        // It costs nothing, so nothing is lost where the process ends before metering has it.
        this.#parts.records.push(this.#record(NOTHING_CONSUMED, outcome, failure.error.code, UNHEARD));
        await this.#wait(delayMs);
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
    try {
      await this.#hold.extend(this.#moreOf(extension));
    } catch (error) {
      // Denied, nobody there to ask, or nobody there to be answered: either way there is no money for more.
      if (error instanceof AlfredError) return false;
      throw error;
    }
    this.#moreTokens += extension.tokens;
    return true;
  }

  /** Charges a whole answer, also one that nobody waits for any more. `isShort` where it ended at its limit. */
  async answered(heard: Heard, isShort: boolean): Promise<Ending> {
    const { plan } = this.subject;
    const left = this.#departure.reason;
    const outcome = left === undefined ? AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED : outcomeOf(left, true);
    const consumed = await consumption(this.#parts.tokenizer, plan, heard.usage, heard.said, this.allowedTokens);
    const settlement = await this.#close(consumed, outcome, left?.code ?? "", heard);
    return { consumed, receipt: this.#receipt(consumed, settlement, plan.isClamped && isShort ? "budget_clamped" : "") };
  }

  /** Charges an answer that was ended here, because there is no money for more. */
  async cut(heard: Heard): Promise<Ending> {
    const consumed = await brokenConsumption(this.#parts.tokenizer, this.subject.plan, heard.usage, heard.said, UNBOUNDED_TOKENS);
    const settlement = await this.#close(consumed, AttemptOutcome.ATTEMPT_OUTCOME_CUT, "BUDGET_EXHAUSTED", heard);
    return { consumed, receipt: this.#receipt(consumed, settlement, "budget_exhausted") };
  }

  /**
   * Charges what a provider may have billed of an answer that failed, or that nobody waited for.
   * @param isPastHold where it was ended because it is over what it may be: then all that was said counts
   * @returns what the client is to see
   */
  async failed({ error: failure, billed }: UpstreamFailure, heard: Heard, isPastHold = false): Promise<AlfredError> {
    const { plan } = this.subject;
    const error = this.#departure.reason ?? failure;
    const most = isPastHold ? UNBOUNDED_TOKENS : this.allowedTokens;
    const consumed = billed === "nothing" ? NOTHING_CONSUMED : await brokenConsumption(this.#parts.tokenizer, plan, heard.usage, heard.said, most);
    await this.#close(consumed, outcomeOf(error, heard.firstByteMs !== undefined), error.code, heard);
    return withAttempts(error, this.#attempt);
  }

  #upstreamCall(): UpstreamCall {
    const { plan, identity, deadlineMs } = this.subject;
    const { route: { upstream, model }, request } = plan;
    const { signal } = this.#departure;
    return { upstream, model, request, requestId: identity.requestId, signal, deadlineMs, onSent: () => this.#departure.setAsked(true) };
  }

  #delayMs({ retryable, retryAfterMs }: UpstreamFailure): number | undefined {
    const { retry, random, now } = this.#parts;
    const { signal, deadlineMs } = this.subject;
    const leftMs = deadlineMs - now();
    return retryDelayMs(retry, { attempt: this.#attempt, retryable: retryable && !signal.aborted, retryAfterMs, leftMs }, random());
  }

  /** Waits before the next attempt; a caller that goes away meanwhile pays nothing. */
  async #wait(delayMs: number): Promise<void> {
    const { signal } = this.subject;
    await pause(delayMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) return;
    await this.#hold.settle(NO_CHARGE);
    this.#leave("CANCELLED");
    throw fail("CANCELLED", "The caller ended the call.");
  }

  async #close(consumed: Consumption, outcome: AttemptOutcome, reason: string, heard: Times): Promise<Settlement> {
    failpoint("provider-answered");
    const { identity: { scope }, admission: { repetition } } = this.subject;
    const record = chargedBy(this.#record(consumed, outcome, reason, heard), { scope, repetition });
    const settlement = await this.#hold.settle(consumed.charge, record);
    this.#leave(reason || "answered", consumed.source === UsageSource.USAGE_SOURCE_REPORTED);
    return settlement;
  }

  /** Asks for more under an id of its own: a request can have several holds. */
  #moreOf({ charge, quantities }: Extension): AdmissionRequest {
    const { identity, payer, admission, signal } = this.subject;
    const hold = this.#hold.size;
    const startMs = this.#startMs;
    return {
      id: `${identity.scope}+${hold}`,
      isRepeatable: false,
      path: payer.path,
      fingerprint: "",
      worst: charge,
      least: charge,
      tighter: () => Promise.resolve(undefined),
      shorter: () => Promise.resolve(undefined),
      waitMs: EXTENSION_WAIT_MS,
      draft: ({ nanos: costNanos }) => draftRecord(recordSubject(this.subject, admission.repetition), { hold, quantities, costNanos, startMs }),
      signal,
    };
  }

  #leave(outcome: string, hasLearned = false): void {
    const { gate, metrics } = this.#parts;
    this.#departure.over(hasLearned);
    gate.leave();
    metrics.requestEnded(this.subject.plan.operation, outcome);
  }

  /** The record of an attempt that is over, counted in the metrics. */
  #record({ quantities, source, charge }: Consumption, outcome: AttemptOutcome, reason: string, { firstByteMs, lastByteMs }: Times): UsageRecord {
    const { plan: { route }, admission } = this.subject;
    const endMs = this.#parts.now();
    const costNanos = charge.nanos;
    const tokensPerSecond = answerPace(quantities, firstByteMs, lastByteMs);
    const result = { attempt: this.#attempt, outcome, reason, quantities, source, costNanos, startMs: this.#startMs, endMs, firstByteMs, tokensPerSecond };
    this.#parts.metrics.attemptEnded({
      provider: route.upstream.id, model: route.model, outcome: reason || "answered", quantities, costNanos, tokensPerSecond,
      durationMs: endMs - this.#startMs,
      firstByteMs: firstByteMs === undefined ? undefined : firstByteMs - this.#startMs,
    });
    return usageRecord(recordSubject(this.subject, admission.repetition), result);
  }

  #receipt({ charge, source }: Consumption, { remainingNanos, warnings }: Settlement, cutReason: CutReason): Receipt {
    const { identity: { requestId }, plan: { route } } = this.subject;
    const cost = { unit: Unit.UNIT_USD, value: charge.nanos };
    const { upstream: { id: provider }, model } = route;
    const attempts = this.#attempt;
    return { requestId, cost, remaining: usd(remainingNanos), provider, model, attempts, usageSource: source, warnings: [...warnings], cutReason };
  }
}

/** Nano-dollars as an amount, where they are known. */
export function usd(nanos: bigint | undefined): Amount | undefined {
  return nanos === undefined ? undefined : { unit: Unit.UNIT_USD, value: nanos };
}
