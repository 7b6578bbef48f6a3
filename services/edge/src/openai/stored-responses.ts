import { fail } from "@alfred/errors";
import { invalidField, writeResponse, writeResponseItemList } from "@alfred/openai";
import { type Exchange, sendJson } from "../http/exchange.ts";
import { callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";

/** GET /v1/responses/{response_id} */
export async function getResponse({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  if (exchange.query.get("stream") === "true") throw toldWhole();
  const { response } = await gateway.getResponse({ responseId: idOf(exchange), include: included(exchange) }, options);
  sendJson(exchange.response, 200, response === undefined ? null : writeResponse(response));
}

/** DELETE /v1/responses/{response_id} */
export async function deleteResponse({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const id = idOf(exchange);
  const { deleted } = await gateway.deleteResponse({ responseId: id }, callOptions(exchange));
  sendJson(exchange.response, 200, { id, object: "response", deleted });
}

/** GET /v1/responses/{response_id}/input_items */
export async function listInputItems({ gateway }: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const { query } = exchange;
  const [limit, order, after] = [limitOf(query), query.get("order") ?? undefined, query.get("after") ?? undefined];
  const { list } = await gateway.listResponseInputItems({ responseId: idOf(exchange), limit, order, after, include: included(exchange) }, options);
  sendJson(exchange.response, 200, list === undefined ? null : writeResponseItemList(list));
}

function idOf({ params }: Exchange): string {
  return params["response_id"] ?? "";
}

/** Clients write lists with brackets, or without. */
function included({ query }: Exchange): string[] {
  return [...query.getAll("include"), ...query.getAll("include[]")];
}

function limitOf(query: URLSearchParams): number | undefined {
  const limit = query.get("limit");
  if (limit === null) return undefined;
  if (!/^\d{1,4}$/.test(limit)) throw invalidField("limit", "a whole number from 1 to 100");
  return Number(limit);
}

function toldWhole(): Error {
  return fail("FEATURE_UNSUPPORTED", "Stored responses are told whole.", { hint: "Leave `stream` out.", metadata: { field: "stream", fields: "stream" } });
}
