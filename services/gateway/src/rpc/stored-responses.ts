import type {
  DeleteResponseRequest, DeleteResponseResponse, GetResponseRequest, GetResponseResponse, ListResponseInputItemsRequest, ListResponseInputItemsResponse, ModelResponse,
} from "@alfred/contracts";
import { parseJson, readResponse, readResponseItemList } from "@alfred/openai";
import type { CallContext } from "@alfred/rpc";
import { payerOf } from "../exchange/caller.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { requireObject } from "../providers/loose-json.ts";
import { askHolder } from "../stored/ask-holder.ts";
import type { StoredResponse } from "../stored/id-seal.ts";
import { checkInputItems, checkIncluded } from "./validate-stored.ts";

/** Tells a stored response, by the client's ids. */
export async function getResponse(parts: ExchangeParts, { responseId: id, include }: GetResponseRequest, context: CallContext): Promise<GetResponseResponse> {
  const query = new URLSearchParams(checkIncluded(include).map((each) => ["include[]", each]));
  const { message, stored } = await askHolder(parts, { method: "GET", id, query }, context, readResponse);
  return { response: { ...message, id, extra: { ...message.extra, ...previousOf(parts, message, stored, context) } } };
}

/** Deletes a stored response. */
export async function deleteResponse(parts: ExchangeParts, { responseId: id }: DeleteResponseRequest, context: CallContext): Promise<DeleteResponseResponse> {
  const { message } = await askHolder(parts, { method: "DELETE", id }, context, requireObject);
  return { deleted: message["deleted"] === true };
}

/** Tells what a stored response was asked. */
export async function listResponseInputItems(parts: ExchangeParts, request: ListResponseInputItemsRequest, context: CallContext): Promise<ListResponseInputItemsResponse> {
  const about = { method: "GET", part: "input_items", id: request.responseId, query: checkInputItems(request) } as const;
  const { message } = await askHolder(parts, about, context, readResponseItemList);
  return { list: message };
}

/** What the response went on from, under an id that the client can use; how much stands in it is not known any more. */
function previousOf({ feeds: { seal } }: ExchangeParts, { extra: { previous_response_id: raw = "null" } }: ModelResponse, stored: StoredResponse, { principal }: CallContext): Record<string, string> {
  const upstreamId = parseJson(raw);
  if (typeof upstreamId !== "string" || seal === undefined) return {};
  const { organisationId } = payerOf(principal).path;
  return { previous_response_id: JSON.stringify(seal.seal({ ...stored, upstreamId, tokens: undefined }, organisationId)) };
}
