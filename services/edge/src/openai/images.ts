import type { StreamImageResponse } from "@alfred/contracts";
import { readImageRequest, writeImageEvent, writeImageList } from "@alfred/openai";
import { sendJson, type Exchange } from "../http/exchange.ts";
import { rateLimitHeaders, receiptHeaders, startedHeaders } from "../http/headers.ts";
import { callOf, callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";
import type { SseWriter } from "../http/sse.ts";
import { streamAnswer } from "../http/stream-answer.ts";
import { streamEnds } from "./stream-ends.ts";

/** POST /v1/images/generations: whole, or with `"stream": true` as server-sent events, the last of which is the image. */
export async function createImage(parts: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const { image, stream } = readImageRequest(await parts.bodies.readAsked(exchange.request));
  if (stream) {
    const { fail } = streamEnds(exchange);
    return streamAnswer(exchange, parts, parts.gateway.streamImage({ call, image }, options), { write, fail });
  }
  const { list, receipt, rateLimit } = await parts.gateway.createImage({ call, image }, options);
  const body = list === undefined ? null : writeImageList(list);
  sendJson(exchange.response, 200, body, { ...receiptHeaders(receipt), ...rateLimitHeaders(rateLimit) });
}

function write({ event }: StreamImageResponse, sse: SseWriter): Promise<void> | undefined {
  if (event?.$case === "started") sse.start(startedHeaders(event.value));
  return event?.$case === "piece" ? sse.event(event.value.type, JSON.stringify(writeImageEvent(event.value))) : undefined;
}
