import type { Receipt, ResponseEvent, ResponseRequest, StreamResponseRequest, StreamResponseResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { Exchange } from "../exchange/exchange.ts";
import type { Asked } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planResponse } from "../exchange/plan-response.ts";
import { EventWriter } from "../responses/event-writer.ts";
import { newResponseId } from "../responses/response-id.ts";
import { ToldEvents } from "../responses/told-event.ts";
import { type Teller, streamAnswer } from "./stream-answer.ts";
import { checkCall, checkResponse } from "./validate.ts";

type Event = StreamResponseResponse;

/** Answers in the form of Responses and streams the answer as it comes. */
export function streamResponse(parts: ExchangeParts, request: StreamResponseRequest, context: CallContext): AsyncGenerator<Event, void> {
  const response = checkResponse(request.response);
  const call = checkCall(request.call);
  const asked: Asked = { call, operation: "response", model: response.model, plan: (found, limitTokens) => planResponse(response, found, true, limitTokens) };
  const tell = (exchange: Exchange): Teller<Event> => (isNative(exchange) ? nativeTeller() : acrossTeller(parts, response));
  return streamAnswer(parts, { asked, wantsUsage: false, tell, keepsFrames: isNative }, context);
}

function isNative({ subject: { plan } }: Exchange): boolean {
  return plan.request.form === "response";
}

/** Tells the provider's own events. */
function nativeTeller(): Teller<Event> {
  const events = new ToldEvents();
  return {
    started,
    said: (_chunks, stream) => events.push(stream.takeFrames()).map(piece),
    ended: ({ isWhole, usage, receipt }) => [...events.end(isWhole, usage, receipt).map(piece), ended(receipt)],
  };
}

/** Tells what was read as events. */
function acrossTeller({ now }: ExchangeParts, request: ResponseRequest): Teller<Event> {
  const writer = new EventWriter({ id: newResponseId(), now, request });
  return {
    started,
    said: (chunks) => chunks.flatMap((chunk) => writer.push(chunk)).map(piece),
    ended: ({ usage, receipt }) => [...writer.end(usage, receipt).map(piece), ended(receipt)],
  };
}

function started(value: Extract<Event["event"], { $case: "started" }>["value"]): Event {
  return { event: { $case: "started", value } };
}

function piece(value: ResponseEvent): Event {
  return { event: { $case: "piece", value } };
}

function ended(receipt: Receipt): Event {
  return { event: { $case: "ended", value: { receipt } } };
}
