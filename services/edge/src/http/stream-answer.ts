import type { AlfredError } from "@alfred/errors";
import { asAlfredError } from "./error-answer.ts";
import type { Exchange } from "./exchange.ts";
import type { ModelParts } from "./model-parts.ts";
import { endedBy } from "./open-answers.ts";
import { SseWriter } from "./sse.ts";

/** How an API tells an answer as server-sent events. A promise, where the client does not keep up, says when to go on. */
interface StreamFace<Event> {
  write(event: Event, sse: SseWriter): Promise<void> | undefined;
  /** Says that the answer is complete. */
  complete?(sse: SseWriter): Promise<void> | undefined;
  /** Says that it is not. */
  fail(error: AlfredError, sse: SseWriter): Promise<void> | undefined;
}

/** Streams an answer. Before its first byte an error still has a status of its own; after it, it ends the stream. */
export async function streamAnswer<Event>(
  { response, signal }: Exchange,
  { silenceMs, timeoutMs }: ModelParts,
  answer: AsyncIterable<Event>,
  face: StreamFace<Event>,
): Promise<void> {
  using sse = new SseWriter(response, { silenceMs, timeoutMs, signal });
  try {
    for await (const event of answer) {
      const room = face.write(event, sse);
      if (room !== undefined) await room;
    }
    await face.complete?.(sse);
  } catch (error) {
    if (!sse.started) throw error;
    await face.fail(asAlfredError(endedBy(signal, error)), sse);
  }
  sse.end();
}
