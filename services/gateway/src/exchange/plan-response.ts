import type { ChatRequest, ResponseRequest } from "@alfred/contracts";
import { writeResponseRequest } from "@alfred/openai";
import { chatText } from "../domain/prompt-text.ts";
import type { Route } from "../domain/route.ts";
import { refuseSurcharges, surcharged } from "../domain/surcharge.ts";
import { chatBound } from "../domain/worst-case.ts";
import type { Dialect, Mapped, ResponsesDialect } from "../providers/dialect.ts";
import { dialectOf, responsesOf } from "../providers/dialects.ts";
import { sentFields } from "../providers/loose-json.ts";
import { writeChat } from "../providers/openai/request.ts";
import { itemsOf, keptFields, nothingIsKept, withoutKept } from "../responses/kept.ts";
import { type AsChat, toChat } from "../responses/to-chat.ts";
import type { Place } from "../responses/turns.ts";
import { limitAnswer, withLimit } from "./answer-limit.ts";
import { type Plan, charges, inBothForms, requirePrice, requireSupport, targetOf, written } from "./plan.ts";
import { takeOption, without } from "./unsupported.ts";

/**
 * Plans an answer in the form of Responses: as it was asked for a provider that speaks it, else by way of a chat.
 * @param limitTokens what the answer is to be cut to, below its own limit
 * @throws AlfredError INVALID_ARGUMENT, FEATURE_UNSUPPORTED, PRICE_UNKNOWN
 */
export function planResponse(response: ResponseRequest, route: Route, streamed: boolean, limitTokens?: bigint): Plan {
  const price = requirePrice(route, response.model);
  const dialect = dialectOf(route.upstream);
  const responses = responsesOf(route.upstream);
  const { asked, drops } = takeKept(response, route);
  const as = written(() => toChat(asked, dialect.hasOpenAiForm !== true));
  const chat = limitAnswer(withLimit(as.chat, asked.maxOutputTokens, route), route, dialect, price, limitTokens);
  const mapped = written(() => (responses === undefined ? across(dialect, { ...as, chat }, route, streamed) : natively(responses, asked, chat, route, streamed)));
  const json = written(() => writeChat(chat, route.model, streamed));
  if (!price.free) refuseSurcharges(without({ ...json, ...surcharged(sentFields(asked.extra)) }, mapped.unsupported));
  requireSupport(mapped, route, drops);
  const { sent, body } = inBothForms(json, mapped);
  const bound = chatBound(body, route.model, price, dialect);
  return {
    operation: "response", streamed, requestedModel: response.model, route, body: body.text, bound,
    request: { ...sent, ...(responses !== undefined && { form: "response" }) },
    ...charges(price, bound, response.model, route),
    asked: () => JSON.stringify(writeResponseRequest(response, { model: response.model, stream: streamed })),
    prompt: () => chatText(json),
    knownTokens: undefined,
    isClamped: limitTokens !== undefined,
  };
}

/** What is asked without what would have to be kept, which is refused unless it may be left out. @throws AlfredError FEATURE_UNSUPPORTED */
function takeKept(response: ResponseRequest, { upstream }: Route): { asked: ResponseRequest; drops: boolean } {
  const { asked, drops } = takeOption(response);
  const kept = keptFields(asked);
  if (kept.length === 0) return { asked, drops };
  const rest = withoutKept(asked);
  // Without all of them something has to be left to ask.
  const asksNothing = rest.input?.input?.$case === "items" && itemsOf(rest).length === 0;
  if (!drops || asksNothing) throw nothingIsKept(upstream.id, kept);
  return { asked: rest, drops };
}

function natively(responses: ResponsesDialect, response: ResponseRequest, { maxTokens, maxCompletionTokens }: ChatRequest, route: Route, streamed: boolean): Mapped {
  return responses.request({ ...response, maxOutputTokens: maxTokens ?? maxCompletionTokens }, targetOf(route), streamed);
}

function across(dialect: Dialect, { chat, places, unsupported }: AsChat, route: Route, streamed: boolean): Mapped {
  const mapped = dialect.chat(chat, targetOf(route), streamed);
  return { ...mapped, unsupported: [...unsupported, ...mapped.unsupported.map((field) => asAsked(field, places))] };
}

/** What a chat calls otherwise than Responses do. */
const NAMES: Readonly<Record<string, string>> = {
  reasoning_effort: "reasoning.effort", response_format: "text.format", verbosity: "text.verbosity", logprobs: "top_logprobs",
  max_completion_tokens: "max_output_tokens", max_tokens: "max_output_tokens",
};

/** A field of the chat by the client's own name for it; of a message, the part or the item that it stood in. */
function asAsked(field: string, places: readonly Place[]): string {
  const [, index, part] = /^messages\[(\d+)\](?:\.content\[(\d+)\])?/.exec(field) ?? [];
  const place = places[Number(index)];
  if (place === undefined) return NAMES[field] ?? field;
  return part === undefined || place.parts === undefined ? place.path : `${place.parts}[${part}]`;
}
