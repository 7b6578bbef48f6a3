import { type MeterQuantity, type ModelPrice, UsageSource } from "@alfred/contracts";
import { costOf, inputTokensOf } from "@alfred/money";
import { tokensOf } from "../domain/charge.ts";
import type { BatchUsed } from "./batch-state.ts";

/** Answers whose prompts reach the same tier of the price. */
interface Tier {
  /** Of one of them, which chooses the tier for all. */
  readonly inputTokens: bigint;
  readonly sums: Map<string, bigint>;
}

/** What the answers of a batch used. */
export class BatchUse {
  readonly #price: ModelPrice;
  /** A sum of prompts reaches tiers that none of them does, so sums are by tier. */
  readonly #tiers = new Map<number, Tier>();
  #isEstimated = false;

  /** @param price what the model costs in this batch */
  constructor(price: ModelPrice) {
    this.#price = price;
  }

  /** Adds an answer. @param isEstimated whether it was counted here */
  add(quantities: readonly MeterQuantity[], isEstimated = false): void {
    const inputTokens = inputTokensOf(quantities);
    const reached = this.#price.meters.flatMap(({ tiers }) => tiers).filter(({ aboveInputTokens }) => inputTokens > aboveInputTokens).length;
    const tier = this.#tiers.get(reached) ?? { inputTokens, sums: new Map<string, bigint>() };
    this.#tiers.set(reached, tier);
    addTo(tier.sums, quantities);
    this.#isEstimated ||= isEstimated;
  }

  /** All of it, priced together, so that it is rounded once. @param mostNanos what stands for all where a part has no price */
  total(mostNanos: bigint): BatchUsed {
    const all = new Map<string, bigint>();
    let nanos: bigint | undefined = 0n;
    for (const { inputTokens, sums } of this.#tiers.values()) {
      const cost = costOf(this.#price, quantitiesOf(sums), inputTokens);
      nanos = cost === undefined || nanos === undefined ? undefined : nanos + cost;
      addTo(all, quantitiesOf(sums));
    }
    const quantities = quantitiesOf(all);
    const source = quantities.length === 0 ? UsageSource.USAGE_SOURCE_NONE : this.#isEstimated ? UsageSource.USAGE_SOURCE_ESTIMATED : UsageSource.USAGE_SOURCE_REPORTED;
    return { quantities, source, charge: { nanos: nanos ?? mostNanos, tokens: tokensOf(quantities) } };
  }
}

function addTo(sums: Map<string, bigint>, quantities: readonly MeterQuantity[]): void {
  for (const { meter, quantity } of quantities) sums.set(meter, (sums.get(meter) ?? 0n) + quantity);
}

function quantitiesOf(sums: ReadonlyMap<string, bigint>): MeterQuantity[] {
  return [...sums].map(([meter, quantity]) => ({ meter, quantity }));
}
