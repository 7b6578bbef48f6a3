import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MeterQuantity, ModelPrice } from "@alfred/contracts";
import { costOf, PriceBook, worstCaseCost } from "@alfred/money";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readGenaiData } from "../src/store/genai-data.ts";
import { refusal, TestMetering } from "./harness.ts";

const MINE = { provider: "openai", model: "gpt-mine", meters: { requests: "1000", input_tokens: "0", output_tokens: "0" }, max_output_tokens: 4096 };

let folder: string;
let metering: TestMetering;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "alfred-prices-"));
  metering = await TestMetering.start({ pricesFile: await priceFile("mine.json", { prices: [MINE] }) });
});
afterAll(async () => {
  await metering[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function priceFile(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

async function snapshotOf(source: TestMetering, revision = 0n): Promise<{ prices: ModelPrice[]; started: boolean; revision: bigint }> {
  const prices: ModelPrice[] = [];
  let started = false;
  for await (const { event } of source.client("service").watchPrices({ revision })) {
    if (event?.$case === "snapshotStarted") started = true;
    if (event?.$case === "price") prices.push(event.value);
    if (event?.$case === "synced") return { prices, started, revision: event.value.revision };
  }
  throw new Error("the watch ended before it was synced");
}

describe("an estimate", () => {
  const estimate = async (model: string, quantities: MeterQuantity[], provider = "openai"): Promise<bigint | undefined> =>
    (await metering.client("user").estimateCost({ provider, model, quantities })).cost?.value;

  test("is exact to the nano-dollar, from the decimals of the data", async () => {
    const openai = (await readGenaiData()).find(({ id }) => id === "openai");
    expect(openai?.models.find(({ id }) => id === "gpt-4o-mini")?.prices).toMatchObject({ input_mtok: "0.15", cache_read_mtok: "0.075", output_mtok: "0.6" });
    const quantities = [{ meter: "input_tokens", quantity: 1001n }, { meter: "cache_read_tokens", quantity: 333n }, { meter: "output_tokens", quantity: 7n }, { meter: "reasoning_tokens", quantity: 2n }];
    // 1001 at 150 + 333 at 75 + 9 at 600 nano-dollars.
    expect(await estimate("gpt-4o-mini-2024-07-18", quantities)).toBe(180_525n);
  });

  test("shows the price that it used", async () => {
    const { price } = await metering.client("user").estimateCost({ provider: "openai", model: "gpt-4o-2024-08-06", quantities: [] });
    expect(price).toMatchObject({ provider: "openai", model: "gpt-4o", source: "genai-prices", contextWindow: 128_000n });
  });

  test("of a price in the file takes that", async () => {
    expect(await estimate("gpt-mine", [{ meter: "requests", quantity: 3n }, { meter: "input_tokens", quantity: 50n }])).toBe(3_000_000n);
  });

  test("of a free model is nothing", async () => {
    expect(await estimate("deepseek/deepseek-r1:free", [{ meter: "input_tokens", quantity: 1n }], "openrouter")).toBe(0n);
  });

  test("of whatever runs at home is nothing", async () => {
    expect(await estimate("llama3.2:3b", [{ meter: "input_tokens", quantity: 1n }], "ollama")).toBe(0n);
  });

  test("is refused where the model, the provider or a meter has no price", async () => {
    for (const [provider, model, meter] of [["openai", "gpt-99", "input_tokens"], ["nobody", "gpt-4o", "input_tokens"], ["openai", "gpt-4o", "audio_seconds"], ["cerebras", "qwen-3-coder-480b", "input_tokens"]] as const) {
      expect(await refusal(estimate(model, [{ meter, quantity: 1n }], provider))).toMatchObject({ code: "PRICE_UNKNOWN", metadata: { provider, model } });
    }
  });

  test("is refused for what cannot be", async () => {
    expect(await refusal(estimate("", []))).toMatchObject({ metadata: { field: "model" } });
    expect(await refusal(estimate("gpt-4o", [], " "))).toMatchObject({ metadata: { field: "provider" } });
    expect(await refusal(estimate("gpt-4o", [{ meter: "input_tokens", quantity: -1n }]))).toMatchObject({ metadata: { field: "quantities[0].quantity" } });
    expect(await refusal(estimate("gpt-4o", [{ meter: "Tokens", quantity: 1n }]))).toMatchObject({ metadata: { field: "quantities[0].meter" } });
    expect(await refusal(estimate("gpt-4o", [{ meter: "requests", quantity: 1n }, { meter: "requests", quantity: 1n }]))).toMatchObject({ metadata: { field: "quantities" } });
  });
});

test("the example of the README prices what it says", async () => {
  const example = await readFile(new URL("../prices.example.json", import.meta.url), "utf8");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(example);
  await using sample = await TestMetering.start({ pricesFile: await priceFile("example.json", example) });
  const costs = await Promise.all(([
    ["openai", "gpt-4o-mini-2024-07-18", [{ meter: "input_tokens", quantity: 1000n }, { meter: "output_tokens", quantity: 100n }]],
    ["openai", "our-fine-tune-v2", [{ meter: "input_tokens", quantity: 200_001n }, { meter: "requests", quantity: 1n }]],
    ["local", "llama-3.3-70b", [{ meter: "input_tokens", quantity: 1000n }]],
  ] as const).map(([provider, model, quantities]) => sample.client("user").estimateCost({ provider, model, quantities: [...quantities] })));
  expect(costs.map(({ cost }) => cost?.value)).toEqual([168_000n, 1_200_506_000n, 0n]);
});

describe("the watch of prices", () => {
  test("brings the whole book, which prices as the service does", async () => {
    const { prices, started } = await snapshotOf(metering);
    expect(started).toBe(true);
    expect(prices.length).toBeGreaterThan(1800);
    const price = new PriceBook(prices).find("openai", "gpt-mine", new Date());
    expect(price && worstCaseCost(price, { inputTokens: 10_000n, outputTokens: 4096n })).toBe(1_000_000n);
    expect(price && costOf(price, [{ meter: "requests", quantity: 1n }])).toBe(1_000_000n);
  });

  test("spares who knows the book already, and not who knows another", async () => {
    const { revision } = await snapshotOf(metering);
    expect(await snapshotOf(metering, revision)).toEqual({ prices: [], started: false, revision });
    expect((await snapshotOf(metering, revision + 1n)).started).toBe(true);
  });

  test("that is quiet repeats synced", async () => {
    const { revision } = await snapshotOf(metering);
    let beats = 0;
    for await (const { event } of metering.client("service").watchPrices({ revision })) {
      expect(event).toEqual({ $case: "synced", value: { revision } });
      beats += 1;
      if (beats === 2) break;
    }
  });

  test("is for peers alone", async () => {
    for (const caller of ["user", "admin", "root"] as const) {
      const watch = metering.client(caller).watchPrices({ revision: 0n })[Symbol.asyncIterator]();
      expect(await refusal(watch.next())).toMatchObject({ code: "ROLE_INSUFFICIENT" });
    }
  });
});

test("the revision stays over a restart with the same prices, and rises with others, old ones too", async () => {
  await using first = await TestMetering.start();
  const revisions = [(await snapshotOf(first)).revision];
  const other = await priceFile("other.json", { prices: [{ ...MINE, model: "other" }] });
  for (const options of [{}, { pricesFile: other }, { pricesFile: other }, {}]) {
    await using again = await TestMetering.start({ ...options, databaseUrl: first.databaseUrl });
    revisions.push((await snapshotOf(again)).revision);
  }
  expect(revisions).toEqual([1n, 1n, 2n, 2n, 3n]);
});

describe("a service with a price file that cannot be does not start, and says why", () => {
  test.each([
    ["not JSON", "prices:\n  - openai", "the file is not JSON"],
    ["a float", { prices: [{ provider: "p", model: "m", meters: { input_tokens: 0.15 } }] }, "must be a decimal in quotes"],
    ["neither price nor free", { prices: [{ provider: "p", model: "m" }] }, 'needs either meters with prices or "free": true'],
  ])("%s", async (name, content, message) => {
    const path = await priceFile(`${name}.json`, content);
    const start = TestMetering.start({ pricesFile: path });
    await expect(start).rejects.toThrow(`ALFRED_PRICES_FILE (${path})`);
    await expect(start).rejects.toThrow(message);
  });

  test("no such file", async () => {
    await expect(TestMetering.start({ pricesFile: join(folder, "absent.json") })).rejects.toThrow("no such file");
  });
});
