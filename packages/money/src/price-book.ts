import type { DailyWindow, ModelPrice } from "@alfred/contracts";
import { isPriced } from "./price.ts";
import { type NameTest, nameTest } from "./price-names.ts";

/** Longest name that is looked up, in characters; no provider has longer ones. */
const MAX_NAME_LENGTH = 256;
/** Most names remembered per provider; beyond it they are forgotten and found anew. */
const MAX_REMEMBERED_NAMES = 10_000;
const DAY_MS = 86_400_000;

/** The model of a price that applies to every model of its provider which has none of its own. */
export const ANY_MODEL = "*";

/** One model: its names, and its prices in the order in which they were sent. */
interface Entry {
  model: string;
  matches: NameTest;
  prices: ModelPrice[];
}

/** The models of one provider, in order, and the names looked up so far. */
interface Shelf {
  entries: Entry[];
  found: Map<string, Entry | undefined>;
}

/**
 * The prices of `WatchPrices`, as metering and gateway both look them up: a
 * name means the first model that it fits, and the last of that model's
 * prices that applies at the time counts.
 */
export class PriceBook {
  readonly #shelves = new Map<string, Shelf>();

  constructor(prices: Iterable<ModelPrice> = []) {
    for (const price of prices) this.put(price);
  }

  /** Adds a price, or replaces the one of the same model, start and part of the day. */
  put(price: ModelPrice): void {
    const shelf = this.#shelf(price.provider);
    shelf.found.clear();
    const entry = shelf.entries.find(({ model }) => model === price.model);
    if (entry === undefined) {
      shelf.entries.push({ model: price.model, matches: nameTest(price), prices: [price] });
      return;
    }
    const same = entry.prices.findIndex((each) => conditionOf(each) === conditionOf(price));
    entry.prices.splice(same === -1 ? entry.prices.length : same, 1, price);
    entry.matches = nameTest(price);
  }

  /**
   * The price of a model at a time, by any of its names, else that of any model
   * of the provider; undefined where neither is known. What was admitted at a price should be settled at the same one:
   * keep it, or ask with the same time.
   */
  find(provider: string, name: string, at: Date): ModelPrice | undefined {
    const entry = this.#entry(provider, name.trim().toLowerCase());
    return (entry && knownPrice(entry, at)) ?? this.#anyPrice(provider, at);
  }

  /** The models of a provider that have a price of their own at a time, as they came. */
  models(provider: string, at: Date): ModelPrice[] {
    const entries = this.#shelves.get(provider)?.entries ?? [];
    const named = entries.filter(({ model }) => model !== ANY_MODEL);
    return named.map((entry) => knownPrice(entry, at)).filter((price) => price !== undefined);
  }

  /** How many models there are. */
  get size(): number {
    return this.#shelves.values().reduce((sum, { entries }) => sum + entries.length, 0);
  }

  #anyPrice(provider: string, at: Date): ModelPrice | undefined {
    const entry = this.#shelves.get(provider)?.entries.find(({ model }) => model === ANY_MODEL);
    return entry && knownPrice(entry, at);
  }

  #shelf(provider: string): Shelf {
    const known = this.#shelves.get(provider);
    if (known !== undefined) return known;
    const made: Shelf = { entries: [], found: new Map() };
    this.#shelves.set(provider, made);
    return made;
  }

  #entry(provider: string, name: string): Entry | undefined {
    const shelf = this.#shelves.get(provider);
    if (shelf === undefined || name.length > MAX_NAME_LENGTH) return undefined;
    if (shelf.found.has(name)) return shelf.found.get(name);
    if (shelf.found.size >= MAX_REMEMBERED_NAMES) shelf.found.clear();
    const entry = shelf.entries.find(({ matches }) => matches(name)) ?? matchDated(shelf, name);
    shelf.found.set(name, entry);
    return entry;
  }
}

/** Snapshots are named with and without hyphens in their date; the book has the hyphens where it lists them. */
function matchDated({ entries }: Shelf, name: string): Entry | undefined {
  const spelled = name.replace(/-(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g, "-$1-$2-$3");
  return spelled === name ? undefined : entries.find(({ matches }) => matches(spelled));
}

function conditionOf({ startTime, daily }: ModelPrice): string {
  return `${startTime?.getTime() ?? ""}/${daily?.startSeconds ?? ""}/${daily?.endSeconds ?? ""}`;
}

function knownPrice({ prices }: Entry, at: Date): ModelPrice | undefined {
  const price = prices.findLast((each) => applies(each, at)) ?? prices[0];
  return price !== undefined && isPriced(price) ? price : undefined;
}

function applies({ startTime, daily }: ModelPrice, at: Date): boolean {
  return (startTime === undefined || startTime <= at) && (daily === undefined || isWithin(daily, at));
}

function isWithin({ startSeconds, endSeconds }: DailyWindow, at: Date): boolean {
  const timeMs = at.getTime() % DAY_MS;
  const [startMs, endMs] = [startSeconds * 1000, endSeconds * 1000];
  return endMs < startMs ? timeMs >= startMs || timeMs < endMs : timeMs >= startMs && timeMs < endMs;
}
