import type { ChatRequest, ResponseItem, ResponseRequest } from "@alfred/contracts";
import { writeResponseRequest } from "@alfred/openai";
import { chatText } from "../domain/prompt-text.ts";
import type { PreparedRequest } from "../domain/provider-port.ts";
import type { Route } from "../domain/route.ts";
import { refuseSurcharges, surcharged } from "../domain/surcharge.ts";
import { chatBound } from "../domain/worst-case.ts";
import type { Mapped, ResponsesDialect } from "../providers/dialect.ts";
import { dialectOf, responsesOf } from "../providers/dialects.ts";
import { sentFields } from "../providers/loose-json.ts";
import { writeChat } from "../providers/openai/request.ts";
import { isReference, itemsOf, keptFields, nothingIsKept, withItems, withoutKept } from "../responses/kept.ts";
import { toChat } from "../responses/to-chat.ts";
import type { Place } from "../responses/turns.ts";
import type { StoredResponse } from "../stored/id-seal.ts";
import type { StoredItem } from "../stored/item-ids.ts";
import { withKept } from "../stored/kept-tokens.ts";
import { itemNotFound } from "../stored/past-items.ts";
import { NO_PAST, type Past, previousNotFound } from "../stored/past.ts";
import { type ClientNames, across } from "./across.ts";
import { limitAnswer, withLimit } from "./answer-limit.ts";
import { type Plan, charges, inBothForms, requirePrice, requireSupport, targetOf, written } from "./plan.ts";
import { takeOption, without } from "./unsupported.ts";

/**
 * Plans an answer in the form of Responses: as it was asked for a provider that speaks it, else by way of a chat.
 * @param limitTokens what the answer is to be cut to, below its own limit
 * @param past what `previous_response_id` and references to items stand for
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, PRICE_UNKNOWN, PREVIOUS_RESPONSE_NOT_FOUND, NOT_FOUND
 */
export function planResponse(response: ResponseRequest, route: Route, streamed: boolean, limitTokens?: bigint, past: Past = NO_PAST): Plan {
  const price = requirePrice(route, response.model);
  const dialect = dialectOf(route.upstream);
  const responses = responsesOf(route.upstream);
  const { asked, drops } = takeKept(response, route, responses !== undefined);
  const { previousResponseId } = asked;
  const stored = previousResponseId ? storedAt(route, past, previousResponseId) : undefined;
  const as = written(() => toChat(withItems(asked, (items) => items.filter((item) => !isReference(item))), dialect.hasOpenAiForm !== true));
  const chat = limitAnswer(withLimit(as.chat, asked.maxOutputTokens, route), route, dialect, price, limitTokens);
  const mapped = written(() => (responses === undefined ? across(dialect, { ...as, chat }, NAMES, route, streamed) : natively(responses, goingOn(asked, route, stored, past), chat, route, streamed)));
  const json = written(() => writeChat(chat, route.model, streamed));
  if (!price.free) refuseSurcharges(without({ ...json, ...surcharged(sentFields(asked.extra)) }, mapped.unsupported));
  requireSupport(mapped, route, drops);
  const { sent, body } = inBothForms(json, mapped);
  const own = chatBound(body, route.model, price, dialect);
  const bound = withKept(own, [...(stored === undefined ? [] : [stored]), ...(responses === undefined ? [] : past.items?.sources ?? [])], route, price);
  return {
    operation: "response", streamed, requestedModel: response.model, route, body: body.text, bound,
    request: { ...sent, ...(responses !== undefined && { form: "response" }), ...ownIdsOf(previousResponseId, stored, past) },
    ...charges(price, bound, response.model, route),
    asked: () => JSON.stringify(writeResponseRequest(response, { model: response.model, stream: streamed })),
    prompt: () => chatText(json),
    knownTokens: undefined,
    isClamped: limitTokens !== undefined,
  };
}

/** What is asked without what would have to be kept, which is refused unless it may be left out. @throws AlfredError FEATURE_UNSUPPORTED */
function takeKept(response: ResponseRequest, { upstream }: Route, isNative: boolean): { asked: ResponseRequest; drops: boolean } {
  const { asked, drops } = takeOption(response);
  const kept = keptFields(asked, isNative);
  if (kept.length === 0) return { asked, drops };
  const rest = withoutKept(asked, isNative);
  // Without all of them something has to be left to ask.
  const asksNothing = rest.input?.input?.$case === "items" && itemsOf(rest).length === 0;
  if (!drops || asksNothing) throw nothingIsKept(upstream.id, kept);
  return { asked: rest, drops };
}

/** What is kept where the request goes. @throws AlfredError PREVIOUS_RESPONSE_NOT_FOUND where that is nothing of the caller's */
function storedAt({ upstream }: Route, { stored }: Past, id: string): StoredResponse {
  if (stored?.providerId === upstream.id) return stored;
  throw previousNotFound(id);
}

/** The request by the provider's ids of what it goes on from. Where no id can be sealed nothing is stored. @throws AlfredError NOT_FOUND */
function goingOn(asked: ResponseRequest, { upstream }: Route, stored: StoredResponse | undefined, { keeps, items }: Past): ResponseRequest {
  const named = withItems(asked, (all) => all.map((item) => items?.sent(item, upstream.id) ?? unnamed(item)));
  return { ...named, previousResponseId: stored?.upstreamId, store: keeps ? asked.store : false };
}

/** @throws AlfredError NOT_FOUND for a reference */
function unnamed(item: ResponseItem): ResponseItem {
  if (isReference(item)) throw itemNotFound(item.id);
  return item;
}

/** What is told by the client's ids where the provider refuses it. */
function ownIdsOf(previousResponseId = "", stored: StoredResponse | undefined, { items }: Past): Pick<PreparedRequest, "ownIds"> {
  const named = items?.names ?? new Map<string, StoredItem>();
  if (stored === undefined && named.size === 0) return {};
  const responses = stored === undefined ? [] : [[stored.upstreamId, previousResponseId] as const];
  return { ownIds: new Map([...responses, ...[...named].map(([told, { upstreamId }]) => [upstreamId, told] as const)]) };
}

function natively(responses: ResponsesDialect, response: ResponseRequest, { maxTokens, maxCompletionTokens }: ChatRequest, route: Route, streamed: boolean): Mapped {
  return responses.request({ ...response, maxOutputTokens: maxTokens ?? maxCompletionTokens }, targetOf(route), streamed);
}

/** What a chat calls otherwise than Responses do. */
const NAMES: ClientNames<Place> = {
  fields: {
    reasoning_effort: "reasoning.effort", response_format: "text.format", verbosity: "text.verbosity", logprobs: "top_logprobs",
    max_completion_tokens: "max_output_tokens", max_tokens: "max_output_tokens",
  },
  partOf: ({ path, parts }, part) => (parts === undefined ? path : `${parts}[${part}]`),
};
