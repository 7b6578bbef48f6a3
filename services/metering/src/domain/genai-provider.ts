/** A decimal as the data spells it, never a float. */
type DecimalText = string;

/** Dollars for the quantity that the price's key says, perhaps by the size of the prompt. */
export type GenaiPrice = DecimalText | { base: DecimalText; tiers: { start: DecimalText; price: DecimalText }[] };

/** When a price applies: from a date on, or in a part of each day. */
export type GenaiConstraint =
  | { type: "start_date"; start_date: string }
  | { type: "time_of_date"; start_time: string; end_time: string };

/** Prices by key, as "input_mtok". */
export type GenaiPrices = Record<string, GenaiPrice | undefined>;

/** A rule on names; one of the members is there. */
export type GenaiMatch =
  | { equals: string }
  | { starts_with: string }
  | { ends_with: string }
  | { contains: string }
  | { regex: string }
  | { or: GenaiMatch[] }
  | { and: GenaiMatch[] };

/** What the data of genai-prices says of a model, so far as we use it. */
export interface GenaiModel {
  id: string;
  name?: string;
  match: GenaiMatch;
  context_window?: DecimalText;
  price_comments?: string;
  prices: GenaiPrices | { constraint?: GenaiConstraint; prices: GenaiPrices }[];
}

/** What the data of genai-prices says of a provider, so far as we use it. */
export interface GenaiProvider {
  id: string;
  /** Providers whose models this one serves at their prices, after its own. */
  fallback_model_providers?: string[];
  models: GenaiModel[];
}
