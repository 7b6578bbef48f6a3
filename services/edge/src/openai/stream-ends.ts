import type { AlfredError } from "@alfred/errors";
import { errorBody } from "../http/error-answer.ts";
import type { Exchange } from "../http/exchange.ts";
import type { SseWriter } from "../http/sse.ts";

/** How a stream of OpenAI's ends: with `[DONE]`, or with an error and without it. */
export function streamEnds({ requestId }: Exchange): {
  complete(sse: SseWriter): Promise<void> | undefined;
  fail(error: AlfredError, sse: SseWriter): Promise<void> | undefined;
} {
  return {
    complete: (sse) => sse.data("[DONE]"),
    fail: (error, sse) => sse.data(JSON.stringify(errorBody(error, requestId))),
  };
}
