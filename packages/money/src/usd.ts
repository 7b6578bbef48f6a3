const places = 9;
const decimalDollars = /^(\d+)(?:\.(\d{1,9}))?$/;
/** The wire and the database hold nano-dollars as int64. */
const mostNanos = 2n ** 63n - 1n;

/**
 * Reads dollars written as a plain decimal of at most nine places ("10", "10.5", "0.000000001") as nano-dollars.
 * Throws a RangeError for anything else: signs, exponents, blanks, more places, or more than int64 holds.
 */
export function parseUsd(text: string): bigint {
  const match = decimalDollars.exec(text);
  if (match === null) {
    throw new RangeError(`${JSON.stringify(text)} is not a decimal in dollars with at most nine places, such as 10.5`);
  }
  const [, whole = "", fraction = ""] = match;
  const nanos = BigInt(whole + fraction.padEnd(places, "0"));
  if (nanos > mostNanos) throw new RangeError(`${text} dollars are more than the ${formatUsd(mostNanos)} that can be held`);
  return nanos;
}

/**
 * Writes nano-dollars as the shortest plain decimal in dollars, exactly: "10", "10.5", "0.00000125", "-0.3". No
 * exponent and no trailing zero, so that equal amounts are equal texts; `parseUsd` reads it back where not negative.
 */
export function formatUsd(nanos: bigint): string {
  const sign = nanos < 0n ? "-" : "";
  const digits = String(nanos < 0n ? -nanos : nanos).padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -places)}${fraction === "" ? "" : `.${fraction}`}`;
}
