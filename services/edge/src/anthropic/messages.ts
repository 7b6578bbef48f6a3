import type { IncomingMessage } from "node:http";
import { readMessageRequest, writeMessage, writeMessageEvent } from "@alfred/anthropic";
import type { MessageRequest, StreamMessageResponse } from "@alfred/contracts";
import { invalidField } from "@alfred/openai";
import { type Exchange, header, sendJson } from "../http/exchange.ts";
import { rateLimitHeaders, receiptHeaders, startedHeaders } from "../http/headers.ts";
import { callOf, callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";
import type { SseWriter } from "../http/sse.ts";
import { streamAnswer } from "../http/stream-answer.ts";
import { anthropicErrorBody } from "./error-body.ts";

/** POST /v1/messages: whole, or with `"stream": true` as server-sent events. */
export async function createMessage(parts: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const { message, stream } = await readRequest(parts, exchange);
  if (stream) {
    return streamAnswer(exchange, parts, parts.gateway.streamMessage({ call, message }, options), {
      write,
      fail: (error, sse) => sse.event("error", JSON.stringify(anthropicErrorBody(error, exchange.requestId))),
    });
  }
  const { message: answer, receipt, rateLimit } = await parts.gateway.createMessage({ call, message }, options);
  const body = answer === undefined ? null : writeMessage(answer);
  sendJson(exchange.response, 200, body, { ...receiptHeaders(receipt), ...rateLimitHeaders(rateLimit) });
}

/** POST /v1/messages/count_tokens */
export async function countTokens(parts: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const { message } = await readRequest(parts, exchange);
  const { inputTokens } = await parts.gateway.countMessageTokens({ message }, options);
  sendJson(exchange.response, 200, { input_tokens: Number(inputTokens) });
}

async function readRequest({ bodies }: ModelParts, { request }: Exchange): Promise<{ message: MessageRequest; stream: boolean }> {
  const { message, stream } = readMessageRequest(await bodies.readAsked(request));
  return { message: { ...message, betas: betasOf(request), version: versionOf(request) }, stream };
}

const MAX_BETAS = 32;

/** The names in `anthropic-beta`. @throws AlfredError INVALID_ARGUMENT */
function betasOf(request: IncomingMessage): string[] {
  const betas = (header(request, "anthropic-beta") ?? "").split(",").map((name) => name.trim()).filter((name) => name !== "");
  if (betas.length <= MAX_BETAS && betas.every((beta) => /^[\w.-]{1,64}$/.test(beta))) return betas;
  throw invalidField("anthropic-beta", `at most ${MAX_BETAS} names of letters, digits, ".", "_" and "-", with commas between`);
}

/** The date in `anthropic-version`, empty where there is none. @throws AlfredError INVALID_ARGUMENT */
function versionOf(request: IncomingMessage): string {
  const version = header(request, "anthropic-version") ?? "";
  if (/^(?:\d{4}-\d\d-\d\d)?$/.test(version)) return version;
  throw invalidField("anthropic-version", 'a date, as "2023-06-01"');
}

function write({ event }: StreamMessageResponse, sse: SseWriter): Promise<void> | undefined {
  if (event?.$case === "started") sse.start(startedHeaders(event.value));
  return event?.$case === "piece" ? sse.event(event.value.type, JSON.stringify(writeMessageEvent(event.value))) : undefined;
}
