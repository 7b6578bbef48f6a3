import type { CreateImageResponse, StreamImageEditResponse } from "@alfred/contracts";
import { readImageRequest, readVariationRequest, writeImageEvent, writeImageList } from "@alfred/openai";
import { sendJson, type Exchange } from "../http/exchange.ts";
import type { FormKinds } from "../http/form.ts";
import { rateLimitHeaders, receiptHeaders, startedHeaders } from "../http/headers.ts";
import { callOf, callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";
import type { SseWriter } from "../http/sse.ts";
import { streamAnswer } from "../http/stream-answer.ts";
import { filesOf, requireFile } from "./file.ts";
import { streamEnds } from "./stream-ends.ts";

const KINDS: FormKinds = { n: "number", output_compression: "number", partial_images: "number", frame_count: "number", frame_duration_ms: "number", stream: "flag" };
const MOST_IMAGES = 16;

/** POST /v1/images/edits: whole, or with `stream` as server-sent events, the last of which is the image. */
export async function createImageEdit(parts: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const form = await parts.bodies.readAskedForm(exchange.request, KINDS);
  const { image: edit, stream } = readImageRequest(form.json);
  const { image: images = [], mask: [mask] = [] } = filesOf(form, { image: MOST_IMAGES, mask: 1 });
  const request = { call, edit, images, mask };
  if (!stream) return send(exchange, await parts.gateway.createImageEdit(request, options));
  const { fail } = streamEnds(exchange);
  return streamAnswer(exchange, parts, parts.gateway.streamImageEdit(request, options), { write, fail });
}

/** POST /v1/images/variations. */
export async function createImageVariation({ gateway, bodies }: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const form = await bodies.readAskedForm(exchange.request, KINDS);
  const variation = readVariationRequest(form.json);
  send(exchange, await gateway.createImageVariation({ call, variation, source: requireFile(form, "image") }, options));
}

function send({ response }: Exchange, { list, receipt, rateLimit }: CreateImageResponse): void {
  sendJson(response, 200, list === undefined ? null : writeImageList(list), { ...receiptHeaders(receipt), ...rateLimitHeaders(rateLimit) });
}

function write({ event }: StreamImageEditResponse, sse: SseWriter): Promise<void> | undefined {
  if (event?.$case === "started") sse.start(startedHeaders(event.value));
  return event?.$case === "piece" ? sse.event(event.value.type, JSON.stringify(writeImageEvent(event.value))) : undefined;
}
