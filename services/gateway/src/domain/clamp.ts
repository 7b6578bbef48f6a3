import type { ModelPrice } from "@alfred/contracts";
import type { UsageBound } from "@alfred/money";
import type { Charge } from "./charge.ts";
import { type AnswerBound, answerTokens, worstCharge } from "./worst-case.ts";

/** What a limit leaves of one of the units that requests are charged in. */
export interface Left {
  readonly unit: keyof Charge;
  readonly value: bigint;
}

/** A request as far as its price goes. */
export interface Clampable {
  readonly price: ModelPrice;
  readonly usage: UsageBound;
  readonly answers: AnswerBound;
}

/**
 * The longest answer, in tokens, that a request may be limited to so that all of it costs at most what is left; undefined
 * where not even one token fits. Never more than its own limit.
 */
export function clampedLimit({ price, usage, answers }: Clampable, left: Left): bigint | undefined {
  const fits = (limitTokens: bigint): boolean => {
    const worst = worstCharge(price, { ...usage, outputTokens: answerTokens({ ...answers, limitTokens }) });
    return worst !== undefined && worst[left.unit] <= left.value;
  };
  if (answers.limitTokens < 1n || !fits(1n)) return undefined;
  let [fitting, above] = [1n, answers.limitTokens + 1n];
  while (above - fitting > 1n) {
    const middle = (fitting + above) / 2n;
    if (fits(middle)) fitting = middle;
    else above = middle;
  }
  return fitting;
}

/** What a denial leaves, where the limit that refused says that answers may be cut to it; else undefined. */
export function leftToClamp(metadata: Readonly<Record<string, string>>): Left | undefined {
  const { clamp, unit, left = "" } = metadata;
  if (clamp !== "true" || !/^\d+$/.test(left) || left === "0") return undefined;
  if (unit === "usd") return { unit: "nanos", value: BigInt(left) };
  return unit === "tokens" ? { unit: "tokens", value: BigInt(left) } : undefined;
}
