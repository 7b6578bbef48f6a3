import { MeterPrice } from "@alfred/contracts";
import { type Decimal, parseDecimal } from "./decimal.ts";

/** Dollars for every `per` of a meter, as decimal text. */
export interface DollarPrice {
  meter: string;
  per: bigint;
  /** Dollars, a decimal. */
  dollars: string;
  /** Dollars from a size of prompt on, in any order. */
  tiers: readonly { aboveInputTokens: bigint; dollars: string }[];
}

/** Places of a nano-dollar behind the point of a dollar. */
const NANO_PLACES = 9;
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * The price in nano-dollars, exactly: where a decimal is finer than a
 * nano-dollar, `per` grows until all of its prices are integers. Undefined
 * where one is not a decimal of at least 0, or does not fit 64 bits.
 */
export function toMeterPrice({ meter, per, dollars, tiers }: DollarPrice): MeterPrice | undefined {
  const decimals = [dollars, ...tiers.map((tier) => tier.dollars)].map(parseDecimal);
  const known = decimals.filter((decimal) => decimal !== undefined);
  if (known.length < decimals.length) return undefined;
  const extraPlaces = Math.max(0, ...known.map(({ scale }) => scale - NANO_PLACES));
  const [nanos = 0n, ...tierNanos] = known.map((decimal) => shifted(decimal, NANO_PLACES + extraPlaces));
  const finerPer = per * 10n ** BigInt(extraPlaces);
  if ([nanos, ...tierNanos, finerPer].some((value) => value > MAX_INT64)) return undefined;
  const priceTiers = tiers.map((tier, index) => ({ aboveInputTokens: tier.aboveInputTokens, nanos: tierNanos[index] ?? 0n }));
  return MeterPrice.create({ meter, nanos, per: finerPer, tiers: priceTiers.toSorted(byThreshold) });
}

function shifted({ digits, scale }: Decimal, places: number): bigint {
  return digits * 10n ** BigInt(places - scale);
}

function byThreshold(left: { aboveInputTokens: bigint }, right: { aboveInputTokens: bigint }): number {
  return left.aboveInputTokens < right.aboveInputTokens ? -1 : 1;
}
