import { ModelPrice } from "@alfred/contracts";
import { ANY_MODEL, PriceBook } from "@alfred/money";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VARIANTS } from "../providers/openai/variants.ts";
import { detect } from "./detect.ts";
import { BEGINNINGS, KNOWN_FAMILIES, PARTS } from "./model-families.ts";
import { type ProviderKind, type Upstream, createRoutingTable, route } from "./route.ts";

const providerOf = (family: string, id = family, priceBook = family): Upstream => ({ id, kind: family as ProviderKind, baseUrl: `https://${id}.test`, secret: "", priceBook });
const detected = (name: string, ...families: string[]) => detect(createRoutingTable(families.map((family) => providerOf(family)), []), name)?.id;
const ALL = [...KNOWN_FAMILIES];

describe("with every provider configured a name means", () => {
  test.each([
    ["gpt-9", "openai"], ["chatgpt-5-latest", "openai"], ["o1", "openai"], ["o4-mini-high", "openai"], ["text-embedding-4-large", "openai"], ["ft:gpt-4o:acme::abc", "openai"],
    ["claude-opus-9", "anthropic"], ["gemini-9-pro", "gemini"], ["command-z", "cohere"], ["embed-v9.0", "cohere"],
    ["mistral-huge-latest", "mistral"], ["codestral-latest", "mistral"], ["ministral-8b", "mistral"], ["magistral-medium", "mistral"], ["pixtral-large", "mistral"],
    ["deepseek-v9", "deepseek"], ["sonar-ultra", "perplexity"], ["llama3.2:3b", "ollama"], ["mistral:7b", "ollama"], ["qwen3", "ollama"], ["phi4", "ollama"],
    ["hf.co/someone/a-gguf:Q4_K_M", "ollama"], ["meta-llama/Llama-9-70b", "together"], ["Qwen/Qwen9", "together"],
    ["my-gpt-tune", "openai"], ["best-claude", "anthropic"], ["someone/llama-tune", "ollama"], ["GPT-9", "openai"],
  ])("%s: %s", (name, family) => expect(detected(name, ...ALL)).toBe(family));

  test.each(["o12", "o1x", "sonarqube-1", "commander", "xyz", "", "/", ":", "mistral/llama", "ollama/llama3", "acme/gpt-4"])("%j: nobody", (name) => {
    expect(detected(name, ...ALL.filter((family) => family !== "ollama"))).toBeUndefined();
  });
});

test("the next family serves where one is not configured, and the next row where none of a row is", () => {
  expect(detected("llama-9", "together", "lambda")).toBe("together");
  expect(detected("llama-9", "lambda")).toBe("lambda");
  expect(detected("gpt-9", "azure")).toBe("azure");
  expect(detected("deepseek-llama", "perplexity", "groq")).toBe("groq");
  expect(detected("claude-llama", "groq")).toBe("groq");
  expect(detected("claude-9", "groq")).toBeUndefined();
});

test("of several providers of a family the first by id is meant, and none without a price book", () => {
  const table = createRoutingTable([providerOf("openai", "b"), providerOf("openai", "a"), providerOf("openai", "0", "")], []);
  expect(detect(table, "gpt-9")?.id).toBe("a");
});

test("the tables are in small letters, and name every family that there is and no other", () => {
  expect(ALL.toSorted()).toEqual(["openai", "azure", "anthropic", "gemini", "cohere", ...Object.keys(VARIANTS)].toSorted());
  for (const { texts } of [...BEGINNINGS, ...PARTS]) {
    for (const text of texts) expect(text).toBe(text.toLowerCase());
  }
});

const WORDS = ["gpt", "llama3", "claude", "openai", "ollama", "o1", "x", "house", "mistral", "b", "a"];
const name = fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom("-", "/", ":", ".")), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
const provider = fc.tuple(fc.constantFrom(...ALL), fc.constantFrom("a", "b", "house", "openai", "ollama", "groq"), fc.boolean())
  .map(([family, id, isPriced]) => providerOf(family, id, isPriced ? family : ""));
const deployment = fc.record({ id: fc.constantFrom("1", "2", "3", "4"), model: name, providerId: fc.constantFrom("a", "b", "house"), upstreamModel: name });
const setup = fc.record({
  providers: fc.uniqueArray(provider, { selector: ({ id }) => id }),
  deployments: fc.uniqueArray(deployment, { selector: ({ id }) => id }),
  aliases: fc.uniqueArray(fc.tuple(name, name), { selector: ([alias]) => alias }),
});
const AT = new Date(0);
const prices = new PriceBook([
  ...["gpt", "llama3", "openai/gpt", "a/x"].flatMap((model) => ["openai", "groq", "azure"].map((each) => ModelPrice.create({ provider: each, model, free: true }))),
  ModelPrice.create({ provider: "ollama", model: ANY_MODEL, free: true }),
]);

const shuffle = <Item>(items: Item[]): fc.Arbitrary<Item[]> => fc.shuffledSubarray(items, { minLength: items.length });

test("the order in which the configuration came changes no route", () => {
  const shuffled = setup.chain(({ providers, deployments, aliases }) => {
    const first = fc.constant({ providers, deployments, aliases });
    return fc.tuple(first, shuffle(providers), shuffle(deployments), shuffle(aliases), name);
  });
  fc.assert(fc.property(shuffled, ([first, providers, deployments, aliases, asked]) => {
    const one = createRoutingTable(first.providers, first.deployments, new Map(first.aliases));
    const other = createRoutingTable(providers, deployments, new Map(aliases));
    for (const each of [asked, ...first.aliases.flat(), ...first.deployments.map(({ model }) => model)]) {
      expect(route(other, prices, each, AT)).toEqual(route(one, prices, each, AT));
    }
  }), { numRuns: 500 });
});

test("what names a configured provider with a price book is that provider's, whatever else is configured", () => {
  fc.assert(fc.property(setup, name, ({ providers, deployments }, model) => {
    const table = createRoutingTable(providers, deployments);
    for (const { id } of providers.filter(({ priceBook }) => priceBook !== "")) expect(route(table, prices, `${id}/${model}`, AT)?.upstream.id).toBe(id);
  }));
});
