import { ModelPrice } from "@alfred/contracts";
import { ANY_MODEL, PriceBook } from "@alfred/money";
import { describe, expect, test } from "vitest";
import { type ProviderKind, type Upstream, createRoutingTable, route, routesOf } from "./route.ts";

const AT = new Date("2026-11-21T12:00:00Z");
const upstream = (id: string, priceBook: string, kind: ProviderKind = "openai"): Upstream => ({ id, kind, baseUrl: `https://${id}.test/v1`, secret: "", priceBook });
const deployment = (id: string, model: string, providerId: string, upstreamModel: string) => ({ id, model, providerId, upstreamModel });
const free = (provider: string, model: string, aliases: string[] = []) => ModelPrice.create({ provider, model, free: true, aliases });

const prices = new PriceBook([
  free("openai", "gpt-4o", ["gpt-4o-2024-08-06"]),
  free("openai", "gpt-4o-mini"),
  free("groq", "meta/llama"),
  free("groq", "openai/gpt-oss-120b"),
  free("together", "meta-llama/Llama-3-70b"),
  free("house", "fine-tuned"),
  free("ollama", ANY_MODEL),
]);
const providers = [
  upstream("openai-eu", "openai"), upstream("azure", "openai"), upstream("groq", "groq", "groq"), upstream("together", "together", "together"), upstream("house", ""),
  upstream("at-home", "ollama", "ollama"),
];
const deployments = [
  deployment("b", "chat", "openai-eu", "gpt-4o"),
  deployment("a", "chat", "azure", "gpt-4o-mini"),
  deployment("c", "gpt-4o-mini", "house", "fine-tuned"),
  deployment("d", "lost", "gone", "x"),
  deployment("e", "groq/shadowed", "azure", "gpt-4o"),
  deployment("f", "house/far", "azure", "gpt-4o"),
];
const aliases = new Map([
  ["fast", "gpt-4o"],
  ["faster", "fast"],
  ["gpt-4o-2024-08-06", "groq/meta/llama"],
  ["nowhere", "xyz"],
]);
const table = createRoutingTable(providers, deployments, aliases);
const routed = (name: string, within = table) => {
  const found = route(within, prices, name, AT);
  return found && [found.upstream.id, found.model, found.price?.model];
};

test("deployments of one name are candidates of each other, by id, with their weights", () => {
  const weighted = [...deployments.slice(1), { ...deployment("b", "chat", "openai-eu", "gpt-4o"), weight: 0 }];
  const found = (name: string) => routesOf(createRoutingTable(providers, weighted, aliases), prices, name, AT).map((each) => [each.upstream.id, each.model, each.weight]);
  expect(found("chat")).toEqual([["azure", "gpt-4o-mini", undefined], ["openai-eu", "gpt-4o", 0]]);
  expect(found("azure/chat")).toEqual([["azure", "gpt-4o-mini", undefined]]);
  expect(found("gpt-4o")).toHaveLength(1);
  expect(found("nobody")).toEqual([]);
});

describe("a route", () => {
  test.each([
    ["of an alias is that of the model it stands for", "fast", ["azure", "gpt-4o", "gpt-4o"]],
    ["of an alias goes before all else of that name", "gpt-4o-2024-08-06", ["groq", "meta/llama", "meta/llama"]],
    ["that names its provider goes before a deployment", "groq/shadowed", ["groq", "shadowed", undefined]],
    ["can name its provider", "openai-eu/gpt-4o", ["openai-eu", "gpt-4o", "gpt-4o"]],
    ["with a provider takes models whose price is not known", "openai-eu/gpt-99", ["openai-eu", "gpt-99", undefined]],
    ["with a provider keeps further slashes", "groq/openai/gpt-oss-120b", ["groq", "openai/gpt-oss-120b", "openai/gpt-oss-120b"]],
    ["with a provider without a price book is one of its deployments", "house/fine-tuned", ["house", "fine-tuned", "fine-tuned"]],
    ["with a provider knows its deployments by our name too", "house/gpt-4o-mini", ["house", "fine-tuned", "fine-tuned"]],
    ["with a provider that does not serve it is a deployment's all the same", "house/far", ["azure", "gpt-4o", "gpt-4o"]],
    ["can name the family of one provider", "ollama/llama3", ["at-home", "llama3", ANY_MODEL]],
    ["of a deployment is the one with the smallest id", "chat", ["azure", "gpt-4o-mini", "gpt-4o-mini"]],
    ["of a deployment goes before the price book", "gpt-4o-mini", ["house", "fine-tuned", "fine-tuned"]],
    ["of a priced model is the first provider by id", "gpt-4o", ["azure", "gpt-4o", "gpt-4o"]],
    ["of a snapshot is its model's", "gpt-4o-20240806", ["azure", "gpt-4o-20240806", "gpt-4o"]],
    ["of a priced model with a slash is who prices it", "meta-llama/Llama-3-70b", ["together", "meta-llama/Llama-3-70b", "meta-llama/Llama-3-70b"]],
    ["of a name that says who made it is guessed last", "gpt-99", ["azure", "gpt-99", undefined]],
  ])("%s", (_, name, expected) => expect(routed(name)).toEqual(expected));

  test.each([
    ["an alias of an alias", "faster"],
    ["an alias of what nobody serves", "nowhere"],
    ["a provider without a price book, whatever the rest says", "house/llama"],
    ["a provider that is not there, whatever the rest says", "mistral/llama"],
    ["a family of several providers", "openai/gpt-4o"],
    ["a deployment whose provider is gone", "lost"],
    ["no model", "openai-eu/"],
    ["no provider", "/gpt-4o"],
    ["nothing", ""],
  ])("for %s is none", (_, name) => expect(routed(name)).toBeUndefined());
});

