import type { ModelList } from "./allowed-models.ts";
import { namesOf } from "./catalogue.ts";
import { type Prices, type RoutingTable, routesOf } from "./route.ts";

/** The models that can be asked for by a name that `ListModels` tells, by their providers' ids, as these name them. */
export function modelsInReach(routes: RoutingTable, prices: Prices, lists: readonly ModelList[], at: Date): Map<string, Set<string>> {
  const models = new Map<string, Set<string>>();
  for (const name of namesOf(routes, prices, lists, at)) {
    for (const { upstream, model } of routesOf(routes, prices, name, at)) models.getOrInsertComputed(upstream.id, () => new Set()).add(model);
  }
  return models;
}
