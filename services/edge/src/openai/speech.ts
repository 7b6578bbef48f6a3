import type { StreamSpeechResponse } from "@alfred/contracts";
import { readSpeechRequest, writeSpeechDelta, writeSpeechDone } from "@alfred/openai";
import { BytesWriter } from "../http/bytes.ts";
import type { Exchange } from "../http/exchange.ts";
import { startedHeaders } from "../http/headers.ts";
import { callOf, callOptions } from "../http/identity.ts";
import type { ModelParts } from "../http/model-parts.ts";
import type { SseWriter } from "../http/sse.ts";
import { streamAnswer } from "../http/stream-answer.ts";
import { streamEnds } from "./stream-ends.ts";

/** What sound is, by the name that requests have for it. */
const TYPES: Readonly<Record<string, string>> = {
  mp3: "audio/mpeg", opus: "audio/opus", aac: "audio/aac", flac: "audio/flac", wav: "audio/wav", pcm: "audio/pcm",
};
const USUAL_FORMAT = "mp3";

/** POST /v1/audio/speech: sound as it comes, or with `"stream_format": "sse"` as events. */
export async function createSpeech(parts: ModelParts, exchange: Exchange): Promise<void> {
  const options = callOptions(exchange);
  const call = callOf(exchange);
  const speech = readSpeechRequest(await parts.bodies.readAsked(exchange.request));
  const answer = parts.gateway.streamSpeech({ call, speech }, options);
  if (speech.streamFormat === "sse") {
    const { fail } = streamEnds(exchange);
    return streamAnswer(exchange, parts, answer, { write: writeEvent, fail });
  }
  const type = TYPES[speech.responseFormat ?? USUAL_FORMAT] ?? "application/octet-stream";
  return sendSound(exchange, parts, answer, type);
}

function writeEvent({ event }: StreamSpeechResponse, sse: SseWriter): Promise<void> | undefined {
  if (event?.$case === "started") sse.start(startedHeaders(event.value));
  if (event?.$case === "audio") return sse.data(JSON.stringify(writeSpeechDelta(event.value)));
  return event?.$case === "done" ? sse.data(JSON.stringify(writeSpeechDone(event.value))) : undefined;
}

/** Sends bytes as they come. What fails after the first of them breaks the connection off, since bytes have no other word for it. */
async function sendSound({ response, signal }: Exchange, { timeoutMs }: ModelParts, answer: AsyncIterable<StreamSpeechResponse>, type: string): Promise<void> {
  const bytes = new BytesWriter(response, { timeoutMs, signal });
  for await (const { event } of answer) {
    if (event?.$case === "started") bytes.start({ ...startedHeaders(event.value), "content-type": type });
    const room = event?.$case === "audio" ? bytes.write(event.value) : undefined;
    if (room !== undefined) await room;
  }
  response.end();
}
