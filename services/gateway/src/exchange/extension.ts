import type { MeterQuantity } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import { worstCharge } from "../domain/worst-case.ts";
import type { Plan } from "./plan.ts";

/** What an answer is given that grows past what is held for it. */
export interface Extension {
  readonly tokens: bigint;
  readonly charge: Charge;
  readonly quantities: readonly MeterQuantity[];
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
