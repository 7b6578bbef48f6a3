import { fail } from "@alfred/errors";
import { type Prices, type Route, type RoutingTable, routesOf } from "../domain/route.ts";
import type { StoredResponse } from "./id-seal.ts";

/** Where what a request goes on from is kept. */
export type Holder = Pick<StoredResponse, "providerId" | "model">;

interface Known {
  readonly routes: RoutingTable;
  readonly prices: Prices;
}

/**
 * The one way of a request that goes on from what a provider keeps: to that provider, by the deployment that gave it where the
 * model has several there, whatever rules and weights say.
 *
 * @param chosen where it would go otherwise
 * @throws AlfredError PREVIOUS_RESPONSE_NOT_FOUND where the provider is not configured any more; INVALID_ARGUMENT where it does not serve the model
 */
export function routeToHolder(known: Known, chosen: readonly Route[], asked: string, holder: Holder, at: Date): Route {
  const route = findHolder(known, chosen, asked, holder, at);
  if (route !== undefined) return route;
  throw known.routes.providers.has(holder.providerId) ? servedElsewhere(asked, holder.providerId) : providerGone(holder.providerId);
}

/** The same way; undefined where there is none. */
export function findHolder({ routes, prices }: Known, chosen: readonly Route[], asked: string, { providerId, model }: Holder, at: Date): Route | undefined {
  const name = routes.aliases.get(asked) ?? asked;
  // Of a model that several serve the bare name stands for one of them.
  const own = routesOf(routes, prices, `${providerId}/${name}`, at).filter(({ price }) => price !== undefined);
  const there = [...chosen, ...routesOf(routes, prices, asked, at), ...own].filter(({ upstream }) => upstream.id === providerId);
  return there.find((each) => each.model === model) ?? there[0];
}

function servedElsewhere(model: string, provider: string): Error {
  return fail("INVALID_ARGUMENT", `The previous response is kept at the provider ${provider}, which does not serve the model ${model}.`, {
    hint: "Ask for a model of that provider, or send what was said before as items of `input`.",
    metadata: { field: "model", provider },
  });
}

function providerGone(provider: string): Error {
  return fail("PREVIOUS_RESPONSE_NOT_FOUND", `The provider ${provider}, which keeps the previous response, is not configured here any more.`, {
    hint: "Send what was said before as items of `input`.",
    metadata: { field: "previous_response_id", provider },
  });
}
