import { type MeterPrice, ModelPrice } from "@alfred/contracts";
import { JsonObject, PriceFileError } from "./json-object.ts";
import { toMeterPrice } from "./rate.ts";

/** What the source of these prices is called on the wire. */
const OVERRIDE_SOURCE = "override";
const MAX_OVERRIDES = 10_000;
const MAX_ALIASES = 100;
const MAX_TIERS = 10;
const MAX_NAME_LENGTH = 256;
const METER = /^[a-z][a-z0-9_]{0,63}$/;
/** The quantity that a price buys where the file does not say. */
const MILLION = 1_000_000n;

/**
 * Reads the prices of a price file.
 *
 * @throws PriceFileError, which names the place
 */
export function readOverrides(text: string): ModelPrice[] {
  const file = new JsonObject(parse(text), "the file");
  const prices = file.list("prices", MAX_OVERRIDES).map((each, index) => readOverride(new JsonObject(each, `prices[${index}]`)));
  file.end();
  refuseTwins(prices);
  return prices;
}

/**
 * The book with the overrides in it. One for a model of the book replaces all
 * its prices and keeps its names, so that dated snapshots follow; one for an
 * unknown name goes before its provider's models, so that no pattern of
 * theirs catches it first.
 */
export function withOverrides(book: readonly ModelPrice[], overrides: readonly ModelPrice[]): ModelPrice[] {
  const prices = [...book];
  for (const override of overrides) {
    const known = prices.findIndex((price) => isTwin(price, override));
    const replaced = prices[known];
    if (replaced === undefined) {
      const first = prices.findIndex(({ provider }) => provider === override.provider);
      prices.splice(first === -1 ? prices.length : first, 0, override);
      continue;
    }
    const count = prices.slice(known).findIndex((price) => !isTwin(price, override));
    prices.splice(known, count === -1 ? prices.length - known : count, merged(replaced, override));
  }
  return prices;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new PriceFileError(`the file is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function readOverride(object: JsonObject): ModelPrice {
  const provider = object.text("provider", MAX_NAME_LENGTH);
  const model = object.text("model", MAX_NAME_LENGTH);
  const free = object.flag("free");
  const meters = new JsonObject(object.any("meters") ?? {}, `${object.place}.meters`).members();
  const contextWindow = object.count("context_window");
  const maxOutputTokens = object.count("max_output_tokens");
  const aliases = object.list("aliases", MAX_ALIASES).map((alias) => readAlias(alias, object.place));
  object.end();
  if (free === meters.length > 0) {
    throw new PriceFileError(`${object.place} (${provider}/${model}) needs either meters with prices or "free": true`);
  }
  return ModelPrice.create({
    provider,
    model,
    free,
    meters: meters.map(([meter, price]) => readMeter(meter, price, `${object.place}.meters.${meter}`)),
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    source: OVERRIDE_SOURCE,
    aliases,
  });
}

function readAlias(alias: unknown, place: string): string {
  if (typeof alias === "string" && alias.trim() !== "" && alias.length <= MAX_NAME_LENGTH) return alias;
  throw new PriceFileError(`${place}.aliases must hold texts of 1 to ${MAX_NAME_LENGTH} characters`);
}

function readMeter(meter: string, value: unknown, place: string): MeterPrice {
  if (!METER.test(meter)) throw new PriceFileError(`${place} is not the name of a meter, such as input_tokens`);
  const whole = typeof value === "object" ? new JsonObject(value, place) : new JsonObject({ usd: value }, place);
  const dollars = readDecimal(whole.any("usd"), typeof value === "object" ? `${place}.usd` : place);
  const per = whole.count("per") ?? MILLION;
  const tiers = whole.list("tiers", MAX_TIERS).map((tier, index) => readTier(new JsonObject(tier, `${place}.tiers[${index}]`)));
  whole.end();
  try {
    return toMeterPrice({ meter, per, dollars, tiers });
  } catch (cause) {
    throw new PriceFileError(`${place}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function readTier(object: JsonObject): { aboveInputTokens: bigint; dollars: string } {
  const aboveInputTokens = object.count("above_input_tokens");
  if (aboveInputTokens === undefined) throw new PriceFileError(`${object.place}.above_input_tokens is missing`);
  const dollars = readDecimal(object.any("usd"), `${object.place}.usd`);
  object.end();
  return { aboveInputTokens, dollars };
}

function readDecimal(value: unknown, place: string): string {
  if (typeof value === "string") return value;
  throw new PriceFileError(`${place} must be a decimal in quotes, as "0.15": a bare number would lose its exactness`);
}

function refuseTwins(prices: readonly ModelPrice[]): void {
  const seen = new Set<string>();
  for (const [index, { provider, model }] of prices.entries()) {
    const name = `${provider}/${model.toLowerCase()}`;
    if (seen.has(name)) throw new PriceFileError(`prices[${index}]: ${provider}/${model} is there twice`);
    seen.add(name);
  }
}

function isTwin(left: ModelPrice, right: ModelPrice): boolean {
  return left.provider === right.provider && left.model.toLowerCase() === right.model.toLowerCase();
}

function merged(replaced: ModelPrice, override: ModelPrice): ModelPrice {
  const { contextWindow = replaced.contextWindow, maxOutputTokens = replaced.maxOutputTokens } = override;
  return {
    ...override,
    contextWindow,
    maxOutputTokens,
    model: replaced.model,
    aliases: [...new Set([...replaced.aliases, ...override.aliases])],
    patterns: replaced.patterns,
  };
}
