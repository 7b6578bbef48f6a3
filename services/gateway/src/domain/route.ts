import type { ModelPrice } from "@alfred/contracts";
import { ANY_MODEL } from "@alfred/money";
import { detect, isTagged } from "./detect.ts";
import { KNOWN_FAMILIES } from "./model-families.ts";

/** What a provider speaks. */
export type ProviderKind =
  | "openai" | "azure" | "anthropic" | "gemini" | "cohere"
  | "mistral" | "deepseek" | "groq" | "together" | "perplexity" | "lambda" | "ollama";

/** A provider as requests are sent to it. */
export interface Upstream {
  /** Its id in the configuration. */
  readonly id: string;
  readonly kind: ProviderKind;
  /** Where its API is, without a slash at the end. */
  readonly baseUrl: string;
  /** The key to call it with, empty where it needs none. */
  readonly secret: string;
  /** The provider in the price book whose models it serves, empty where it serves its deployments only. */
  readonly priceBook: string;
  /** Where it is, in the operator's words. */
  readonly region?: string;
  /** The version of its API to ask for, empty for the default; Azure's alone has one. */
  readonly apiVersion?: string;
}

/** A model that a provider serves under a name of ours. */
export interface DeployedModel {
  readonly id: string;
  /** The name that clients ask for. */
  readonly model: string;
  readonly providerId: string;
  /** The model as the provider names it. */
  readonly upstreamModel: string;
  /** How often it is chosen among those of the same model, in proportion to theirs; 1 unless stated, of 0 it is the last resort. */
  readonly weight?: number | undefined;
}

/** What is configured, in the order in which it is tried, whatever the order in which it came. */
export interface RoutingTable {
  /** Providers by id, in the order in which their price books are asked. */
  readonly providers: ReadonlyMap<string, Upstream>;
  /** Providers that take any model, by family, in the same order. */
  readonly families: ReadonlyMap<string, readonly Upstream[]>;
  /** Deployments by the name that clients ask for, each list in the order of ids. */
  readonly deployments: ReadonlyMap<string, readonly DeployedModel[]>;
  /** Deployments by the id of their provider, each list in the order of ids. */
  readonly byProvider: ReadonlyMap<string, readonly DeployedModel[]>;
  /** The model that is meant, by the alias that clients ask for. */
  readonly aliases: ReadonlyMap<string, string>;
}

/** The part of the price book that routing reads. */
export interface Prices {
  find(provider: string, name: string, at: Date): ModelPrice | undefined;
  models(provider: string, at: Date): ModelPrice[];
}

/** Where a request goes. */
export interface Route {
  readonly upstream: Upstream;
  /** The model as the provider names it. */
  readonly model: string;
  /** What it costs now; undefined where that is not known. */
  readonly price: ModelPrice | undefined;
  /** Its share among candidates; see `DeployedModel`. */
  readonly weight?: number | undefined;
}

/** A table of these providers, deployments and aliases. A deployment whose provider is not known serves nothing. */
export function createRoutingTable(
  providers: Iterable<Upstream>,
  deployments: Iterable<DeployedModel>,
  aliases: ReadonlyMap<string, string> = new Map(),
): RoutingTable {
  const inTurn = [...providers].toSorted(byTurn);
  const byId = new Map(inTurn.map((upstream) => [upstream.id, upstream]));
  const families = Map.groupBy(inTurn.filter((each) => familyOf(each) !== ""), familyOf);
  const served = [...deployments].filter(({ providerId }) => byId.has(providerId)).toSorted(byRisingId);
  const byProvider = Map.groupBy(served, ({ providerId }) => providerId);
  return { providers: byId, families, deployments: Map.groupBy(served, ({ model }) => model), byProvider, aliases: new Map(aliases) };
}

/**
 * Where a request for `asked` can go, by ids; none where nobody serves it. Deployments of one name are candidates of each
 * other. An alias stands for the model that it names, and is looked up once: what it names is no alias again. Then the
 * first of these that applies:
 *
 * 1. `provider/model`, where the part before the first slash is a provider's id, or its family where one provider alone is of
 *    that family ("ollama/llama3" is Ollama's, whatever the id). A provider with a price book takes any model after the slash,
 *    priced or not; one without takes its deployments, by either of their names.
 * 2. The catalogue: the deployments of exactly this name; else the first provider by id whose price book knows the name,
 *    dated snapshots and aliases included. Azure's come last.
 * 3. How the name begins, and then what is in it (`detect.ts`), unless it named a provider.
 *
 * The same configuration and prices give the same routes, whatever the order in which they came.
 */
