import type { StreamCompletionResponse } from "@alfred/contracts";
import { readCompletionRequest, writeCompletion } from "@alfred/openai";
import { sendJson, type Exchange } from "../http/exchange.ts";
import { rateLimitHeaders, receiptHeaders, startedHeaders } from "../http/headers.ts";
import { callOf, callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";
import type { SseWriter } from "../http/sse.ts";
import { streamAnswer } from "../http/stream-answer.ts";
import { streamEnds } from "./stream-ends.ts";

/** POST /v1/completions: whole, or with `"stream": true` as server-sent events. */
export async function createCompletion(parts: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const { completion: asked, stream } = readCompletionRequest(await parts.bodies.readAsked(exchange.request));
  if (stream) {
    const answer = parts.gateway.streamCompletion({ call, completion: asked }, options);
    return streamAnswer(exchange, parts, answer, { write, ...streamEnds(exchange) });
  }
  const { completion, receipt, rateLimit } = await parts.gateway.createCompletion({ call, completion: asked }, options);
  const body = completion === undefined ? null : writeCompletion(completion);
  sendJson(exchange.response, 200, body, { ...receiptHeaders(receipt), ...rateLimitHeaders(rateLimit) });
}

function write({ event }: StreamCompletionResponse, sse: SseWriter): Promise<void> | undefined {
  if (event?.$case === "started") sse.start(startedHeaders(event.value));
  return event?.$case === "piece" ? sse.data(JSON.stringify(writeCompletion(event.value))) : undefined;
}
