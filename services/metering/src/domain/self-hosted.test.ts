import { PriceBook } from "@alfred/money";
import { expect, test } from "vitest";
import { readOverrides, withOverrides } from "./overrides.ts";
import { SELF_HOSTED } from "./self-hosted.ts";

const AT = new Date("2026-11-21T12:00:00Z");

test("whatever runs at home is free, unless the price file says otherwise", () => {
  const meters = { input_tokens: "1", output_tokens: "2" };
  const models = ["llama3", "*"].map((model) => ({ provider: "ollama", model, meters }));
  const books = [[], models.slice(0, 1), models].map((prices) => new PriceBook(withOverrides(SELF_HOSTED, readOverrides(JSON.stringify({ prices })))));
  const free = books.map((book) => ["llama3", "qwen3:8b"].map((name) => book.find("ollama", name, AT)?.free));
  expect(free).toEqual([[true, true], [false, true], [false, false]]);
});
