import type { StreamResponseRequest, StreamResponseResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { Exchange } from "../exchange/exchange.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { EventWriter } from "../responses/event-writer.ts";
import { newResponseId } from "../responses/response-id.ts";
import { ToldEvents } from "../responses/told-event.ts";
import { pastOf } from "../stored/past.ts";
import { ToldId } from "../stored/told-id.ts";
import { askedResponse } from "./asked-of.ts";
import { acrossTeller, nativeTeller } from "./piece-teller.ts";
import { type Teller, streamAnswer } from "./stream-answer.ts";
import { checkCall, checkResponse } from "./validate.ts";

type Event = StreamResponseResponse;

/** Answers in the form of Responses and streams the answer as it comes. */
export function streamResponse(parts: ExchangeParts, request: StreamResponseRequest, context: CallContext): AsyncGenerator<Event, void> {
  const response = checkResponse(request.response);
  const call = checkCall(request.call);
  const asked = { call, ...askedResponse(response, true, pastOf(parts, response, context)) };
  const idsOf = ({ subject: { plan: made, payer } }: Exchange): ToldId => {
    return new ToldId({ seal: parts.feeds.seal, organisationId: payer.path.organisationId, plan: made, previousResponseId: response.previousResponseId, store: response.store });
  };
  const written = (): EventWriter => new EventWriter({ id: newResponseId(), now: parts.now, request: response });
  const tell = (exchange: Exchange): Teller<Event> => (isNative(exchange) ? nativeTeller(new ToldEvents(idsOf(exchange))) : acrossTeller(written()));
  return streamAnswer(parts, { asked, wantsUsage: false, tell, keepsFrames: isNative }, context);
}

function isNative({ subject: { plan } }: Exchange): boolean {
  return plan.request.form === "response";
}
