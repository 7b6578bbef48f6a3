import { Model } from "@alfred/contracts";
import { writeModel } from "@alfred/openai";
import { anthropicModel, anthropicModels, speaksAnthropic } from "../anthropic/models.ts";
import { sendJson, type Exchange } from "../http/exchange.ts";
import { callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";

/** GET /v1/models: those that the key may use, in Anthropic's form for its clients. */
export async function listModels({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const { models } = await gateway.listModels({}, callOptions(exchange));
  sendJson(exchange.response, 200, speaksAnthropic(exchange.request) ? anthropicModels(models) : { object: "list", data: models.map(writeModel) });
}

/** GET /v1/models/{model}; the name may have slashes in it. */
export async function getModel({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const { model = Model.create() } = await gateway.getModel({ model: exchange.params["model"] ?? "" }, callOptions(exchange));
  sendJson(exchange.response, 200, speaksAnthropic(exchange.request) ? anthropicModel(model) : writeModel(model));
}
