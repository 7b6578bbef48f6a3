import type { MediaUsage, StreamSpeechRequest, StreamSpeechResponse } from "@alfred/contracts";
import { parseJson, readSpeechEvent } from "@alfred/openai";
import type { CallContext } from "@alfred/rpc";
import type { ExchangeParts } from "../exchange/parts.ts";
import { askedSpeech } from "./asked-media.ts";
import { type Teller, streamAnswer } from "./stream-answer.ts";
import { checkCall, checkSpeech } from "./validate.ts";

type Event = StreamSpeechResponse;

/** Says a text and streams the sound as it comes. */
export function streamSpeech(parts: ExchangeParts, request: StreamSpeechRequest, context: CallContext): AsyncGenerator<Event, void> {
  const speech = checkSpeech(request.speech);
  const call = checkCall(request.call);
  const asked = { call, ...askedSpeech(speech) };
  return streamAnswer(parts, { asked, wantsUsage: false, tell: soundTeller, keepsFrames: () => true }, context);
}

function soundTeller(): Teller<Event> {
  let usage: MediaUsage | undefined;
  return {
    started: (value) => ({ event: { $case: "started", value } }),
    *said(_chunks, stream) {
      for (const { data } of stream.takeFrames()) {
        if (data === "" || data === "[DONE]") continue;
        const event = readSpeechEvent(parseJson(data));
        usage = event.usage ?? usage;
        if (event.audio.length > 0) yield { event: { $case: "audio", value: event.audio } };
      }
    },
    ended: ({ receipt }) => [{ event: { $case: "done", value: { usage } } }, { event: { $case: "ended", value: { receipt } } }],
  };
}