test("where OpenAI is configured what is called openai/… is its own, and else whose price book has it", () => {
  const groq = upstream("groq", "groq", "groq");
  expect(routed("openai/gpt-oss-120b", createRoutingTable([groq, upstream("openai", "openai")], []))).toEqual(["openai", "gpt-oss-120b", undefined]);
  expect(routed("openai/gpt-oss-120b", createRoutingTable([groq], []))?.[0]).toBe("groq");
});

test("who a provider is its kind says, and not whose prices it has", () => {
  const kinds = createRoutingTable([upstream("eu", "house", "mistral"), upstream("proxy", "mistral"), upstream("farm", "farm-prices")], []);
  expect(["mistral/m", "proxy/m", "farm-prices/m", "mistral-huge"].map((name) => routed(name, kinds)?.[0])).toEqual(["eu", "proxy", "farm", "eu"]);
});

test("a tag says Ollama, whatever the books take a name like it for", () => {
  const book = new PriceBook([free("openai", "gpt-4o-20240806:1"), ModelPrice.create({ provider: "deepseek", model: "deepseek-r1", free: true, aliases: ["deepseek-r1:7b"] })]);
  const [cloud, home] = [upstream("deepseek", "deepseek", "deepseek"), upstream("home", "ollama", "ollama")];
  const idOf = (name: string, ...among: Upstream[]) => route(createRoutingTable(among, []), book, name, AT)?.upstream.id;
  expect([idOf("deepseek-r1:7b", cloud, home), idOf("deepseek-r1:7b", cloud)]).toEqual(["home", "deepseek"]);
  expect(idOf("gpt-4o-20240806:1", upstream("openai", "openai"), home)).toBe("openai");
});

test("a bare name is meant for Azure only where nobody else has it", () => {
  const [azure, openai] = [{ ...upstream("azure", "openai"), kind: "azure" as const }, upstream("openai", "openai")];
  expect(routed("gpt-4o", createRoutingTable([azure, openai], []))?.[0]).toBe("openai");
  expect(routed("gpt-4o", createRoutingTable([azure], []))?.[0]).toBe("azure");
  expect(routed("azure/gpt-4o", createRoutingTable([azure, openai], []))?.[0]).toBe("azure");
  expect(routed("gpt-99", createRoutingTable([azure, openai], []))?.[0]).toBe("openai");
});

test("the Gemini API is not taken to serve Claude, which Google's price book has", () => {
  const gemini = { ...upstream("gemini", "google"), kind: "gemini" as const };
  const book = new PriceBook([free("google", "claude-opus-5"), free("google", "gemini-3-pro")]);
  expect(route(createRoutingTable([gemini], []), book, "gemini-3-pro", AT)?.upstream.id).toBe("gemini");
  expect(route(createRoutingTable([gemini], []), book, "claude-opus-5", AT)).toBeUndefined();
});

test("a provider's deployments are found without looking at those of others", () => {
  expect(table.byProvider.get("azure")?.map(({ id }) => id)).toEqual(["a", "e", "f"]);
  expect([...table.byProvider.keys()].toSorted()).toEqual(["azure", "house", "openai-eu"]);
});
