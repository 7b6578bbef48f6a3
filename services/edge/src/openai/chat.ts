import type {
  Call,
  GatewayServiceService,
  StreamChatCompletionResponse,
  StreamStarted,
} from "@alfred/contracts";
import { parseJson, readChatRequest, writeChatChunk, writeChatCompletion } from "@alfred/openai";
import type { Client } from "@alfred/rpc";
import type { BodyReader } from "../http/body.ts";
import { asAlfredError, errorBody } from "../http/error-answer.ts";
import { sendJson, type Exchange } from "../http/exchange.ts";
import { endedBy } from "../http/open-answers.ts";
import { providerHeaders, rateLimitHeaders, receiptHeaders } from "../http/headers.ts";
import { callOptions, clientRequestId, tags } from "../http/identity.ts";
import { SseWriter } from "../http/sse.ts";

/** What the OpenAI face needs. */
export interface OpenAiParts {
  readonly gateway: Client<typeof GatewayServiceService>;
  readonly bodies: BodyReader;
  /** Longest silence on a stream before a comment bridges it, in milliseconds. */
  readonly silenceMs: number;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** POST /v1/chat/completions: whole, or with `"stream": true` as server-sent events. */
export async function createChatCompletion(parts: OpenAiParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const { chat, stream } = readChatRequest(await parts.bodies.read(exchange.request, parseJson));
  if (stream) return streamAnswer(exchange, parts, parts.gateway.streamChatCompletion({ call, chat }, options));
  const { completion, receipt, rateLimit } = await parts.gateway.createChatCompletion({ call, chat }, options);
  const body = completion === undefined ? null : writeChatCompletion(completion);
  sendJson(exchange.response, 200, body, { ...receiptHeaders(receipt), ...rateLimitHeaders(rateLimit) });
}

/** What a request for a model carries besides its body. */
export function callOf(exchange: Exchange): Call {
  return {
    requestId: exchange.requestId,
    idempotent: exchange.idempotent,
    clientRequestId: clientRequestId(exchange.request),
    tags: tags(exchange.request),
  };
}

async function streamAnswer(
  exchange: Exchange,
  { silenceMs, timeoutMs }: OpenAiParts,
  answer: AsyncIterable<StreamChatCompletionResponse>,
): Promise<void> {
  using sse = new SseWriter(exchange.response, { silenceMs, timeoutMs, signal: exchange.signal });
  try {
    for await (const { event } of answer) {
      const room = forward(event, sse);
      if (room !== undefined) await room;
    }
    await sse.data("[DONE]");
  } catch (error) {
    // Before the first byte the error still has a status of its own; after it, it ends the stream.
    if (!sse.started) throw error;
    await sse.data(JSON.stringify(errorBody(asAlfredError(endedBy(exchange.signal, error)), exchange.requestId)));
  }
  sse.end();
}

/** A promise, where the client does not keep up, says when to go on. */
function forward(event: StreamChatCompletionResponse["event"], sse: SseWriter): Promise<void> | undefined {
  if (event?.$case === "started") sse.start(startedHeaders(event.value));
  return event?.$case === "chunk" ? sse.data(JSON.stringify(writeChatChunk(event.value))) : undefined;
}

function startedHeaders(started: StreamStarted): Record<string, string> {
  return { ...providerHeaders(started), ...rateLimitHeaders(started.rateLimit) };
}