export function routesOf(table: RoutingTable, prices: Prices, asked: string, at: Date): readonly Route[] {
  const name = table.aliases.get(asked) ?? asked;
  const several = routesExplicit(table, prices, name, at) ?? routesDeployed(table, prices, name, at);
  if (several !== undefined) return several;
  const one = routePriced(table, prices, name, at) ?? routeDetected(table, prices, name, at);
  return one === undefined ? [] : [one];
}

/** The first of the routes that a request for `asked` can take. */
export function route(table: RoutingTable, prices: Prices, asked: string, at: Date): Route | undefined {
  return routesOf(table, prices, asked, at)[0];
}

function routesExplicit(table: RoutingTable, prices: Prices, name: string, at: Date): readonly Route[] | undefined {
  const slash = name.indexOf("/");
  const model = name.slice(slash + 1);
  const upstream = slash < 1 || model === "" ? undefined : providerCalled(table, name.slice(0, slash));
  if (upstream === undefined) return undefined;
  const own = table.byProvider.get(upstream.id) ?? [];
  const named = own.filter((each) => each.model === model);
  const deployments = named.length > 0 ? named : own.filter((each) => each.upstreamModel === model).slice(0, 1);
  if (deployments.length > 0) return deployments.map((each) => routeTo(upstream, each.upstreamModel, prices, at, each.weight));
  return upstream.priceBook === "" ? undefined : [routeTo(upstream, model, prices, at)];
}

function providerCalled({ providers, families }: RoutingTable, name: string): Upstream | undefined {
  const ofFamily = families.get(name);
  return providers.get(name) ?? (ofFamily?.length === 1 ? ofFamily[0] : undefined);
}

function routesDeployed(table: RoutingTable, prices: Prices, name: string, at: Date): readonly Route[] | undefined {
  return table.deployments.get(name)?.flatMap(({ providerId, upstreamModel, weight }) => {
    const upstream = table.providers.get(providerId);
    return upstream === undefined ? [] : [routeTo(upstream, upstreamModel, prices, at, weight)];
  });
}

function routePriced(table: RoutingTable, prices: Prices, name: string, at: Date): Route | undefined {
  // A book takes names that merely resemble its models'; a tag says whose they are.
  const isOllamas = isTagged(name) && table.families.has("ollama");
  for (const upstream of table.providers.values()) {
    if (upstream.priceBook === "" || (upstream.kind === "gemini" && VERTEX_ONLY.test(name))) continue;
    const price = prices.find(upstream.priceBook, name, at);
    // A price for whatever a provider has does not say that it has this.
    if (price !== undefined && price.model !== ANY_MODEL && !(isOllamas && price.model !== name)) return { upstream, model: name, price, weight: undefined };
  }
  return undefined;
}

/** Google's price book has these, too, but serves them elsewhere than behind the Gemini API. */
const VERTEX_ONLY = /^claude/;

function routeDetected(table: RoutingTable, prices: Prices, name: string, at: Date): Route | undefined {
  const upstream = detect(table, name);
  return upstream && routeTo(upstream, name, prices, at);
}

/** Without a price book a provider's models are priced by overrides under its own id. */
function routeTo(upstream: Upstream, model: string, prices: Prices, at: Date, weight?: number): Route {
  return { upstream, model, price: prices.find(upstream.priceBook || upstream.id, model, at), weight };
}

/**
 * What a provider's models are called together: its kind. Many speak as OpenAI does, and are called by their price books;
 * one with the price book of another kind is a place for those models, and not that provider. Empty for none.
 */
function familyOf({ kind, priceBook }: Upstream): string {
  if (priceBook === "") return "";
  if (kind !== "openai" || priceBook === "openai") return kind;
  return KNOWN_FAMILIES.has(priceBook) ? "" : priceBook;
}

/** Models of Azure are deployments of the operator's own, so a model's bare name is meant for others first. */
function byTurn(left: Upstream, right: Upstream): number {
  return Number(left.kind === "azure") - Number(right.kind === "azure") || byRisingId(left, right);
}

function byRisingId(left: { readonly id: string }, right: { readonly id: string }): number {
  return left.id < right.id ? -1 : Number(left.id > right.id);
}
