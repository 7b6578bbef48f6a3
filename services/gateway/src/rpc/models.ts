import type { GetModelRequest, GetModelResponse, ListModelsResponse, Model } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { refusingList } from "../domain/allowed-models.ts";
import { findModel, listModels as listAllowed } from "../domain/catalogue.ts";
import { routesOf } from "../domain/route.ts";
import { modelNotFound, notForKey, orMeant } from "../exchange/find-route.ts";
import { ruledModel, ruledModels } from "../exchange/ruled-models.ts";
import { requirePrice } from "../exchange/plan.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { checkModel } from "./validate.ts";

type ModelParts = Pick<ExchangeParts, "feeds" | "strategy" | "targets" | "random" | "now">;

/** The models that the calling key may use, by name, aliases among them, and names that only rules for routes know. Root and peers see all, those without a price too, which nobody is served. */
export async function listModels(parts: ModelParts, { principal: { key, tenant } }: CallContext): Promise<ListModelsResponse> {
  const { feeds, now } = parts;
  feeds.requireSynced();
  const served = listAllowed(feeds.routes, feeds.prices, feeds.modelLists.of(key), new Date(now()));
  const ruled = ruledModels(parts, key, new Set(feeds.rules.models).difference(new Set(served.map(({ id }) => id))));
  const models = ruled.length === 0 ? served : [...served, ...ruled].toSorted(byName);
  return { models: tenant === undefined ? models : models.filter(({ priced }) => priced) };
}

/** One model, by any name that a request could ask for; what a key would not be served is refused as a request for it would be. */
export async function getModel(parts: ModelParts, request: GetModelRequest, context: CallContext): Promise<GetModelResponse> {
  const { feeds, now } = parts;
  const { key, tenant } = context.principal;
  feeds.requireSynced();
  checkModel(request.model);
  const at = new Date(now());
  if (refusingList(feeds.modelLists.of(key), request.model) !== undefined) throw notForKey(request.model);
  const model = findModel(feeds.routes, feeds.prices, request.model, at) ?? ruledModel(parts, key, request.model);
  if (model === undefined) throw modelNotFound(feeds, key, request.model, at);
  const [first] = routesOf(feeds.routes, feeds.prices, request.model, at);
  try {
    if (tenant !== undefined && !model.priced && first !== undefined) requirePrice(first, request.model);
  } catch (error) {
    throw orMeant(feeds, key, request.model, error, at);
  }
  return { model };
}

function byName({ id: left }: Model, { id: right }: Model): number {
  return left < right ? -1 : Number(left > right);
}
