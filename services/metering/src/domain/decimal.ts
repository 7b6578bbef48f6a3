/** A decimal number of at least 0, exactly: `digits` divided by ten to the `scale`. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

/** Places behind the point that a price may have; the finest in use has 17. */
const MAX_SCALE = 30;

/** Reads a decimal such as "0.0375", "2.5" or "1e-7"; undefined for anything else. */
export function parseDecimal(text: string): Decimal | undefined {
  const parts = /^(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text);
  if (parts === null) return undefined;
  const [, whole = "", fraction = "", exponent = "0"] = parts;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  if (scale > MAX_SCALE || scale < -MAX_SCALE) return undefined;
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}
