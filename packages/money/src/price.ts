import type { MeterPrice, MeterQuantity, ModelPrice } from "@alfred/contracts";
import { isInputTokens, wholesOf } from "./price-meters.ts";
import { type CostComponent, type Rate, sumCost } from "./rate.ts";

/** The part of a price that costs depend on. */
export type PricedMeters = Pick<ModelPrice, "meters" | "free">;

/** What a request can use at most. */
export interface UsageBound {
  /** Tokens of the prompt, cached ones included, at least 0. */
  inputTokens: bigint;
  /** Tokens of the answer, reasoning included, at least 0. */
  outputTokens: bigint;
  /** Calls to the provider; 1 unless stated. */
  requests?: bigint;
  /** What else it uses at most, each on a meter of its own, as images and seconds; nothing unless stated. */
  beside?: readonly MeterQuantity[];
  /**
   * The most that it uses beside its tokens without having been asked to, by the meter, as searches. Where this is stated, a
   * price by another meter than those of tokens is none for it, since nobody would count it.
   */
  unasked?: Readonly<Record<string, bigint>>;
  /** Meters that the prompt may count on; those of text unless stated. */
  inputMeters?: readonly string[];
  /** Meters that the answer may count on; those of text unless stated. */
  outputMeters?: readonly string[];
}

/** The meters that a prompt of text alone can count on. */
export const TEXT_INPUT_METERS: readonly string[] = ["input_tokens", "cache_read_tokens", "cache_write_tokens"];
/** The meters that an answer of text alone can count on. */
export const TEXT_OUTPUT_METERS: readonly string[] = ["output_tokens", "reasoning_tokens"];

/** What calls to the provider count on. */
const CALL_METERS: readonly string[] = ["requests"];

const NOTHING: Rate = { nanos: 0n, per: 1n };

/** Whether anything is known of what the model costs. */
export function isPriced(price: PricedMeters): boolean {
  return price.free || price.meters.length > 0;
}

/** The tokens of the prompt among the quantities, which choose the tier. */
export function inputTokensOf(quantities: readonly MeterQuantity[]): bigint {
  return quantities.reduce((sum, each) => (isInputTokens(each.meter) ? sum + each.quantity : sum), 0n);
}

/**
 * What the quantities cost, in nano-dollars: exact fractions summed, rounded
 * up once. The whole quantity is charged at the tier that `inputTokens`
 * reaches. Undefined where a quantity above 0 is of a meter without a price.
 */
export function costOf(
  price: PricedMeters,
  quantities: readonly MeterQuantity[],
  inputTokens: bigint = inputTokensOf(quantities),
): bigint | undefined {
  const parts: CostComponent[] = [];
  for (const { meter, quantity } of quantities) {
    if (quantity === 0n) continue;
    const rate = rateOf(price, meter, (each) => tierRate(each, inputTokens));
    if (rate === undefined) return undefined;
    parts.push({ quantity, rate });
  }
  return sumCost(parts);
}

/** The meters with a quantity above 0 that the model has no price for. */
export function unpricedMeters(price: PricedMeters, quantities: readonly MeterQuantity[]): string[] {
  return quantities
    .filter(({ meter, quantity }) => quantity > 0n && rateOf(price, meter, baseRate) === undefined)
    .map(({ meter }) => meter);
}

/**
 * The most, in nano-dollars, that a request within the bound can cost,
 * however its tokens fall on the meters named and whichever tier they reach.
 * Undefined where the prompt, the answer or what is used beside them has no price.
 */
export function worstCaseCost(price: PricedMeters, bound: UsageBound): bigint | undefined {
  const { inputTokens, outputTokens, requests = 1n, beside = [], unasked } = bound;
  if (unasked !== undefined && hasOtherMeter(price, unasked)) return undefined;
  const parts: CostComponent[] = [];
  const isPart = (quantity: bigint, meters: readonly string[]): boolean => {
    if (quantity === 0n) return true;
    const rate = dearestOf(price, meters, inputTokens);
    if (rate !== undefined) parts.push({ quantity, rate });
    return rate !== undefined;
  };
  const arePriced =
    isPart(inputTokens, bound.inputMeters ?? TEXT_INPUT_METERS) &&
    isPart(outputTokens, bound.outputMeters ?? TEXT_OUTPUT_METERS) &&
    isPart(requests, CALL_METERS) &&
    beside.every(({ meter, quantity }) => isPart(quantity, [meter])) &&
    Object.entries(unasked ?? {}).every(([meter, most]) => isPart(most, [meter]));
  return arePriced ? sumCost(parts) : undefined;
}

/** The dearest rate of any of the meters, at whichever tier they reach; undefined where one of them has none, or there are none. */
function dearestOf(price: PricedMeters, meters: readonly string[], inputTokens: bigint): Rate | undefined {
  const read = (meter: MeterPrice): Rate => dearestTier(meter, inputTokens);
  let dearest: Rate | undefined;
  for (const meter of meters) {
    const rate = rateOf(price, meter, read);
    if (rate === undefined) return undefined;
    dearest = dearest === undefined ? rate : dearer(dearest, rate);
  }
  return dearest;
}

function hasOtherMeter({ meters, free }: PricedMeters, known: Readonly<Record<string, bigint>>): boolean {
  return !free && meters.some(({ meter }) => !meter.endsWith("_tokens") && meter !== "requests" && !Object.hasOwn(known, meter));
}

function rateOf(price: PricedMeters, meter: string, read: (meter: MeterPrice) => Rate): Rate | undefined {
  if (price.free) return NOTHING;
  const own = price.meters.find((each) => each.meter === meter);
  if (own !== undefined) return read(own);
  const wholes = wholesOf(meter).map((whole) => rateOf(price, whole, read));
  const known = wholes.filter((rate) => rate !== undefined);
  if (known.length > 0) return known.reduce(dearer);
  // Hardly any provider charges by the call, so no price for it means none is asked.
  return meter === "requests" && isPriced(price) ? NOTHING : undefined;
}

function baseRate(meter: MeterPrice): Rate {
  return meter;
}

function tierRate(meter: MeterPrice, inputTokens: bigint): Rate {
  if (meter.tiers.length === 0) return meter;
  const tier = meter.tiers.findLast((each) => inputTokens > each.aboveInputTokens);
  return { nanos: tier?.nanos ?? meter.nanos, per: meter.per };
}

function dearestTier(meter: MeterPrice, inputTokens: bigint): Rate {
  if (meter.tiers.length === 0) return meter;
  const reached = meter.tiers.filter((each) => inputTokens > each.aboveInputTokens);
  const nanos = reached.reduce((most, each) => (each.nanos > most ? each.nanos : most), meter.nanos);
  return { nanos, per: meter.per };
}

function dearer(left: Rate, right: Rate): Rate {
  return left.nanos * right.per >= right.nanos * left.per ? left : right;
}
