/** Integer money: amounts, prices and what they make of quantities. Never a float. */
export { type Amount, type Unit } from "./amount.ts";
export { isTimeZone, type Period, type PeriodBounds, periodBounds } from "./period.ts";
export { ANY_MODEL, PriceBook } from "./price-book.ts";
export {
  costOf,
  inputTokensOf,
  isPriced,
  type PricedMeters,
  TEXT_INPUT_METERS,
  TEXT_OUTPUT_METERS,
  unpricedMeters,
  type UsageBound,
  worstCaseCost,
} from "./price.ts";
export { type CostComponent, decimalToRate, type Rate, sumCost } from "./rate.ts";
export { formatUsd, parseUsd } from "./usd.ts";
