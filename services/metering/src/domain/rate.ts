import { MeterPrice } from "@alfred/contracts";
import { decimalToRate } from "@alfred/money";

/** Dollars for every `per` of a meter, as decimal text. */
export interface DollarPrice {
  meter: string;
  per: bigint;
  /** Dollars, a decimal. */
  dollars: string;
  /** Dollars from a size of prompt on, in any order. */
  tiers: readonly { aboveInputTokens: bigint; dollars: string }[];
}

const MAX_INT64 = 2n ** 63n - 1n;

/**
 * The price in nano-dollars, exactly: where a decimal is finer than a
 * nano-dollar, `per` grows until all of its prices are integers.
 *
 * @throws RangeError where one is not a decimal of at least 0, or does not fit 64 bits
 */
export function toMeterPrice({ meter, per, dollars, tiers }: DollarPrice): MeterPrice {
  const base = decimalToRate(dollars, per);
  const steps = tiers.map((tier) => ({ ...decimalToRate(tier.dollars, per), aboveInputTokens: tier.aboveInputTokens }));
  const finest = steps.reduce((most, step) => (step.per > most ? step.per : most), base.per);
  const inFinest = (rate: { nanos: bigint; per: bigint }): bigint => fitting(rate.nanos * (finest / rate.per));
  return MeterPrice.create({
    meter,
    nanos: inFinest(base),
    per: fitting(finest),
    tiers: steps
      .map((step) => ({ aboveInputTokens: step.aboveInputTokens, nanos: inFinest(step) }))
      .toSorted((left, right) => (left.aboveInputTokens < right.aboveInputTokens ? -1 : 1)),
  });
}

function fitting(value: bigint): bigint {
  if (value <= MAX_INT64) return value;
  throw new RangeError("does not fit 64 bits in nano-dollars");
}
