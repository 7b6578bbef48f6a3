import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ModelPrice } from "@alfred/contracts";
import { costOf, decimalToRate, PriceBook } from "@alfred/money";
import { calcPrice } from "@pydantic/genai-prices";
import { beforeAll, describe, expect, test } from "vitest";
import { readGenaiData } from "../store/genai-data.ts";
import { toModelPrices } from "./genai-prices.ts";
import type { GenaiMatch, GenaiPrice, GenaiProvider } from "./genai-provider.ts";

const PRICE_KEY = /(?:_mtok|_kcount|_hours|_mchars|_kpages|_gpixels)$/;
const AT = new Date("2026-11-21T12:00:00Z");

let data: GenaiProvider[];
let prices: ModelPrice[];
let book: PriceBook;

beforeAll(async () => {
  data = await readGenaiData();
  prices = toModelPrices(data);
  book = new PriceBook(prices);
});

describe("the data of genai-prices", () => {
  test("is read with every decimal as the package's own text has it", async () => {
    const source = await readFile(fileURLToPath(import.meta.resolve("@pydantic/genai-prices")), "utf8");
    const spelled = [...source.matchAll(/\b(\w+): (\d[\d.e+-]*|\.\d+)\s*[,}\n]/g)]
      .filter(([, key = ""]) => PRICE_KEY.test(key) || key === "base" || key === "price")
      .map(([, , text = ""]) => exact(text.replace(/^\./, "0.")));
    const read = data.flatMap(({ models }) => models.flatMap(decimalsOf)).map(exact);
    expect(read.length).toBeGreaterThan(4000);
    expect(read).toEqual(spelled);
  });

  test("becomes prices of every provider and model in it", () => {
    expect(new Set(prices.map(({ provider }) => provider))).toEqual(new Set(data.map(({ id }) => id)));
    for (const { id, models } of data) {
      const known = new Set(prices.filter(({ provider }) => provider === id).map(({ model }) => model));
      expect(models.filter((model) => !known.has(model.id))).toEqual([]);
    }
  });
});

describe("known prices", () => {
  test.each([
    ["openai", "gpt-4o-mini", "input_tokens", "0.15", 150_000_000n, 1_000_000n],
    ["openai", "gpt-4o-mini", "cache_read_tokens", "0.075", 75_000_000n, 1_000_000n],
    ["openai", "gpt-4o-2024-08-06", "output_tokens", "10", 10_000_000_000n, 1_000_000n],
    ["openai", "text-embedding-3-small", "input_tokens", "0.02", 20_000_000n, 1_000_000n],
    ["openai", "whisper-1", "audio_seconds", "0.36", 360_000_000n, 3600n],
    ["openai", "gpt-4.1", "web_searches", "10", 10_000_000_000n, 1000n],
    ["anthropic", "claude-sonnet-4-5", "cache_write_1h_tokens", "6", 6_000_000_000n, 1_000_000n],
    ["openrouter", "google/gemini-2.5-flash-lite", "cache_write_tokens", "0.08333333333333334", 8_333_333_333_333_334n, 100_000_000_000_000n],
  ])("%s/%s: %s at %s dollars", (provider, model, meter, text, nanos, per) => {
    const found = book.find(provider, model, AT)?.meters.find((each) => each.meter === meter);
    expect(found).toMatchObject({ nanos, per });
    expect(data.find(({ id }) => id === provider)?.models.flatMap(decimalsOf)).toContain(text);
  });

  test("rise past a threshold for the whole request", () => {
    const price = book.find("anthropic", "claude-sonnet-4-5", AT);
    const cost = (input: bigint): bigint | undefined => price && costOf(price, [{ meter: "input_tokens", quantity: input }]);
    expect(cost(200_000n)).toBe(600_000_000n);
    expect(cost(200_001n)).toBe(1_200_006_000n);
  });

  test("change on their day and by the hour", () => {
    const input = (model: string, at: string): bigint | undefined =>
      book.find(model === "o3" ? "openai" : "deepseek", model, new Date(at))?.meters.find(({ meter }) => meter === "input_tokens")?.nanos;
    expect(input("o3", "2025-06-09T23:59:59Z")).toBe(10_000_000_000n);
    expect(input("o3", "2025-06-10T00:00:00Z")).toBe(2_000_000_000n);
    expect(input("deepseek-chat", "2026-01-01T00:29:59Z")).toBe(135_000_000n);
    expect(input("deepseek-chat", "2026-01-01T00:30:00Z")).toBe(270_000_000n);
  });

  test("are nothing only where the data says free, and else not known", () => {
    expect(book.find("openrouter", "deepseek/deepseek-r1:free", AT)).toMatchObject({ free: true, meters: [] });
    expect(prices.find(({ provider, model }) => provider === "cerebras" && model === "qwen-3-coder-480b")).toMatchObject({ free: false, meters: [] });
    expect(book.find("cerebras", "qwen-3-coder-480b", AT)).toBeUndefined();
  });

  test("of a provider that takes models over are those of the other", () => {
    expect(book.find("azure", "gpt-4o", AT)?.meters).toEqual(book.find("openai", "gpt-4o", AT)?.meters);
  });
});

