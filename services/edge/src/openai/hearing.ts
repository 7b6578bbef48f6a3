import type { CreateTranscriptionResponse, StreamTranscriptionResponse } from "@alfred/contracts";
import { readTranscriptionRequest, readTranslationRequest, writeTranscription, writeTranscriptionEvent } from "@alfred/openai";
import { type Exchange, sendJson, sendText } from "../http/exchange.ts";
import type { FormKinds } from "../http/form.ts";
import { rateLimitHeaders, receiptHeaders, startedHeaders } from "../http/headers.ts";
import { callOf, callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";
import type { SseWriter } from "../http/sse.ts";
import { streamAnswer } from "../http/stream-answer.ts";
import { requireFile } from "./file.ts";
import { streamEnds } from "./stream-ends.ts";

const KINDS: FormKinds = { temperature: "number", stream: "flag" };

/** POST /v1/audio/transcriptions: JSON or text, or with `stream` as server-sent events, the last of which tells the cost. */
export async function createTranscription(parts: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const form = await parts.bodies.readAskedForm(exchange.request, KINDS);
  const { transcription, stream } = readTranscriptionRequest(form.json);
  const request = { call, transcription, file: requireFile(form, "file") };
  if (!stream) return send(exchange, await parts.gateway.createTranscription(request, options));
  const { fail, complete } = streamEnds(exchange);
  return streamAnswer(exchange, parts, parts.gateway.streamTranscription(request, options), { write, fail, complete });
}

/** POST /v1/audio/translations: JSON or text, in English. */
export async function createTranslation({ gateway, bodies }: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const form = await bodies.readAskedForm(exchange.request, KINDS);
  const translation = readTranslationRequest(form.json);
  send(exchange, await gateway.createTranslation({ call, translation, file: requireFile(form, "file") }, options));
}

function send({ response }: Exchange, { answer, receipt, rateLimit }: CreateTranscriptionResponse): void {
  const headers = { ...receiptHeaders(receipt), ...rateLimitHeaders(rateLimit) };
  if (answer?.$case === "text") sendText(response, answer.value, headers);
  else sendJson(response, 200, answer === undefined ? null : writeTranscription(answer.value), headers);
}

function write({ event }: StreamTranscriptionResponse, sse: SseWriter): Promise<void> | undefined {
  if (event?.$case === "started") sse.start(startedHeaders(event.value));
  return event?.$case === "piece" ? sse.data(JSON.stringify(writeTranscriptionEvent(event.value))) : undefined;
}
