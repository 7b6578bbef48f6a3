import type { Model } from "@alfred/contracts";
import { type ModelList, refusingList } from "./allowed-models.ts";
import { type Prices, type Route, type RoutingTable, routesOf } from "./route.ts";

/**
 * The models that these lists allow, by name: every alias and deployment, and every priced model of each provider with a
 * price book. Each is listed once, as `route` would serve it; what it would not serve is left out.
 */
export function listModels(table: RoutingTable, prices: Prices, lists: readonly ModelList[], at: Date): Model[] {
  return namesOf(table, prices, lists, at)
    .toSorted()
    .map((name) => findModel(table, prices, name, at))
    .filter((model) => model !== undefined);
}

/** One model under the name asked for, undefined where nobody serves it. */
export function findModel(table: RoutingTable, prices: Prices, name: string, at: Date): Model | undefined {
  const routes = routesOf(table, prices, name, at);
  const found = routes.find(({ price }) => price !== undefined) ?? routes[0];
  return found && modelOf(name, found);
}

/** The names that are known and that these lists allow, each once, in no order. */
export function namesOf(table: RoutingTable, prices: Prices, lists: readonly ModelList[], at: Date): string[] {
  const names = new Set([...table.aliases.keys(), ...table.deployments.keys()]);
  for (const { priceBook } of table.providers.values()) {
    if (priceBook !== "") for (const { model } of prices.models(priceBook, at)) if (!BEGINNING.test(model)) names.add(model);
  }
  return [...names].filter((name) => refusingList(lists, name) === undefined);
}

/**
 * Beginnings of names that price books have for all models that customers had tuned, and that nobody can ask for: OpenAI's
 * own go on with who had them tuned ("ft:gpt-4o-mini-2024-07-18:acme::a1"), Azure's with an id ("….ft-0e208cf3").
 */
const BEGINNING = /^ft:[^:]*$|\.ft-$/;

/** A model by the name that clients ask for, as it is served there. */
export function modelOf(id: string, { upstream, price }: Route): Model {
  return {
    id,
    provider: upstream.id,
    // Neither the configuration nor the price book says since when a model is served.
    created: 0n,
    contextWindow: price?.contextWindow,
    maxOutputTokens: price?.maxOutputTokens,
    priced: price !== undefined,
  };
}
