import type { StreamTranscriptionRequest, StreamTranscriptionResponse, TranscriptionEvent } from "@alfred/contracts";
import { parseJson, readTranscriptionEvent } from "@alfred/openai";
import type { CallContext } from "@alfred/rpc";
import type { Asked } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { planTranscription } from "../exchange/plan-hearing.ts";
import { type Teller, streamAnswer } from "./stream-answer.ts";
import { checkCall, checkSound } from "./validate.ts";

type Event = StreamTranscriptionResponse;

const LAST = "transcript.text.done";

/** Writes down what is said, and streams it as it is heard. */
export function streamTranscription(parts: ExchangeParts, request: StreamTranscriptionRequest, context: CallContext): AsyncGenerator<Event, void> {
  const { asked: transcription, file } = checkSound(request.transcription, request.file, "transcription");
  const call = checkCall(request.call);
  const asked: Asked = { call, operation: "transcription", model: transcription.model, plan: (found) => planTranscription(transcription, file, found, true) };
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
