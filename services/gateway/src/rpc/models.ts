import type { GetModelRequest, GetModelResponse, ListModelsResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { refusingList } from "../domain/allowed-models.ts";
import { findModel, listModels as listAllowed } from "../domain/catalogue.ts";
import { modelNotFound, notForKey } from "../exchange/find-route.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { checkModel } from "./validate.ts";

type ModelParts = Pick<ExchangeParts, "feeds" | "now">;

/** The models that the calling key may use, aliases among them; root and peers see all. */
export async function listModels({ feeds, now }: ModelParts, { principal: { key } }: CallContext): Promise<ListModelsResponse> {
  feeds.requireSynced();
  return { models: listAllowed(feeds.routes, feeds.prices, feeds.modelLists.of(key), new Date(now())) };
}

/** One model, by any name that a request could ask for. */
export async function getModel(parts: ModelParts, request: GetModelRequest, context: CallContext): Promise<GetModelResponse> {
  const { feeds, now } = parts;
  const { key } = context.principal;
  feeds.requireSynced();
  checkModel(request.model);
  const at = new Date(now());
  if (refusingList(feeds.modelLists.of(key), request.model) !== undefined) throw notForKey(request.model);
  const model = findModel(feeds.routes, feeds.prices, request.model, at);
  if (model === undefined) throw modelNotFound(feeds, key, request.model, at);
  return { model };
}
