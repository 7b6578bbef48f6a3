import type { StreamMessageRequest, StreamMessageResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { Exchange } from "../exchange/exchange.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { EventWriter } from "../messages/event-writer.ts";
import { ToldEvents } from "../messages/told-event.ts";
import { dialectOf } from "../providers/dialects.ts";
import { askedMessage } from "./asked-of.ts";
import { acrossTeller, nativeTeller } from "./piece-teller.ts";
import { type Teller, streamAnswer } from "./stream-answer.ts";
import { checkCall, checkMessage } from "./validate.ts";

type Event = StreamMessageResponse;

/** Continues a conversation and streams the answer as it comes. */
export function streamMessage(parts: ExchangeParts, request: StreamMessageRequest, context: CallContext): AsyncGenerator<Event, void> {
  const message = checkMessage(request.message, true);
  const call = checkCall(request.call);
  const asked = { call, ...askedMessage(message, true) };
  const tell = (exchange: Exchange): Teller<Event> => (isNative(exchange) ? nativeTeller(new ToldEvents()) : acrossTeller(new EventWriter()));
  return streamAnswer(parts, { asked, wantsUsage: false, tell, keepsFrames: isNative }, context);
}

function isNative({ subject: { plan } }: Exchange): boolean {
  return dialectOf(plan.route.upstream).messages !== undefined;
}
