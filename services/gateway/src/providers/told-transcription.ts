import { readChatChunk, writeTranscription } from "@alfred/openai";
import type { UpstreamStream } from "../domain/provider-port.ts";
import type { Heard } from "./dialect.ts";
import type { HttpCall } from "./http-call.ts";
import { OwnFrames } from "./own-frames.ts";

/** A whole transcript, told as the events of one that is streamed: all of it at once, and its end. */
export function toldTranscription(call: HttpCall, { transcription, usage }: Heard): UpstreamStream {
  return new OwnFrames(call, async function* (say) {
    const { text } = transcription;
    say({ type: "transcript.text.delta", delta: text });
    say({ ...(writeTranscription(transcription) as object), type: "transcript.text.done", text });
    yield [{ ...readChatChunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }), usage }];
  });
}
