import type { StreamTranscriptionRequest, StreamTranscriptionResponse, TranscriptionEvent } from "@alfred/contracts";
import { parseJson, readTranscriptionEvent } from "@alfred/openai";
import type { CallContext } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import { askedTranscription } from "./asked-media.ts";
import { type Teller, streamAnswer } from "./stream-answer.ts";
import { checkCall } from "./validate.ts";

type Event = StreamTranscriptionResponse;

const LAST = "transcript.text.done";

/** Writes down what is said, and streams it as it is heard. */
export function streamTranscription(parts: ExchangeParts, request: StreamTranscriptionRequest, context: CallContext): AsyncGenerator<Event, void> {
  const asked = { ...askedTranscription(request, true), call: checkCall(request.call) };
  return streamAnswer(parts, { asked, wantsUsage: false, tell: teller, keepsFrames: () => true }, context);
}

/** The last event waits until it is settled, so that it tells the cost. */
function teller(): Teller<Event> {
  let last: TranscriptionEvent | undefined;
  return {
    started: (value) => ({ event: { $case: "started", value } }),
    *said(_chunks, stream) {
      for (const { data } of stream.takeFrames()) {
        const event = data === "" || data === "[DONE]" ? undefined : readTranscriptionEvent(parseJson(data));
        if (event?.type === LAST) last = event;
        else if (event !== undefined) yield piece(event);
      }
    },
    ended: ({ receipt }) => [...(last === undefined ? [] : [piece({ ...last, alfred: receipt })]), { event: { $case: "ended", value: { receipt } } }],
  };
}

function piece(value: TranscriptionEvent): Event {
  return { event: { $case: "piece", value } };
}