describe("beside the package's own calculation, in floats", () => {
  test("every name means the same model and costs the same", () => {
    const compared = data.flatMap((provider) => provider.models.flatMap(({ match }) => namesFor(match)).map((name) => bothPrices(provider.id, name)));
    expect(compared.filter(({ ours, theirs }) => ours.model !== theirs.model)).toEqual([]);
    // A float is off by its last digit, and the exact cost is rounded up to a whole nano-dollar.
    expect(compared.filter(({ ours, theirs }) => Math.abs(ours.nanos - theirs.nanos) >= 2)).toEqual([]);
    expect(compared.filter(({ ours }) => ours.nanos > 0).length).toBeGreaterThan(1500);
  });
});

interface NamedPrice {
  model: string;
  nanos: number;
}

/** What a name means and what the same usage costs, here and there; a model without a price is none. */
function bothPrices(provider: string, name: string): { name: string; ours: NamedPrice; theirs: NamedPrice } {
  const none = { model: "", nanos: 0 };
  const found = calcPrice({ input_tokens: 300_000, output_tokens: 2000 }, name, { providerId: provider, timestamp: AT });
  const theirs = found === null ? none : { model: found.model.id, nanos: found.total_price * 1e9 };
  const price = book.find(provider, name, AT);
  if (price === undefined) return { name, ours: none, theirs: theirs.nanos === 0 ? none : theirs };
  const cost = costOf(price, [{ meter: "input_tokens", quantity: 300_000n }, { meter: "output_tokens", quantity: 2000n }, { meter: "requests", quantity: 1n }]);
  // Where tokens have no price of their own, as in transcription, the package charges nothing for them.
  const ours = { model: price.model, nanos: cost === undefined ? theirs.nanos : Number(cost) };
  return { name: `${provider}/${name}`, ours, theirs };
}

function decimalsOf({ prices: all }: GenaiProvider["models"][number]): string[] {
  const conditional = Array.isArray(all) ? all.map((each) => each.prices) : [all];
  return conditional.flatMap((each) => Object.values(each)).filter((price) => price !== undefined).flatMap(texts);
}

function texts(price: GenaiPrice): string[] {
  return typeof price === "string" ? [price] : [price.base, ...price.tiers.map((tier) => tier.price)];
}

/** A decimal as a fraction, so that "2e5" and "200000" are the same. */
function exact(text: string): string {
  const { nanos, per } = decimalToRate(text, 1n);
  return `${nanos}/${per}`;
}

/** Names that a rule fits, so far as one can tell from it. */
function namesFor(match: GenaiMatch): string[] {
  if ("equals" in match) return [match.equals];
  if ("starts_with" in match) return [match.starts_with, `${match.starts_with}-x`];
  if ("ends_with" in match) return [`x-${match.ends_with}`];
  if ("contains" in match) return [match.contains, `x-${match.contains}-y`];
  if ("or" in match) return match.or.flatMap(namesFor);
  if ("and" in match) return match.and.flatMap(namesFor);
  return [match.regex.replaceAll(/[\^$\\]|\(\?.*?\)\)?/g, "").replaceAll("d{4}", "2026").replaceAll("d{2}", "01").replaceAll("d{8}", "20260101")];
}
