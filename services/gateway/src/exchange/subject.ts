import type { AppliedRouteRule, AssignedArm, Call, MeterQuantity, RateLimit, Receipt, TokenUsage } from "@alfred/contracts";
import type { Admission } from "../domain/money-port.ts";
import type { RequestIdentity } from "../domain/request-identity.ts";
import type { StreamedText } from "../domain/streamed-text.ts";
import type { RecordSubject } from "../usage/record.ts";
import type { Candidates } from "./candidates.ts";
import { type Charged, chargedKey, chargedLabels, chargedPath, isOwnCharge } from "./charged.ts";
import type { Consumption } from "./outcome.ts";
import type { Plan } from "./plan.ts";

/** One admitted request. */
export interface ExchangeSubject extends Charged {
  readonly identity: RequestIdentity;
  readonly call: Call | undefined;
  /** The rule that said where it goes; undefined where none applied. */
  readonly rule: AppliedRouteRule | undefined;
  /** The arm of an experiment that it is in; undefined where it is in none. */
  readonly arm: AssignedArm | undefined;
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
  /** Begins its shadow, once it is over; undefined where it has none. */
  readonly shadow: (() => void) | undefined;
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
  /** As its provider calls the answer; undefined where nothing of it came. */
  readonly answerId?: string | undefined;
}

/** What is said of a request before it is admitted. */
type Described = Charged & Pick<ExchangeSubject, "identity" | "plan" | "rule" | "arm" | "call">;

/** What the records of a request say of it. */
export function recordSubject(described: Described, repetition: number): RecordSubject {
  const { identity, plan, rule, arm, call } = described;
  const [keyId, path, isOwn] = [chargedKey(described), chargedPath(described), isOwnCharge(described)];
  return { ...identity, repetition, keyId, path, isOwn, plan, rule, arm, ...chargedLabels(described, call) };
}
