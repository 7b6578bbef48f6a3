/** What an amount counts: nano-dollars, tokens, or thousandths of a credit. */
export type Unit = "usd" | "tokens" | "credits";

/** A quantity of one unit, in its smallest part. */
export interface Amount {
  readonly unit: Unit;
  readonly value: bigint;
}
