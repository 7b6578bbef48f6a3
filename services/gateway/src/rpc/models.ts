import type { GetModelRequest, GetModelResponse, ListModelsResponse } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { CallContext, Principal } from "@alfred/rpc";
import { mayUse } from "../domain/allowed-models.ts";
import { findModel, listModels as listAllowed } from "../domain/catalogue.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { checkModel } from "./validate.ts";

type ModelParts = Pick<ExchangeParts, "feeds" | "now">;

/** The models that the calling key may use; root and peers see all. */
export async function listModels({ feeds, now }: ModelParts, context: CallContext): Promise<ListModelsResponse> {
  feeds.requireSynced();
  return { models: listAllowed(feeds.routes, feeds.prices, allowedOf(context.principal), new Date(now())) };
}

/** One model, by any name that a request could ask for. */
export async function getModel({ feeds, now }: ModelParts, request: GetModelRequest, context: CallContext): Promise<GetModelResponse> {
  feeds.requireSynced();
  checkModel(request.model);
  const isAllowed = mayUse(allowedOf(context.principal), request.model);
  const model = isAllowed ? findModel(feeds.routes, feeds.prices, request.model, new Date(now())) : undefined;
  if (model !== undefined) return { model };
  throw fail("MODEL_NOT_FOUND", `No provider here serves the model ${request.model}.`, { metadata: { model: request.model } });
}

function allowedOf({ key }: Principal): readonly string[] {
  return key?.allowedModels ?? [];
}
