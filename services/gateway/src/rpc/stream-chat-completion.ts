import type { ChatCompletionChunk, StreamChatCompletionRequest, StreamChatCompletionResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import { askedChat } from "./asked-of.ts";
import { type Teller, lastChunks, streamAnswer } from "./stream-answer.ts";
import { checkCall, checkChat } from "./validate.ts";

type Event = StreamChatCompletionResponse;

/** Completes a chat and streams the answer as it comes. */
export function streamChatCompletion(parts: ExchangeParts, request: StreamChatCompletionRequest, context: CallContext): AsyncGenerator<Event, void> {
  const chat = checkChat(request.chat);
  const call = checkCall(request.call);
  const asked = { call, ...askedChat(chat, true) };
  return streamAnswer(parts, { asked, wantsUsage: chat.streamOptions?.includeUsage === true, tell: () => TELLER }, context);
}

const TELLER: Teller<Event> = {
  started: (value) => ({ event: { $case: "started", value } }),
  said: (chunks) => chunks.map(chunkEvent),
  ended: (end) => [...lastChunks(end).map(chunkEvent), { event: { $case: "ended", value: { receipt: end.receipt } } }],
};

function chunkEvent(value: ChatCompletionChunk): Event {
  return { event: { $case: "chunk", value } };
}
