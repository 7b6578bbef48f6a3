import type { MeterQuantity } from "@alfred/contracts";

/** What a request costs, or can cost at most, per unit that limits count. */
export interface Charge {
  /** Nano-dollars, at least 0. */
  readonly nanos: bigint;
  /** Tokens, prompt and answer together, at least 0. */
  readonly tokens: bigint;
}

/** What a request costs that no provider bills. */
export const NO_CHARGE: Charge = { nanos: 0n, tokens: 0n };

/** The tokens among quantities, whatever kind of tokens they are; meters are disjoint, so none counts twice. */
export function tokensOf(quantities: readonly MeterQuantity[]): bigint {
  return quantities.reduce((sum, { meter, quantity }) => (meter.endsWith("_tokens") ? sum + quantity : sum), 0n);
}
