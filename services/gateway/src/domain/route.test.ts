import { ModelPrice } from "@alfred/contracts";
import { PriceBook } from "@alfred/money";
import { describe, expect, test } from "vitest";
import { mayUse } from "./allowed-models.ts";
import { findModel, listModels } from "./catalogue.ts";
import { createRoutingTable, route } from "./route.ts";

const AT = new Date("2026-11-21T12:00:00Z");
const upstream = (id: string, priceBook: string) => ({ id, kind: "openai" as const, baseUrl: `https://${id}.test/v1`, secret: "", priceBook });
const deployment = (id: string, model: string, providerId: string, upstreamModel: string) => ({ id, model, providerId, upstreamModel });
const free = (provider: string, model: string, aliases: string[] = []) => ModelPrice.create({ provider, model, free: true, aliases });

const prices = new PriceBook([
  free("openai", "gpt-4o", ["gpt-4o-2024-08-06"]),
  free("openai", "gpt-4o-mini"),
  free("groq", "llama"),
  free("house", "fine-tuned"),
]);
const providers = [upstream("openai-eu", "openai"), upstream("azure", "openai"), upstream("groq", "groq"), upstream("house", "")];
const deployments = [
  deployment("b", "chat", "openai-eu", "gpt-4o"),
  deployment("a", "chat", "azure", "gpt-4o-mini"),
  deployment("c", "gpt-4o-mini", "house", "fine-tuned"),
  deployment("d", "lost", "gone", "x"),
];
const table = createRoutingTable(providers, deployments);
const routed = (name: string) => {
  const found = route(table, prices, name, AT);
  return found && [found.upstream.id, found.model, found.price?.model];
};

describe("a bare name", () => {
  test("is meant for Azure only where nobody else has it", () => {
    const [azure, openai] = [{ ...upstream("azure", "openai"), kind: "azure" as const }, upstream("openai", "openai")];
    expect(route(createRoutingTable([azure, openai], []), prices, "gpt-4o", AT)?.upstream.id).toBe("openai");
    expect(route(createRoutingTable([azure], []), prices, "gpt-4o", AT)?.upstream.id).toBe("azure");
    expect(route(createRoutingTable([azure, openai], []), prices, "azure/gpt-4o", AT)?.upstream.id).toBe("azure");
  });
});

test("the Gemini API is not taken to serve Claude, which Google's price book has", () => {
  const gemini = { ...upstream("gemini", "google"), kind: "gemini" as const };
  const book = new PriceBook([free("google", "claude-opus-5"), free("google", "gemini-3-pro")]);
  expect(route(createRoutingTable([gemini], []), book, "gemini-3-pro", AT)?.upstream.id).toBe("gemini");
  expect(route(createRoutingTable([gemini], []), book, "claude-opus-5", AT)).toBeUndefined();
});

describe("a route", () => {
  test.each([
    ["of a deployment is the one with the smallest id", "chat", ["azure", "gpt-4o-mini", "gpt-4o-mini"]],
    ["of a deployment goes before the price book", "gpt-4o-mini", ["house", "fine-tuned", "fine-tuned"]],
    ["of a priced model is the first provider by id", "gpt-4o", ["azure", "gpt-4o", "gpt-4o"]],
    ["of a snapshot is its model's", "gpt-4o-2024-08-06", ["azure", "gpt-4o-2024-08-06", "gpt-4o"]],
    ["can name its provider", "openai-eu/gpt-4o", ["openai-eu", "gpt-4o", "gpt-4o"]],
    ["with a provider takes models whose price is not known", "openai-eu/gpt-99", ["openai-eu", "gpt-99", undefined]],
    ["with a provider keeps further slashes", "groq/meta/llama", ["groq", "meta/llama", undefined]],
    ["with a provider without a price book is one of its deployments", "house/fine-tuned", ["house", "fine-tuned", "fine-tuned"]],
    ["with a provider knows its deployments by our name too", "house/gpt-4o-mini", ["house", "fine-tuned", "fine-tuned"]],
  ])("%s", (_, name, expected) => expect(routed(name)).toEqual(expected));

  test.each(["gpt-99", "house/llama", "nobody/gpt-4o", "openai-eu/", "/gpt-4o", "", "lost"])("of %j is none", (name) => {
    expect(routed(name)).toBeUndefined();
  });
});

test("a provider's deployments are found without looking at those of others", () => {
  expect(table.byProvider.get("azure")?.map(({ id }) => id)).toEqual(["a"]);
  expect([...table.byProvider.keys()].toSorted()).toEqual(["azure", "house", "openai-eu"]);
});

describe("the catalogue", () => {
  test("lists every model once, by name, as it would be served", () => {
    const models = listModels(table, prices, [], AT);
    expect(models.map(({ id, provider }) => `${id} at ${provider}`)).toEqual([
      "chat at azure", "gpt-4o at azure", "gpt-4o-mini at house", "llama at groq",
    ]);
  });

  test("leaves out what the key may not use", () => {
    expect(listModels(table, prices, ["gpt-*"], AT).map(({ id }) => id)).toEqual(["gpt-4o", "gpt-4o-mini"]);
  });

  test("says whether the price is known", () => {
    expect(findModel(table, prices, "openai-eu/gpt-99", AT)?.priced).toBe(false);
    expect(findModel(table, prices, "chat", AT)?.priced).toBe(true);
  });
});

describe("allowed models", () => {
  test.each([
    [[], "gpt-4o", true],
    [["gpt-4o"], "gpt-4o", true],
    [["gpt-4o"], "gpt-4o-mini", false],
    [["gpt-4o*"], "gpt-4o-mini", true],
    [["*"], "anything", true],
    [["gpt-4o"], "GPT-4o", false],
    [["gpt-4o"], "openai/gpt-4o", false],
    [["g*t"], "gpt", false],
  ])("%j and %s: %s", (allowed, model, expected) => expect(mayUse(allowed, model)).toBe(expected));
});
