import type { ChatCompletionChunk } from "@alfred/contracts";
import { type Dispatcher, MockAgent } from "undici";
import { describe, expect, test } from "vitest";
import type { UpstreamCall } from "../domain/provider-port.ts";
import type { ProviderKind } from "../domain/route.ts";
import { UpstreamFailure } from "../domain/upstream-failure.ts";
import { HttpProvider } from "./http-provider.ts";
import { toStream } from "../../tests/stream-pieces.ts";

const NOW_MS = 1_000;
const controller = { paused: false, aborted: false, reason: null, pause: () => undefined, resume: () => undefined, abort: () => undefined } as unknown as Dispatcher.DispatchController;

/** A way out on which every answer is a stream in these pieces, each a read of the socket. */
class PiecesWay extends MockAgent {
  pieces: readonly Buffer[] = [];

  override dispatch(_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    handler.onRequestStart?.(controller, {});
    handler.onResponseStart?.(controller, 200, { "content-type": "text/event-stream" }, "OK");
    for (const piece of this.pieces) handler.onResponseData?.(controller, piece);
    handler.onResponseEnd?.(controller, {});
    return true;
  }
}

interface Heard {
  readonly chunks: readonly ChatCompletionChunk[];
  /** Why it ended before its end. */
  readonly failure: string | undefined;
}

async function hear(way: PiecesWay, kind: ProviderKind, ...pieces: Buffer[]): Promise<Heard> {
  way.pieces = pieces;
  const upstream = { id: "p", kind, baseUrl: "https://p.test", secret: "", priceBook: "" };
  const request = { url: "https://p.test/chat", headers: {}, body: "{}" };
  const call: UpstreamCall = { upstream, model: "m", request, requestId: "req_1", signal: new AbortController().signal, deadlineMs: NOW_MS + 60_000, onSent: () => undefined };
  const stream = await new HttpProvider(way, { firstByteMs: 60_000, idleMs: 60_000 }, () => NOW_MS).streamChat(call);
  const chunks: ChatCompletionChunk[] = [];
  try {
    for await (const some of stream) chunks.push(...some);
    return { chunks, failure: undefined };
  } catch (error) {
    if (error instanceof UpstreamFailure) return { chunks, failure: error.error.code };
    throw error;
  }
}

const STREAMS: Partial<Readonly<Record<ProviderKind, Buffer>>> = {
  // Source: https://platform.openai.com/docs/api-reference/chat-streaming
  openai: toStream(
    ["", { id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { role: "assistant", content: "Grün 🌿" }, finish_reason: null }] }],
    ["", { id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }],
    ["", { id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [], usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 } }],
    ["", "[DONE]"],
  ),
  // Source: https://platform.claude.com/docs/en/build-with-claude/streaming
  anthropic: toStream(
    ["message_start", { type: "message_start", message: { id: "msg_1", model: "claude", usage: { input_tokens: 9, output_tokens: 1 } } }],
    ["content_block_start", { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }],
    ["content_block_delta", { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Grün 🌿" } }],
    ["content_block_stop", { type: "content_block_stop", index: 0 }],
    ["content_block_start", { type: "content_block_start", index: 1, content_block: { type: "tool_use", id: "t", name: "f", input: {} } }],
    ["content_block_delta", { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"a":"ü"}' } }],
    ["content_block_stop", { type: "content_block_stop", index: 1 }],
    ["message_delta", { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 3 } }],
    ["message_stop", { type: "message_stop" }],
  ),
  // Source: https://ai.google.dev/api/generate-content
  gemini: toStream(
    ["", { candidates: [{ index: 0, content: { parts: [{ text: "Grün " }] } }], responseId: "r", modelVersion: "gemini" }],
    ["", { candidates: [{ index: 0, content: { parts: [{ text: "🌿" }] }, finishReason: "STOP" }], usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 3 }, responseId: "r", modelVersion: "gemini" }],
  ),
  // Source: https://docs.cohere.com/docs/streaming
  cohere: toStream(
    ["message-start", { type: "message-start", id: "a" }],
    ["content-delta", { type: "content-delta", index: 0, delta: { message: { content: { text: "Grün 🌿" } } } }],
    ["message-end", { type: "message-end", delta: { finish_reason: "COMPLETE", usage: { billed_units: { input_tokens: 9, output_tokens: 3 } } } }],
  ),
};

describe.each(Object.entries(STREAMS) as [ProviderKind, Buffer][])("a stream of %s through the whole provider", (kind, stream) => {
  test("split at any byte is the same, and cut at any byte the beginning of it, and broken", async () => {
    await using wayOut = { way: new PiecesWay(), [Symbol.asyncDispose]: () => wayOut.way.close() };
    const { way } = wayOut;
    const whole = await hear(way, kind, stream);
    expect(whole.failure).toBeUndefined();
    expect(whole.chunks.at(-1)?.usage).toMatchObject({ promptTokens: 9n, completionTokens: 3n });
    const wholes = new Set<number>();
    for (let at = 0; at <= stream.length; at += 1) {
      expect(await hear(way, kind, stream.subarray(0, at), stream.subarray(at))).toEqual(whole);
      const { chunks, failure } = await hear(way, kind, stream.subarray(0, at));
      expect(chunks).toEqual(whole.chunks.slice(0, chunks.length));
      expect([undefined, "PROVIDER_STREAM_BROKEN"]).toContain(failure);
      if (failure === undefined) wholes.add(at);
    }
    expect(wholes).toContain(stream.length);
    expect(wholes).not.toContain(Math.floor(stream.length / 2));
    expect(await hear(way, kind, ...Array.from(stream, (byte) => Buffer.of(byte)))).toEqual(whole);
  });
});
