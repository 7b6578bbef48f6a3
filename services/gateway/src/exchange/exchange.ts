import { setTimeout as pause } from "node:timers/promises";
import { type Amount, AttemptOutcome, type Receipt, Unit, type UsageRecord } from "@alfred/contracts";
import { AlfredError, fail } from "@alfred/errors";
import { failpoint } from "@alfred/lifecycle";
import { NO_CHARGE } from "../domain/charge.ts";
import type { AdmissionRequest, Settlement } from "../domain/money-port.ts";
import type { UpstreamCall } from "../domain/provider-port.ts";
import { retryDelayMs } from "../domain/retry.ts";
import { StreamedText } from "../domain/streamed-text.ts";
import type { UpstreamFailure } from "../domain/upstream-failure.ts";
import { chargedBy, draftRecord, usageRecord } from "../usage/record.ts";
import { type Extension, extensionOf } from "./extension.ts";
import { asFailure, withAttempts } from "./failure.ts";
import { Hold } from "./hold.ts";
import { type Consumption, NOTHING_CONSUMED, brokenConsumption, consumption, outcomeOf } from "./outcome.ts";
import type { ExchangeParts } from "./parts.ts";
import { type CutReason, type Ending, type ExchangeSubject, type Heard, recordSubject } from "./subject.ts";

/** Of an answer that is over what it may be, all that was said counts. */
const UNBOUNDED_TOKENS = 1_000_000_000n;

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
  /** What the answer was given beyond its first hold. */
  #moreTokens = 0n;
  #attempt = 0;
  #startMs = 0;

  constructor(parts: ExchangeParts, subject: ExchangeSubject) {
    this.#parts = parts;
    this.subject = subject;
    this.#hold = new Hold(parts.money, subject.admission);
  }

  /** Calls to the provider so far. */
  get attempts(): number {
    return this.#attempt;
  }

  /**
   * Calls the provider until it begins to answer, or no attempt is left; then the request is over.
   * @throws AlfredError what the client is to see
   */
  async attempt<Answer>(send: (call: UpstreamCall) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      this.#attempt += 1;
      this.#startMs = this.#parts.now();
      try {
        return await send(this.#upstreamCall());
      } catch (error) {
        const failure = asFailure(error);
        const delayMs = this.#delayMs(failure);
        if (delayMs === undefined) throw await this.failed(failure, { said: new StreamedText(), usage: undefined, firstByteMs: undefined });
        const outcome = AttemptOutcome.ATTEMPT_OUTCOME_FAILED;
        // It costs nothing, so nothing is lost where the process ends before metering has it.
        this.#parts.records.push(this.#record(NOTHING_CONSUMED, outcome, failure.error.code, undefined));
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
      // Denied, or nobody there to ask: either way there is no money for more.
      if (error instanceof AlfredError && error.code !== "CANCELLED") return false;
      throw error;
    }
    this.#moreTokens += extension.tokens;
    return true;
  }

  /** Charges a whole answer. `isShort` where it ended at its limit. */
  async answered({ usage, said, firstByteMs }: Heard, isShort: boolean): Promise<Ending> {
    const { plan } = this.subject;
    const consumed = await consumption(this.#parts.tokenizer, plan, usage, said, this.allowedTokens);
    const settlement = await this.#close(consumed, AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED, "", firstByteMs);
    return { consumed, receipt: this.#receipt(consumed, settlement, plan.isClamped && isShort ? "budget_clamped" : "") };
  }

  /** Charges an answer that was ended here, because there is no money for more. */
  async cut({ usage, said, firstByteMs }: Heard): Promise<Ending> {
    const consumed = await brokenConsumption(this.#parts.tokenizer, this.subject.plan, usage, said, UNBOUNDED_TOKENS);
    const settlement = await this.#close(consumed, AttemptOutcome.ATTEMPT_OUTCOME_CUT, "BUDGET_EXHAUSTED", firstByteMs);
    return { consumed, receipt: this.#receipt(consumed, settlement, "budget_exhausted") };
  }

  /** Charges what a provider may have billed of an answer that failed. @returns what the client is to see */
  async failed(failure: UpstreamFailure, heard: Heard): Promise<AlfredError> {
    const { error, billed } = failure;
    const { plan } = this.subject;
    const consumed =
      billed === "nothing" ? NOTHING_CONSUMED : await brokenConsumption(this.#parts.tokenizer, plan, heard.usage, heard.said, this.allowedTokens);
    await this.#close(consumed, outcomeOf(error, heard.firstByteMs !== undefined), error.code, heard.firstByteMs);
    return withAttempts(error, this.#attempt);
  }

  #upstreamCall(): UpstreamCall {
    const { plan, identity, signal, deadlineMs } = this.subject;
    const { route: { upstream, model }, request } = plan;
    return { upstream, model, request, requestId: identity.requestId, signal, deadlineMs };
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

  async #close(consumed: Consumption, outcome: AttemptOutcome, reason: string, firstByteMs: number | undefined): Promise<Settlement> {
    failpoint("provider-answered");
    const { identity: { scope }, admission: { repetition } } = this.subject;
    const record = chargedBy(this.#record(consumed, outcome, reason, firstByteMs), { scope, repetition });
    const settlement = await this.#hold.settle(consumed.charge, record);
    this.#leave(reason || "answered");
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

  #leave(outcome: string): void {
    const { gate, metrics } = this.#parts;
    gate.leave();
    metrics.requestEnded(this.subject.plan.operation, outcome);
  }

  /** The record of an attempt that is over, counted in the metrics. */
  #record({ quantities, source, charge }: Consumption, outcome: AttemptOutcome, reason: string, firstByteMs: number | undefined): UsageRecord {
    const { plan: { route }, admission } = this.subject;
    const endMs = this.#parts.now();
    const costNanos = charge.nanos;
    const result = { attempt: this.#attempt, outcome, reason, quantities, source, costNanos, startMs: this.#startMs, endMs, firstByteMs };
    this.#parts.metrics.attemptEnded({
      provider: route.upstream.id, model: route.model, outcome: reason || "answered", quantities, costNanos,
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
