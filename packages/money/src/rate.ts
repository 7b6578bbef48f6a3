/** A price as a fraction: `nanos` nano-dollars for every `per` of a quantity, `per` at least 1. */
export interface Rate {
  readonly nanos: bigint;
  readonly per: bigint;
}

/** A quantity and its price. */
export interface CostComponent {
  readonly quantity: bigint;
  readonly rate: Rate;
}

const decimal = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;
const nanoPlaces = 9;

/**
 * The sum of the components in nano-dollars: added exactly as one fraction, whatever the denominators, and rounded up
 * once. Quantities and prices are at least 0; a RangeError otherwise.
 */
export function sumCost(components: readonly CostComponent[]): bigint {
  let nanos = 0n;
  let per = 1n;
  for (const { quantity, rate } of components) {
    if (quantity < 0n || rate.nanos < 0n || rate.per < 1n) {
      throw new RangeError(`${quantity} at ${rate.nanos} nano-dollars per ${rate.per} is no cost`);
    }
    const part = quantity * rate.nanos;
    if (rate.per === per) {
      nanos += part;
    } else {
      nanos = nanos * rate.per + part * per;
      per *= rate.per;
    }
  }
  return (nanos + per - 1n) / per;
}

/**
 * The price of `dollars`, the source text of a JSON number ("0.15", "3e-8"), for every `per` of a quantity. Exact:
 * where the text has more than nine places, the denominator grows instead of the price being rounded. Throws a
 * RangeError where the text is not a decimal of at least 0.
 */
export function decimalToRate(dollars: string, per = 1_000_000n): Rate {
  const match = decimal.exec(dollars);
  if (match === null) throw new RangeError(`${JSON.stringify(dollars)} is not a price in dollars, such as 0.15`);
  const [, whole = "", fraction = "", exponent = "0"] = match;
  const digits = BigInt(whole + fraction);
  const shift = nanoPlaces + Number(exponent) - fraction.length;
  if (shift >= 0) return { nanos: digits * 10n ** BigInt(shift), per };
  return reduced({ nanos: digits, per: per * 10n ** BigInt(-shift) }, per);
}

/** Takes out the powers of ten that a text with trailing zeros brings, but never goes below the declared quantity. */
function reduced({ nanos, per }: Rate, declared: bigint): Rate {
  let rate = { nanos, per };
  while (rate.per > declared && rate.nanos % 10n === 0n) rate = { nanos: rate.nanos / 10n, per: rate.per / 10n };
  return rate;
}
