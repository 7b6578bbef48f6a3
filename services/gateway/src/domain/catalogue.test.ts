import { ModelPrice } from "@alfred/contracts";
import { ANY_MODEL, PriceBook } from "@alfred/money";
import { describe, expect, test } from "vitest";
import { ModelPatterns, refusingList } from "./allowed-models.ts";
import { findModel, listModels, namesOf } from "./catalogue.ts";
import { nearModels } from "./near-models.ts";
import { createRoutingTable } from "./route.ts";

const AT = new Date("2026-11-21T12:00:00Z");
const upstream = (id: string) => ({ id, kind: "openai" as const, baseUrl: `https://${id}.test/v1`, secret: "", priceBook: id });
const free = (provider: string, model: string) => ModelPrice.create({ provider, model, free: true });
const listOf = (...patterns: string[]) => [{ kind: "team", id: "team_1", patterns: new ModelPatterns(patterns) }];

const prices = new PriceBook([free("openai", "gpt-4o"), free("openai", "gpt-4o-mini"), free("ollama", ANY_MODEL)]);
const deployments = [{ id: "a", model: "chat", providerId: "openai", upstreamModel: "gpt-4o-mini" }];
const aliases = new Map([["fast", "gpt-4o-mini"], ["home", "ollama/llama3"], ["lost", "xyz"]]);
const table = createRoutingTable([upstream("openai"), upstream("ollama")], deployments, aliases);

describe("the catalogue", () => {
  test("lists every model and alias once, by name, as it would be served", () => {
    expect(listModels(table, prices, [], AT).map(({ id, provider }) => `${id} at ${provider}`)).toEqual([
      "chat at openai", "fast at openai", "gpt-4o at openai", "gpt-4o-mini at openai", "home at ollama",
    ]);
  });

  test("leaves out beginnings of names, which stand for all tuned models", () => {
    const tuned = ["ft:gpt-3.5-turbo-", "ft:gpt-4o", "gpt-4o-mini-2024-07-18.ft-", "ft:gpt-4o:acme::a1", "gpt-4o.ft-1"];
    const book = new PriceBook(tuned.map((model) => free("openai", model)));
    expect(listModels(createRoutingTable([upstream("openai")], []), book, [], AT).map(({ id }) => id)).toEqual(["ft:gpt-4o:acme::a1", "gpt-4o.ft-1"]);
  });

  test("leaves out what is not allowed", () => {
    expect(listModels(table, prices, [...listOf("gpt-*", "fast"), ...listOf("*mini", "fast", "gpt-4o")], AT).map(({ id }) => id)).toEqual(["fast", "gpt-4o"]);
  });

  test("says whether the price is known", () => {
    expect(findModel(table, prices, "openai/gpt-99", AT)?.priced).toBe(false);
    expect(findModel(table, prices, "ollama/llama3.2:3b", AT)?.priced).toBe(true);
  });
});

describe("near models", () => {
  const names = namesOf(table, prices, [], AT);
  test.each([
    ["gpt-4o-min", ["gpt-4o-mini", "gpt-4o"]],
    ["gtp-4o-mini", ["gpt-4o-mini"]],
    ["GPT-4O", ["gpt-4o", "gpt-4o-mini"]],
    ["claude", []],
    ["x", []],
  ])("of %s", (asked, expected) => expect(nearModels(names, asked)).toEqual(expected));

  test("are three at most, the same whatever their order", () => {
    const many = ["model-1", "model-2", "model-3", "model-4"];
    expect(nearModels(many, "model-")).toEqual(["model-1", "model-2", "model-3"]);
    expect(nearModels(many.toReversed(), "model-")).toEqual(["model-1", "model-2", "model-3"]);
  });
});

describe("allowed models", () => {
  test.each([
    [["gpt-4o"], "gpt-4o", true],
    [["gpt-4o"], "gpt-4o-mini", false],
    [["gpt-4o*"], "gpt-4o-mini", true],
    [["*"], "anything", true],
    [["gpt-4o"], "GPT-4o", false],
    [["gpt-4o"], "openai/gpt-4o", false],
    [["o3", "gpt-*"], "o3", true],
  ])("%j and %s: %s", (patterns, model, expected) => expect(new ModelPatterns(patterns).allow(model)).toBe(expected));

  test("are what all lists allow, and the first that does not is told", () => {
    const lists = [...listOf("gpt-*"), { kind: "organisation", id: "org_1", patterns: new ModelPatterns(["gpt-4o"]) }];
    expect(refusingList(lists, "gpt-4o")).toBeUndefined();
    expect(refusingList(lists, "gpt-5")?.id).toBe("org_1");
    expect(refusingList(lists, "o3")?.id).toBe("team_1");
    expect(refusingList([], "o3")).toBeUndefined();
  });
});
