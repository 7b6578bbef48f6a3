import { writeMessageEvent } from "@alfred/anthropic";
import { type Call, type ChatCompletionChunk, type GatewayServiceService, type MessageEvent, MessageRequest, type Receipt } from "@alfred/contracts";
import type { Client } from "@alfred/rpc";
import { AnswerStream } from "../../src/providers/anthropic/stream.ts";
import { chatOf } from "../rig.ts";
import type { Recording } from "./recording.ts";

/** Longer than any recording, and short enough that a mistaken count shows. */
const MOST_TOKENS = 200;

/** What a stream tells: pieces of an answer, or its end. */
type Telling = { readonly chunks: readonly ChatCompletionChunk[] } | { readonly receipt: Receipt };

/** A form in which clients ask and are answered. */
export interface Face {
  readonly name: "chat" | "messages";
  /** The recording as it is told in this form; none where it cannot be asked for. */
  of(recording: Recording): Recording[];
  ask(gateway: Client<typeof GatewayServiceService>, recording: Recording, call: Call): AsyncIterable<Telling>;
}

const chat: Face = {
  name: "chat",
  of: (recording) => [recording],
  async *ask(gateway, { name, model, asked }, call) {
    const request = chatOf("Hi", { model: `${name}/${model}`, max_tokens: MOST_TOKENS, stream_options: { include_usage: true }, ...asked });
    for await (const { event } of gateway.streamChatCompletion({ call, chat: request })) {
      if (event?.$case === "chunk") yield { chunks: [event.value] };
      if (event?.$case === "ended" && event.value.receipt !== undefined) yield { receipt: event.value.receipt };
    }
  },
};

/** Read back as the answer of a provider that speaks it: so what is told has to be a stream of Anthropic's. */
const messages: Face = {
  name: "messages",
  // Its pieces are others than the chunks by which it is known what had been reported.
  of: ({ reports: _reports, ...recording }) => (recording.asked === undefined && recording.texts.length === 1 ? [recording] : []),
  async *ask(gateway, { name, model }, call) {
    const turn = { role: "user", content: { content: { $case: "text" as const, value: "Hi" } }, extra: {} };
    const message = MessageRequest.create({ model: `${name}/${model}`, maxTokens: MOST_TOKENS, messages: [turn] });
    const reader = new AnswerStream();
    for await (const { event } of gateway.streamMessage({ call, message })) {
      if (event?.$case === "piece") yield { chunks: readBack(reader, event.value) };
      if (event?.$case === "ended" && event.value.receipt !== undefined) yield { receipt: event.value.receipt };
    }
    if (!reader.isWhole) throw new Error("The stream ended without having told its end.");
  },
};

/** What an event tells, without the usage: that is told with the end, and not after it. */
function readBack(reader: AnswerStream, event: MessageEvent): ChatCompletionChunk[] {
  const json = writeMessageEvent({ ...event, alfred: undefined });
  const chunks = reader.push({ event: event.type, data: JSON.stringify(json) });
  for (const chunk of chunks) chunk.usage = undefined;
  return chunks;
}

export const FACES: readonly Face[] = [chat, messages];
