import type { ResponseEvent, StreamResponseResponse } from "@alfred/contracts";
import { readResponseRequest, writeResponse, writeResponseEvent } from "@alfred/openai";
import type { AlfredError } from "@alfred/errors";
import { errorBody } from "../http/error-answer.ts";
import { type Exchange, sendJson } from "../http/exchange.ts";
import { rateLimitHeaders, receiptHeaders, startedHeaders } from "../http/headers.ts";
import { callOf, callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";
import { streamAnswer } from "../http/stream-answer.ts";

/** POST /v1/responses: whole, or with `"stream": true` as server-sent events. */
export async function createResponse(parts: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const { response: asked, stream } = readResponseRequest(await parts.bodies.readAsked(exchange.request));
  if (stream) return streamEvents(parts, exchange, parts.gateway.streamResponse({ call, response: asked }, options));
  const { response, receipt, rateLimit } = await parts.gateway.createResponse({ call, response: asked }, options);
  const body = response === undefined ? null : writeResponse(response);
  sendJson(exchange.response, 200, body, { ...receiptHeaders(receipt), ...rateLimitHeaders(rateLimit) });
}

function streamEvents(parts: ModelParts, exchange: Exchange, answer: AsyncIterable<StreamResponseResponse>): Promise<void> {
  let last: ResponseEvent | undefined;
  return streamAnswer(exchange, parts, answer, {
    write({ event }, sse) {
      if (event?.$case === "started") sse.start(startedHeaders(event.value));
      if (event?.$case !== "piece") return undefined;
      last = event.value;
      return sse.event(last.type, JSON.stringify(writeResponseEvent(last)));
    },
    fail: (error, sse) => sse.event("error", JSON.stringify(errorEvent(error, exchange.requestId, last))),
  });
}

/** The error that ends a stream: its fields stand at the top, as the API documents them, and under `error`, where its clients look for them. */
function errorEvent(error: AlfredError, requestId: string, last: ResponseEvent | undefined): object {
  const { error: told } = errorBody(error, requestId);
  const { code, message, param } = told;
  return { type: "error", sequence_number: Number(last?.sequenceNumber ?? -1n) + 1, code, message, param, error: told };
}
