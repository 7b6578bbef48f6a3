import { type Charge, NO_CHARGE } from "../domain/charge.ts";
import { plus } from "./charge-sums.ts";

/** How far back it looks, and how far ahead a lease should last, in milliseconds. */
const HORIZON_MS = 2_000;
const HORIZON = BigInt(HORIZON_MS);

/** How much was admitted within the last two seconds: the current window and the part of the one before that still counts. */
export class SpendRate {
  #windowStartMs = 0;
  #current: Charge = NO_CHARGE;
  #previous: Charge = NO_CHARGE;

  add(charge: Charge, nowMs: number): void {
    this.#roll(nowMs);
    this.#current = plus(this.#current, charge);
  }

  /** What the next two seconds take at this rate. */
  horizon(nowMs: number): Charge {
    this.#roll(nowMs);
    const rest = BigInt(Math.max(0, Math.ceil(this.#windowStartMs + HORIZON_MS - nowMs)));
    const { nanos, tokens } = this.#previous;
    return plus(this.#current, { nanos: (nanos * rest) / HORIZON, tokens: (tokens * rest) / HORIZON });
  }

  #roll(nowMs: number): void {
    const elapsedMs = nowMs - this.#windowStartMs;
    if (elapsedMs < HORIZON_MS) return;
    const isNext = elapsedMs < 2 * HORIZON_MS;
    this.#previous = isNext ? this.#current : NO_CHARGE;
    this.#current = NO_CHARGE;
    this.#windowStartMs = isNext ? this.#windowStartMs + HORIZON_MS : nowMs;
  }
}
