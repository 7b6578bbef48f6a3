import { parseJson, readBatchTerms, writeBatch } from "@alfred/openai";
import { sendJson, type Exchange } from "../http/exchange.ts";
import { callOf, callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";
import { listOf, pageOf } from "./pages.ts";

/** POST /v1/batches. */
export async function createBatch({ gateway, bodies }: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const terms = readBatchTerms(await bodies.read(exchange.request, parseJson));
  const { batch } = await gateway.createBatch({ call, terms }, options);
  sendJson(exchange.response, 200, batch && writeBatch(batch));
}

/** GET /v1/batches, newest first. */
export async function listBatches({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const { query, response } = exchange;
  const { batches, hasMore } = await gateway.listBatches({ after: query.get("after") ?? "", limit: pageOf(query).limit }, callOptions(exchange));
  sendJson(response, 200, listOf(batches.map(({ id }) => id), batches.map(writeBatch), hasMore));
}

/** GET /v1/batches/{batch}. */
export async function getBatch({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const { batch } = await gateway.getBatch({ id: exchange.params["batch"] ?? "" }, callOptions(exchange));
  sendJson(exchange.response, 200, batch && writeBatch(batch));
}

/** POST /v1/batches/{batch}/cancel. */
export async function cancelBatch({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const { batch } = await gateway.cancelBatch({ id: exchange.params["batch"] ?? "" }, callOptions(exchange));
  sendJson(exchange.response, 200, batch && writeBatch(batch));
}
