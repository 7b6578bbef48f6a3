import type {
  DeleteResponseRequest, DeleteResponseResponse, GetResponseRequest, GetResponseResponse, ListResponseInputItemsRequest, ListResponseInputItemsResponse, ModelResponse, ResponseItemList,
} from "@alfred/contracts";
import { parseJson, readResponse, readResponseItemList } from "@alfred/openai";
import type { CallContext } from "@alfred/rpc";
import { payerOf } from "../exchange/caller.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { requireObject } from "../providers/loose-json.ts";
import { isWhole } from "../responses/kept.ts";
import { askHolder } from "../stored/ask-holder.ts";
import type { StoredResponse } from "../stored/id-seal.ts";
import type { ToldItems } from "../stored/item-ids.ts";
import { answerItems, promptItems } from "../stored/told-id.ts";
import { checkInputItems, checkIncluded } from "./validate-stored.ts";

/** Tells a stored response, by the client's ids. */
export async function getResponse(parts: ExchangeParts, { responseId: id, include }: GetResponseRequest, context: CallContext): Promise<GetResponseResponse> {
  const query = new URLSearchParams(checkIncluded(include).map((each) => ["include[]", each]));
  const { message, stored } = await askHolder(parts, { method: "GET", id, query: () => query }, context, readResponse);
  const items = toldBy(parts, answerItems, stored, context);
  return { response: { ...message, id, output: items?.tell(message.output) ?? message.output, extra: { ...message.extra, ...previousOf(parts, message, stored, context) } } };
}

/** Deletes a stored response. */
export async function deleteResponse(parts: ExchangeParts, { responseId: id }: DeleteResponseRequest, context: CallContext): Promise<DeleteResponseResponse> {
  const { message } = await askHolder(parts, { method: "DELETE", id }, context, requireObject);
  return { deleted: message["deleted"] === true };
}

/** Tells what a stored response was asked. */
export async function listResponseInputItems(parts: ExchangeParts, request: ListResponseInputItemsRequest, context: CallContext): Promise<ListResponseInputItemsResponse> {
  const query = checkInputItems(request);
  const own = (stored: StoredResponse): URLSearchParams => byOwnId(parts, query, stored, context);
  const about = { method: "GET", part: "input_items", id: request.responseId, query: own } as const;
  const { message, stored } = await askHolder(parts, about, context, readResponseItemList);
  const items = toldBy(parts, promptItems, stored, context);
  if (items === undefined) return { list: message };
  return { list: withProofs(message, items) };
}

/** A list by the client's ids: what says all that it is was named by its provider, but ids of others may be what a client wrote, and so prove nothing. */
function withProofs(list: ResponseItemList, items: ToldItems): ResponseItemList {
  const data = list.data.map((item) => (item.id !== undefined && isWhole(item.type) ? { ...item, id: items.idOf(item.id) } : item));
  const told = (id: string | undefined): string | undefined => data[list.data.findIndex((item) => item.id === id)]?.id ?? id;
  return { ...list, data, firstId: told(list.firstId), lastId: told(list.lastId) };
}

/** The ids of items as the caller is told them. */
function toldBy({ feeds: { seal } }: ExchangeParts, make: typeof answerItems, stored: StoredResponse, { principal }: CallContext): ToldItems | undefined {
  return seal && make(seal, stored, payerOf(principal).path.organisationId);
}

/** A query by the provider's id of the item after which to begin; another that the client names is a place in its own list at most. */
function byOwnId({ feeds: { seal } }: ExchangeParts, query: URLSearchParams, { providerId }: StoredResponse, { principal }: CallContext): URLSearchParams {
  const after = query.get("after");
  const item = after === null ? undefined : seal?.items(payerOf(principal).path.organisationId).open(after, providerId);
  if (item === undefined) return query;
  return new URLSearchParams([...query].map(([name, value]) => [name, name === "after" ? item.upstreamId : value]));
}

/** What the response went on from, under an id that the client can use; how much stands in it is not known any more. */
function previousOf({ feeds: { seal } }: ExchangeParts, { extra: { previous_response_id: raw = "null" } }: ModelResponse, stored: StoredResponse, { principal }: CallContext): Record<string, string> {
  const upstreamId = parseJson(raw);
  if (typeof upstreamId !== "string" || seal === undefined) return {};
  const { organisationId } = payerOf(principal).path;
  return { previous_response_id: JSON.stringify(seal.seal({ ...stored, upstreamId, tokens: undefined, answerTokens: undefined }, organisationId)) };
}
