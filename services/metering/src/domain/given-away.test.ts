import { PriceBook } from "@alfred/money";
import { expect, test } from "vitest";
import { readGenaiData } from "../store/genai-data.ts";
import { toModelPrices } from "./genai-prices.ts";
import { GIVEN_AWAY } from "./given-away.ts";
import { readOverrides, withOverrides } from "./overrides.ts";

const AT = new Date("2026-11-21T12:00:00Z");

test("OpenAI's moderation models are free by their names, no other is, and a price file may say otherwise", async () => {
  const prices = withOverrides(toModelPrices(await readGenaiData()), GIVEN_AWAY);
  const book = new PriceBook(prices);
  const free = ["omni-moderation-latest", "omni-moderation-2024-09-26", "text-moderation-stable"].map((name) => book.find("openai", name, AT)?.free);
  expect(free).toEqual([true, true, true]);
  expect([book.find("openai", "super-moderation-2", AT), book.find("mistral", "mistral-moderation-latest", AT)]).toEqual([undefined, undefined]);
  const [override] = readOverrides(JSON.stringify({ prices: [{ provider: "openai", model: "omni-moderation-latest", meters: { input_tokens: "1" } }] }));
  expect(new PriceBook(withOverrides(prices, override ? [override] : [])).find("openai", "omni-moderation-2024-09-26", AT)).toMatchObject({ free: false });
});
