import { DailyWindow, type MeterPrice, ModelPrice } from "@alfred/contracts";
import { modelNames } from "./genai-names.ts";
import type { GenaiConstraint, GenaiModel, GenaiPrice, GenaiPrices, GenaiProvider } from "./genai-provider.ts";
import { toMeterPrice } from "./rate.ts";

/** What the source of these prices is called on the wire. */
const GENAI_SOURCE = "genai-prices";

/**
 * How the end of a price's key turns into a meter and the quantity of it that
 * the price buys, as the units of genai-prices define them.
 */
const KEY_ENDINGS: readonly (readonly [ending: string, meterEnding: string, per: bigint])[] = [
  ["_mtok", "_tokens", 1_000_000n],
  ["_kcount", "", 1000n],
  ["_hours", "_seconds", 3600n],
  ["_mchars", "_characters", 1_000_000n],
  ["_kpages", "_pages", 1000n],
  ["_gpixels", "_pixels", 1_000_000_000n],
];
/** Meters that are called otherwise here. */
const RENAMED: Readonly<Record<string, string>> = { output_reasoning_tokens: "reasoning_tokens" };

/**
 * The price book that the data makes, in its order: every model of every
 * provider, and after a provider's own models those it takes over from others.
 *
 * @throws TypeError or RangeError where the data says something that is not understood here
 */
export function toModelPrices(providers: readonly GenaiProvider[]): ModelPrice[] {
  return providers.flatMap((provider) => {
    const fallbacks = (provider.fallback_model_providers ?? []).map((id) => providers.find((each) => each.id === id));
    const taken = new Set(provider.models.map(({ id }) => id));
    const models = [...provider.models];
    for (const model of fallbacks.flatMap((fallback) => fallback?.models ?? [])) {
      // A model priced by the provider itself wins over its namesake elsewhere.
      if (!taken.has(model.id)) models.push(model);
      taken.add(model.id);
    }
    return models.flatMap((model) => pricesOf(provider.id, model));
  });
}

function pricesOf(provider: string, model: GenaiModel): ModelPrice[] {
  const conditional = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  return conditional.map(({ constraint, prices }) =>
    ModelPrice.create({
      provider,
      model: model.id,
      meters: meterPrices(`${provider}/${model.id}`, prices),
      free: isSaidFree(model, prices),
      ...(model.context_window === undefined ? {} : { contextWindow: BigInt(model.context_window) }),
      source: GENAI_SOURCE,
      ...modelNames(model.id, model.match),
      ...condition(constraint),
    }),
  );
}

/** A model without any price counts as free only where the data says that word of it; otherwise its price is unknown. */
function isSaidFree({ id, name, price_comments: comments }: GenaiModel, prices: GenaiPrices): boolean {
  return Object.keys(prices).length === 0 && /\bfree\b/i.test([id, name, comments].join(" "));
}

function meterPrices(model: string, prices: GenaiPrices): MeterPrice[] {
  return Object.entries(prices).flatMap(([key, price]) => (price === undefined ? [] : [meterPrice(model, key, price)]));
}

function meterPrice(model: string, key: string, price: GenaiPrice): MeterPrice {
  const [ending, meterEnding, per] = KEY_ENDINGS.find(([each]) => key.endsWith(each)) ?? [];
  if (ending === undefined || per === undefined) throw new TypeError(`genai-prices: the unit of ${key} (${model}) is not known here`);
  const unit = key.slice(0, -ending.length) + meterEnding;
  const { base, tiers } = typeof price === "string" ? { base: price, tiers: [] } : price;
  return toMeterPrice({
    meter: RENAMED[unit] ?? unit,
    per,
    dollars: base,
    tiers: tiers.map((tier) => ({ aboveInputTokens: BigInt(tier.start), dollars: tier.price })),
  });
}

function condition(constraint: GenaiConstraint | undefined): Pick<ModelPrice, "startTime" | "daily"> {
  switch (constraint?.type) {
    case undefined:
      return { startTime: undefined, daily: undefined };
    case "start_date":
      return { startTime: new Date(`${constraint.start_date}T00:00:00Z`), daily: undefined };
    case "time_of_date": {
      const [startSeconds, endSeconds] = [daySeconds(constraint.start_time), daySeconds(constraint.end_time)];
      return { startTime: undefined, daily: DailyWindow.create({ startSeconds, endSeconds }) };
    }
  }
}

function daySeconds(text: string): number {
  const parts = /^(\d\d):(\d\d):(\d\d)Z$/.exec(text);
  if (parts === null) throw new TypeError(`genai-prices: ${JSON.stringify(text)} is not a time of day in UTC`);
  const [hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}
