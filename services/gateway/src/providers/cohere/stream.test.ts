import { writeChatChunk } from "@alfred/openai";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testFuzzed } from "../../../tests/stream-fuzz.ts";
import { hear, toStream } from "../../../tests/stream-pieces.ts";
import { StreamFault } from "../dialect.ts";
import { cohere } from "./dialect.ts";

type Event = readonly [string, object];

function event(type: string, message?: object, more: object = {}): Event {
  return [type, { type, ...(message === undefined ? {} : { delta: { message } }), ...more }];
}

function end(delta: object): Event {
  return ["message-end", { type: "message-end", delta }];
}

const START = event("message-start", { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] }, { id: "a1" });
const BILLED = { billed_units: { input_tokens: 5, output_tokens: 7 }, tokens: { input_tokens: 70, output_tokens: 9 } };

// Sources: https://docs.cohere.com/docs/streaming, https://docs.cohere.com/docs/rag-streaming, https://docs.cohere.com/docs/reasoning
const ANSWER = [
  START,
  event("content-start", { content: { type: "thinking", thinking: "" } }, { index: 0 }),
  event("content-delta", { content: { thinking: "Hm, 天気" } }, { index: 0 }),
  event("content-end", undefined, { index: 0 }),
  event("content-start", { content: { type: "text", text: "" } }, { index: 1 }),
  event("content-delta", { content: { text: "Grün " } }, { index: 1, logprobs: { text: "Grün ", token_ids: [4], logprobs: [-0.5] } }),
  event("content-delta", { content: { text: "🌿" } }, { index: 1 }),
  event("citation-start", { citations: { start: 0, end: 4, text: "Grün", sources: [{ type: "document", id: "d1", document: { id: "d1", url: "https://a.example", title: "A" } }], type: "TEXT_CONTENT" } }, { index: 0 }),
  event("citation-end", undefined, { index: 0 }),
  event("content-end", undefined, { index: 1 }),
  end({ finish_reason: "COMPLETE", usage: BILLED }),
];

// Source: https://docs.cohere.com/docs/tool-use-streaming
const CALLS = [
  START,
  event("tool-plan-delta", { tool_plan: "I will" }),
  event("tool-plan-delta", { tool_plan: " look." }),
  event("tool-call-start", { tool_calls: { id: "f_1", type: "function", function: { name: "f", arguments: "" } } }, { index: 0 }),
  event("tool-call-delta", { tool_calls: { function: { arguments: '{"city":' } } }, { index: 0 }),
  event("tool-call-delta", { tool_calls: { function: { arguments: ' "Zürich"}' } } }, { index: 0 }),
  event("tool-call-end", undefined, { index: 0 }),
  event("tool-call-start", { tool_calls: { id: "g_1", type: "function", function: { name: "g", arguments: "" } } }, { index: 1 }),
  event("tool-call-end", undefined, { index: 1 }),
  end({ finish_reason: "TOOL_CALL", usage: BILLED }),
];

function told(events: readonly Event[]): { deltas: unknown[]; chunks: Record<string, unknown>[]; isWhole: boolean } {
  const heard = hear(cohere.streamChat(), [toStream(...events)]);
  const chunks = heard.chunks.map((chunk) => writeChatChunk(chunk));
  const deltas = chunks.map(({ choices }) => (choices as { delta: unknown }[])[0]?.delta);
  return { chunks, deltas, isWhole: heard.isWhole };
}

describe("a stream", () => {
  test("is told in OpenAI's chunks, with its usage at the end", () => {
    const { chunks, deltas, isWhole } = told(ANSWER);
    expect(isWhole).toBe(true);
    expect(deltas).toEqual([
      { role: "assistant" }, { reasoning_content: "Hm, 天気" }, { content: "Grün " }, { content: "🌿" },
      {
        citations: [expect.objectContaining({ text: "Grün" })],
        annotations: [{ type: "url_citation", url_citation: { url: "https://a.example", title: "A", start_index: 0, end_index: 4 } }],
      },
      {},
    ]);
    expect(chunks[2]).toMatchObject({ id: "a1", object: "chat.completion.chunk", choices: [{ logprobs: { content: [{ token: "Grün ", logprob: -0.5 }] }, finish_reason: null }] });
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: "stop" }], usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12, tokens: { input_tokens: 70 } } });
  });

  test("plans and calls tools in parallel, piece by piece", () => {
    const { chunks, deltas } = told(CALLS);
    expect(deltas).toEqual([
      { role: "assistant" },
      { reasoning_content: "I will", tool_plan: "I will" },
      { reasoning_content: " look.", tool_plan: " look." },
      { tool_calls: [{ index: 0, id: "f_1", type: "function", function: { name: "f", arguments: "" } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] },
      { tool_calls: [{ index: 0, function: { arguments: ' "Zürich"}' } }] },
      { tool_calls: [{ index: 1, id: "g_1", type: "function", function: { name: "g", arguments: "" } }] },
      { tool_calls: [{ index: 1, function: { arguments: "{}" } }] },
      {},
    ]);
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: "tool_calls" }] });
  });

  test("may end with [DONE], and hold events that are not known", () => {
    const stream = toStream(...ANSWER.slice(0, -1), ["debug", { type: "debug", prompt: "x" }], ...ANSWER.slice(-1), ["", "[DONE]"]);
    expect(hear(cohere.streamChat(), [stream])).toEqual(hear(cohere.streamChat(), [toStream(...ANSWER)]));
  });

  test.each([
    [{ finish_reason: "ERROR", error: "Broke." }, new StreamFault("Broke.")],
    [{ finish_reason: "TIMEOUT" }, new StreamFault("The provider failed while it answered.")],
  ])("that fails says why: %j", (delta, expected) => {
    const reader = cohere.streamChat();
    const failing = (): unknown => reader.push({ event: "message-end", data: JSON.stringify({ type: "message-end", delta }) });
    expect(failing).toThrow(expected);
    expect(reader.isWhole).toBe(false);
  });

  test("of an error instead of an event fails", () => {
    const failing = (): unknown => cohere.streamChat().push({ event: "", data: '{"message":"Gone."}' });
    expect(failing).toThrow(new StreamFault("Gone."));
  });
});

testFuzzed({ name: "answers", stream: toStream(...ANSWER), open: () => cohere.streamChat() });
testFuzzed({ name: "calls", stream: toStream(...CALLS), open: () => cohere.streamChat() });

describe("a stream", () => {
  test("of any JSON throws nothing else than it may", () => {
    const types = fc.constantFrom(...[...ANSWER, ...CALLS].map(([type]) => type));
    fc.assert(fc.property(fc.jsonValue(), types, (json, type) => {
      expect(() => hear(cohere.streamChat(), [toStream(["", json], [type, { type, delta: json }], [type, { type, delta: { message: { content: json, tool_calls: json, citations: json } }, index: json }])])).not.toThrow();
    }));
  });
});
