import { fail } from "@alfred/errors";
import { type Prices, type Route, type RoutingTable, routesOf } from "../domain/route.ts";
import { isModel } from "./model-mark.ts";

/** Where what a request goes on from is kept. */
export interface Holder {
  readonly providerId: string;
  /** The model that gave it, as the provider names it, or its mark. */
  readonly model: string;
}

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
  return there.find((each) => isModel(model, each.model)) ?? there[0];
}

function servedElsewhere(model: string, provider: string): Error {
  return fail("INVALID_ARGUMENT", `What was said before is kept at the provider ${provider}, which does not serve the model ${model}.`, {
    hint: "Ask for a model of that provider, or send what was said before as items of `input`; clients that refer to earlier items send them whole with `store` set to false.",
    metadata: { field: "model", provider },
  });
}

function providerGone(provider: string): Error {
  return fail("PREVIOUS_RESPONSE_NOT_FOUND", `The provider ${provider}, which keeps the previous response, is not configured here any more.`, {
    hint: "Send what was said before as items of `input`.",
    metadata: { field: "previous_response_id", provider },
  });
}
