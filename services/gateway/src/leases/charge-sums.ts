import type { Charge } from "../domain/charge.ts";

/** Both, unit by unit. */
export function plus(a: Charge, b: Charge): Charge {
  return { nanos: a.nanos + b.nanos, tokens: a.tokens + b.tokens };
}

/** What `b` leaves of `a`, unit by unit; may be negative. */
export function minus(a: Charge, b: Charge): Charge {
  return { nanos: a.nanos - b.nanos, tokens: a.tokens - b.tokens };
}

/** `count` of the same. */
export function times(charge: Charge, count: bigint): Charge {
  return { nanos: charge.nanos * count, tokens: charge.tokens * count };
}

/** The lower of both, unit by unit. */
export function lowerOf(a: Charge, b: Charge): Charge {
  return { nanos: a.nanos < b.nanos ? a.nanos : b.nanos, tokens: a.tokens < b.tokens ? a.tokens : b.tokens };
}

/** The higher of both, unit by unit. */
export function higherOf(a: Charge, b: Charge): Charge {
  return { nanos: a.nanos > b.nanos ? a.nanos : b.nanos, tokens: a.tokens > b.tokens ? a.tokens : b.tokens };
}

/** Whether `have` is enough for `need` in every unit. */
export function covers(have: Charge, need: Charge): boolean {
  return have.nanos >= need.nanos && have.tokens >= need.tokens;
}
