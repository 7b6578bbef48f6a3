import type { ChatCompletionChunk, StreamCompletionRequest, StreamCompletionResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { toPiece } from "../completions/to-completion.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { askedCompletion } from "./asked-of.ts";
import { type Teller, lastChunks, streamAnswer } from "./stream-answer.ts";
import { checkCall, checkCompletion } from "./validate.ts";

type Event = StreamCompletionResponse;

/** Continues a text and streams the continuation as it comes. */
export function streamCompletion(parts: ExchangeParts, request: StreamCompletionRequest, context: CallContext): AsyncGenerator<Event, void> {
  const completion = checkCompletion(request.completion);
  const call = checkCall(request.call);
  const asked = { call, ...askedCompletion(completion, true) };
  return streamAnswer(parts, { asked, wantsUsage: completion.streamOptions?.includeUsage === true, tell: () => TELLER }, context);
}

const TELLER: Teller<Event> = {
  started: (value) => ({ event: { $case: "started", value } }),
  said: (chunks) => chunks.flatMap(pieceEvents),
  ended: (end) => [...lastChunks(end).flatMap(pieceEvents), { event: { $case: "ended", value: { receipt: end.receipt } } }],
};

function pieceEvents(chunk: ChatCompletionChunk): Event[] {
  const value = toPiece(chunk);
  return value === undefined ? [] : [{ event: { $case: "piece", value } }];
}
