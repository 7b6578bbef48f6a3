import type { StreamChatCompletionResponse } from "@alfred/contracts";
import { readChatRequest, writeChatChunk, writeChatCompletion } from "@alfred/openai";
import { sendJson, type Exchange } from "../http/exchange.ts";
import { rateLimitHeaders, receiptHeaders, startedHeaders } from "../http/headers.ts";
import { callOf, callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";
import type { SseWriter } from "../http/sse.ts";
import { streamAnswer } from "../http/stream-answer.ts";
import { streamEnds } from "./stream-ends.ts";

/** POST /v1/chat/completions: whole, or with `"stream": true` as server-sent events. */
export async function createChatCompletion(parts: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const { chat, stream } = readChatRequest(await parts.bodies.readAsked(exchange.request));
  if (stream) {
    return streamAnswer(exchange, parts, parts.gateway.streamChatCompletion({ call, chat }, options), {
      write, ...streamEnds(exchange),
    });
  }
  const { completion, receipt, rateLimit } = await parts.gateway.createChatCompletion({ call, chat }, options);
  const body = completion === undefined ? null : writeChatCompletion(completion);
  sendJson(exchange.response, 200, body, { ...receiptHeaders(receipt), ...rateLimitHeaders(rateLimit) });
}

function write({ event }: StreamChatCompletionResponse, sse: SseWriter): Promise<void> | undefined {
  if (event?.$case === "started") sse.start(startedHeaders(event.value));
  return event?.$case === "chunk" ? sse.data(JSON.stringify(writeChatChunk(event.value))) : undefined;
}
