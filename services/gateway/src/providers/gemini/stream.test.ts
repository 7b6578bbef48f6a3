import { writeChatChunk } from "@alfred/openai";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testFuzzed } from "../../../tests/stream-fuzz.ts";
import { hear, toStream } from "../../../tests/stream-pieces.ts";
import { StreamFault } from "../dialect.ts";
import { gemini } from "./dialect.ts";

const HEAD = { modelVersion: "gemini-3-pro", responseId: "r1" };

function frame(candidate: object, usageMetadata?: object): readonly [string, unknown] {
  return ["", { candidates: [{ index: 0, ...candidate }], usageMetadata, ...HEAD }];
}

function parts(...said: object[]): object {
  return { content: { role: "model", parts: said } };
}

// Sources: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent,
// https://ai.google.dev/gemini-api/docs/thinking, https://ai.google.dev/gemini-api/docs/function-calling
const FULL = toStream(
  frame(parts({ text: "Hm, 天気", thought: true }), { promptTokenCount: 9, thoughtsTokenCount: 4, totalTokenCount: 13 }),
  frame(parts({ text: "Grün 🌿" }), { promptTokenCount: 9, candidatesTokenCount: 3, thoughtsTokenCount: 4, totalTokenCount: 16 }),
  frame(parts({ functionCall: { name: "f", args: { city: "Zürich" } }, thoughtSignature: "c2ln" }, { functionCall: { id: "g1", name: "g", args: {} } })),
  frame({ ...parts({ text: "", thoughtSignature: "ZW5k" }), finishReason: "STOP" }, { promptTokenCount: 9, candidatesTokenCount: 20, thoughtsTokenCount: 4, totalTokenCount: 33 }),
);

function whole(stream: Buffer): { chunks: Record<string, unknown>[]; isWhole: boolean } {
  const heard = hear(gemini.streamChat(), [stream]);
  return { ...heard, chunks: heard.chunks.map((chunk) => writeChatChunk(chunk)) };
}

describe("a stream", () => {
  test("is told in OpenAI's chunks, each with the usage so far", () => {
    const { chunks, isWhole } = whole(FULL);
    const head = { id: "r1", object: "chat.completion.chunk", created: 0, model: "gemini-3-pro" };
    const google = (thought_signature: string) => ({ extra_content: { google: { thought_signature } } });
    const usage = (completion_tokens: number): object => ({
      prompt_tokens: 9, completion_tokens, total_tokens: 9 + completion_tokens, prompt_tokens_details: { cached_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 4 },
    });
    expect(isWhole).toBe(true);
    expect(chunks).toEqual([
      { ...head, choices: [{ index: 0, delta: { role: "assistant", reasoning_content: "Hm, 天気" }, finish_reason: null }], usage: usage(4) },
      { ...head, choices: [{ index: 0, delta: { content: "Grün 🌿" }, finish_reason: null }], usage: usage(7) },
      {
        ...head,
        choices: [
          {
            index: 0, finish_reason: null,
            delta: {
              tool_calls: [
                { index: 0, id: "call_alfred_r1_0_0", type: "function", function: { name: "f", arguments: '{"city":"Zürich"}' }, ...google("c2ln") },
                { index: 1, id: "g1", type: "function", function: { name: "g", arguments: "{}" } },
              ],
            },
          },
        ],
      },
      {
        ...head,
        choices: [{ index: 0, delta: google("ZW5k"), finish_reason: "tool_calls" }],
        usage: usage(24),
      },
    ]);
  });

  test("of several candidates is whole once each has ended", () => {
    const reader = gemini.streamChat();
    const both = toStream(["", { candidates: [{ index: 0, ...parts({ text: "a" }), finishReason: "STOP" }, { index: 1, ...parts({ text: "b" }) }] }]);
    expect(hear(reader, [both]).isWhole).toBe(false);
    expect(hear(reader, [toStream(["", { candidates: [{ index: 1, finishReason: "MAX_TOKENS" }] }])]).isWhole).toBe(true);
  });

  test("tells usage that comes after the end", () => {
    const late = toStream(frame({ ...parts({ text: "a" }), finishReason: "STOP" }), ["", { usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 } }]);
    expect(whole(late).chunks).toMatchObject([{ choices: [{ finish_reason: "stop" }] }, { choices: [], usage: { total_tokens: 2 } }]);
  });

  test("of a prompt that was blocked is whole", () => {
    const { chunks, isWhole } = whole(toStream(["", { promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 4 } }]));
    expect(isWhole).toBe(true);
    expect(chunks).toMatchObject([{ choices: [{ delta: { refusal: "The provider blocked the prompt: SAFETY." }, finish_reason: "content_filter" }], usage: { prompt_tokens: 4 } }]);
  });

  test("is given up where it says more than any model", () => {
    const reader = gemini.streamChat();
    const data = JSON.stringify(frame(parts({ text: "x".repeat(1024 * 1024) }))[1]);
    const push = (times: number): void => {
      for (let time = 0; time < times; time += 1) reader.push({ event: "", data });
    };
    push(16);
    expect(() => push(1)).toThrow("at most 16777216 characters");
  });

  test("cites each source once, by the characters of all its text", () => {
    const groundingMetadata = { groundingChunks: [{ web: { uri: "https://a.example", title: "A" } }], groundingSupports: [{ segment: { startIndex: 6, endIndex: 9 }, groundingChunkIndices: [0] }] };
    const stream = toStream(frame(parts({ text: "Grün " })), frame({ ...parts({ text: "ist" }), groundingMetadata }), frame({ finishReason: "STOP", groundingMetadata }));
    const annotations = whole(stream).chunks.flatMap(({ choices }) => (choices as { delta: { annotations?: unknown[] } }[]).flatMap(({ delta }) => delta.annotations ?? []));
    expect(annotations).toEqual([{ type: "url_citation", url_citation: { url: "https://a.example", title: "A", start_index: 5, end_index: 8 } }]);
  });

  // Source: https://ai.google.dev/gemini-api/docs/troubleshooting
  test.each([[{ error: { code: 503, message: "Overloaded.", status: "UNAVAILABLE" } }], [[{ error: { code: 503, message: "Overloaded.", status: "UNAVAILABLE" } }]]])(
    "that fails says why: %j", (data) => {
      const reader = gemini.streamChat();
      reader.push({ event: "", data: JSON.stringify(frame(parts({ text: "a" }))[1]) });
      const fail = (): unknown => reader.push({ event: "", data: JSON.stringify(data) });
      expect(fail).toThrow(new StreamFault("Overloaded."));
      expect(reader.isWhole).toBe(false);
    },
  );
});

testFuzzed({ name: "thinks, answers and calls", stream: FULL, open: () => gemini.streamChat() });

describe("a stream", () => {
  test("of any JSON throws nothing else than it may", () => {
    fc.assert(fc.property(fc.jsonValue(), fc.constantFrom("candidates", "promptFeedback", "usageMetadata", "error", "x"), (json, name) => {
      expect(() => hear(gemini.streamChat(), [toStream(["", json], ["", { [name]: json }], ["", { candidates: [json, { content: { parts: [json] }, groundingMetadata: json }] }])])).not.toThrow();
    }));
  });
});
