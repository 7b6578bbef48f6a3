/** Integer money: amounts, prices and what they make of quantities. Never a float. */
export { PriceBook } from "./price-book.ts";
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
