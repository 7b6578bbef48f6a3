import { fail } from "@alfred/errors";
import { writeSpeechDelta } from "@alfred/openai";
import type { UpstreamStream } from "../domain/provider-port.ts";
import type { Upstream } from "../domain/route.ts";
import { UpstreamFailure } from "../domain/upstream-failure.ts";
import type { HttpCall } from "./http-call.ts";
import { OwnFrames } from "./own-frames.ts";

/** Sound that comes as bytes and nothing else: told as events of sound, and over where the answer ends. It says nothing of its usage. */
export function soundStream(call: HttpCall, { id: provider }: Upstream): UpstreamStream {
  return new OwnFrames(call, async function* (say) {
    for await (const bytes of call) {
      say(writeSpeechDelta(bytes));
      yield [];
    }
    if (call.firstByteMs !== undefined) return;
    const error = fail("PROVIDER_STREAM_BROKEN", `The provider ${provider} ended its answer without having begun it.`, { metadata: { provider } });
    throw new UpstreamFailure(error, { billed: "prompt" });
  });
}
