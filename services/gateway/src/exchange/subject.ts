import type { AppliedRouteRule, Call, MeterQuantity, RateLimit, Receipt, TokenUsage } from "@alfred/contracts";
import type { Admission } from "../domain/money-port.ts";
import type { RequestIdentity } from "../domain/request-identity.ts";
import type { StreamedText } from "../domain/streamed-text.ts";
import type { RecordSubject } from "../usage/record.ts";
import type { Payer } from "./caller.ts";
import type { Candidates } from "./candidates.ts";
import type { Consumption } from "./outcome.ts";
import type { Plan } from "./plan.ts";

/** One admitted request. */
export interface ExchangeSubject {
  readonly identity: RequestIdentity;
  readonly call: Call | undefined;
  readonly payer: Payer;
  /** The rule that said where it goes; undefined where none applied. */
  readonly rule: AppliedRouteRule | undefined;
  /** What is asked of the candidate that is called now. */
  readonly plan: Plan;
  /** The candidates after that. */
  readonly candidates: Candidates;
  readonly admission: Admission;
  readonly rateLimit: RateLimit | undefined;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
}

/** Why an answer was cut short, as receipts have it. */
export type CutReason = "" | "budget_clamped" | "budget_exhausted";

/** What an answer cost. */
export interface Ending {
  readonly receipt: Receipt;
  readonly consumed: Consumption;
}

/** What of an answer came before it ended. */
export interface Heard {
  readonly said: StreamedText;
  readonly usage: TokenUsage | undefined;
  /** What the provider told of other meters than tokens. */
  readonly measured?: readonly MeterQuantity[] | undefined;
  /** Milliseconds since the epoch, undefined before the first byte. */
  readonly firstByteMs: number | undefined;
  /** The same of its last byte so far; undefined also where it was not streamed, so that it says nothing. */
  readonly lastByteMs: number | undefined;
}

/** What the records of a request say of it. */
export function recordSubject({ identity, payer, plan, rule, call }: Pick<ExchangeSubject, "identity" | "payer" | "plan" | "rule" | "call">, repetition: number): RecordSubject {
  return { ...identity, repetition, keyId: payer.key.id, path: payer.path, plan, rule, call };
}
