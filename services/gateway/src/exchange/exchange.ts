import { setTimeout as pause } from "node:timers/promises";
import { type Amount, AttemptOutcome, type Call, type RateLimit, type Receipt, type TokenUsage, Unit, type UsageSource } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import type { Admission, Settlement } from "../domain/money-port.ts";
import type { UpstreamCall } from "../domain/provider-port.ts";
import type { RequestIdentity } from "../domain/request-identity.ts";
import { retryDelayMs } from "../domain/retry.ts";
import { StreamedText } from "../domain/streamed-text.ts";
import { UpstreamFailure } from "../domain/upstream-failure.ts";
import { usageRecord } from "../usage/record.ts";
import type { Payer } from "./caller.ts";
import { type Consumption, NOTHING_CONSUMED, brokenConsumption, consumption, outcomeOf } from "./outcome.ts";
import type { ExchangeParts } from "./parts.ts";
import type { Plan } from "./plan.ts";

/** One admitted request. */
export interface ExchangeSubject {
  readonly identity: RequestIdentity;
  readonly call: Call | undefined;
  readonly payer: Payer;
  readonly plan: Plan;
  readonly admission: Admission;
  readonly rateLimit: RateLimit | undefined;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
}

/** What an answer cost. */
export interface Ending {
  readonly receipt: Receipt;
  readonly consumed: Consumption;
}

/** What of an answer came before it ended. */
export interface Heard {
  readonly said: StreamedText;
  readonly usage: TokenUsage | undefined;
  /** Milliseconds since the epoch, undefined before the first byte. */
  readonly firstByteMs: number | undefined;
}

/**
 * An admitted request from the first attempt at a provider to its settlement: whatever happens, it is settled once, each
 * attempt leaves a record, and the gate is told. Ended by `answered` or `failed`.
 */
export class Exchange {
  readonly subject: ExchangeSubject;
  readonly #parts: ExchangeParts;
  #attempt = 0;
  #startMs = 0;

  constructor(parts: ExchangeParts, subject: ExchangeSubject) {
    this.#parts = parts;
    this.subject = subject;
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
        this.#record(NOTHING_CONSUMED, AttemptOutcome.ATTEMPT_OUTCOME_FAILED, failure.error.code, undefined);
        await this.#wait(delayMs);
      }
    }
  }

  /** Charges a whole answer. */
  async answered({ usage, said, firstByteMs }: Heard): Promise<Ending> {
    const { tokenizer } = this.#parts;
    const consumed = await consumption(tokenizer, this.subject.plan, usage, said);
    const settlement = await this.#close(consumed, AttemptOutcome.ATTEMPT_OUTCOME_ANSWERED, "", firstByteMs);
    return { consumed, receipt: this.#receipt(consumed, settlement) };
  }

  /** Charges what a provider may have billed of an answer that failed. @returns what the client is to see */
  async failed(failure: UpstreamFailure, heard: Heard): Promise<AlfredError> {
    const { error, billed } = failure;
    const { plan } = this.subject;
    const consumed = billed === "nothing" ? NOTHING_CONSUMED : await brokenConsumption(this.#parts.tokenizer, plan, heard.usage, heard.said);
    await this.#close(consumed, outcomeOf(error, heard.firstByteMs !== undefined), error.code, heard.firstByteMs);
    return withAttempts(error, this.#attempt);
  }

  #upstreamCall(): UpstreamCall {
    const { plan, identity, signal, deadlineMs } = this.subject;
    return { upstream: plan.route.upstream, body: plan.body, requestId: identity.requestId, signal, deadlineMs };
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
    await this.#settle(NOTHING_CONSUMED);
    this.#leave("CANCELLED");
    throw fail("CANCELLED", "The caller ended the call.");
  }

  async #close(consumed: Consumption, outcome: AttemptOutcome, reason: string, firstByteMs: number | undefined): Promise<Settlement> {
    const settlement = await this.#settle(consumed);
    this.#record(consumed, outcome, reason, firstByteMs);
    this.#leave(reason || "answered");
    return settlement;
  }

  #settle({ charge }: Consumption): Promise<Settlement> {
    return this.#parts.money.settle(this.subject.admission, charge);
  }

  #leave(outcome: string): void {
    const { gate, metrics } = this.#parts;
    gate.leave();
    metrics.requestEnded(this.subject.plan.operation, outcome);
  }

  #record({ quantities, source, charge }: Consumption, outcome: AttemptOutcome, reason: string, firstByteMs: number | undefined): void {
    const { identity, call, payer, plan, admission } = this.subject;
    const subject = { ...identity, repetition: admission.repetition, keyId: payer.key.id, path: payer.path, plan, call };
    const endMs = this.#parts.now();
    const costNanos = charge.nanos;
    const result = { attempt: this.#attempt, outcome, reason, quantities, source, costNanos, startMs: this.#startMs, endMs, firstByteMs };
    this.#parts.records.push(usageRecord(subject, result));
    const { upstream, model } = plan.route;
    this.#parts.metrics.attemptEnded({
      provider: upstream.id, model, outcome: reason || "answered", quantities, costNanos,
      durationMs: endMs - this.#startMs,
      firstByteMs: firstByteMs === undefined ? undefined : firstByteMs - this.#startMs,
    });
  }

  #receipt({ charge, source }: { charge: Consumption["charge"]; source: UsageSource }, { remainingNanos }: Settlement): Receipt {
    const { identity: { requestId }, plan } = this.subject;
    const { upstream, model } = plan.route;
    const cost = { unit: Unit.UNIT_USD, value: charge.nanos };
    return { requestId, cost, remaining: usd(remainingNanos), provider: upstream.id, model, attempts: this.#attempt, usageSource: source };
  }
}

/** Nano-dollars as an amount, where they are known. */
export function usd(nanos: bigint | undefined): Amount | undefined {
  return nanos === undefined ? undefined : { unit: Unit.UNIT_USD, value: nanos };
}

/** A mistake of ours on the way to a provider still has to be settled, and may have been billed. */
export function asFailure(error: unknown): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  return new UpstreamFailure(fail("INTERNAL", "Something went wrong on our side.", { cause: error }), { billed: "prompt" });
}

/** After several attempts the client should know of them, and where nobody answered in any case. */
function withAttempts(error: AlfredError, attempts: number): AlfredError {
  if (attempts === 1 && error.code !== "PROVIDER_UNAVAILABLE") return error;
  return fail(error.code, error.message, {
    hint: error.hint,
    metadata: { ...error.metadata, attempts: String(attempts) },
    cause: error,
  });
}
