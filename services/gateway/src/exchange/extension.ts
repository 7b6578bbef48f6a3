import type { MeterQuantity } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import type { AdmissionRequest } from "../domain/money-port.ts";
import { countedQuantities } from "../domain/usage.ts";
import { worstCharge } from "../domain/worst-case.ts";
import { draftRecord } from "../usage/record.ts";
import { chargedPath } from "./charged.ts";
import type { Plan } from "./plan.ts";
import { type ExchangeSubject, recordSubject } from "./subject.ts";

/** What is held beyond the first hold. */
interface More {
  readonly charge: Charge;
  readonly quantities: readonly MeterQuantity[];
}

/** What an answer is given that grows past what is held for it. */
export interface Extension extends More {
  readonly tokens: bigint;
}

/** A stream that waits for credit stands still, and perhaps it is itself what holds the rest. */
const EXTENSION_WAIT_MS = 500;

/**
 * Asks for more under an id of its own: a request can have several holds.
 * @param hold its number, from 1
 * @param startMs when the attempt began that it is for, in milliseconds since the epoch
 */
export function moreOf(subject: ExchangeSubject, { charge, quantities }: More, hold: number, startMs: number): AdmissionRequest {
  const { identity, admission, signal } = subject;
  return {
    id: `${identity.scope}+${hold}`,
    isRepeatable: false,
    path: chargedPath(subject),
    fingerprint: "",
    worst: charge,
    least: charge,
    tighter: () => Promise.resolve(undefined),
    shorter: () => Promise.resolve(undefined),
    waitMs: EXTENSION_WAIT_MS,
    draft: ({ nanos: costNanos }) => draftRecord(recordSubject(subject, admission.repetition), { hold, quantities, costNanos, startMs }),
    signal,
  };
}

/** What is held for another plan than the first. */
export function moreForPlan({ bound: { usage } }: Plan, charge: Charge): More {
  return { charge, quantities: countedQuantities(usage.inputTokens, usage.outputTokens) };
}

/** A quarter of what it had, so that a long answer asks seldom; at least so many tokens. */
const SHARE = 4n;
const LEAST_TOKENS = 256n;

/** More of the same answer, after the prompt; undefined where that has no price. */
export function extensionOf({ price, bound }: Plan, allowedTokens: bigint): Extension | undefined {
  const part = allowedTokens / SHARE;
  const tokens = part > LEAST_TOKENS ? part : LEAST_TOKENS;
  const before = worstCharge(price, { ...bound.usage, outputTokens: allowedTokens });
  const after = worstCharge(price, { ...bound.usage, outputTokens: allowedTokens + tokens });
  if (before === undefined || after === undefined) return undefined;
  const charge = { nanos: after.nanos - before.nanos, tokens };
  return { tokens, charge, quantities: [{ meter: "output_tokens", quantity: tokens }] };
}
