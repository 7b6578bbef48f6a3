import { writeChatChunk } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { testFuzzed } from "../../../tests/stream-fuzz.ts";
import { hear, toStream } from "../../../tests/stream-pieces.ts";
import { StreamFault } from "../dialect.ts";
import { dialectOf } from "../dialects.ts";

const HEAD = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_700_000_000, model: "gpt-5.1", system_fingerprint: "fp_1" };

function chunk(delta: object, more: object = {}): readonly [string, unknown] {
  return ["", { ...HEAD, choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...more }] }];
}

const call = (index: number, fields: object) => chunk({ tool_calls: [{ index, ...fields }] });
const DONE = ["", "[DONE]"] as const;
const USAGE = ["", { ...HEAD, choices: [], usage: { prompt_tokens: 9, completion_tokens: 7, total_tokens: 16, prompt_tokens_details: { cached_tokens: 4 } } }] as const;

// Source: https://platform.openai.com/docs/api-reference/chat-streaming
const CALLS = [
  chunk({ role: "assistant", content: "Grün 🌿", refusal: null }),
  call(0, { id: "call_1", type: "function", function: { name: "f", arguments: "" } }),
  call(0, { function: { arguments: '{"city":"Zü' } }),
  call(1, { id: "call_2", type: "function", function: { name: "g", arguments: "" } }),
  call(0, { function: { arguments: 'rich"' } }),
  chunk({}, { finish_reason: "tool_calls" }),
  USAGE,
  DONE,
];

// Source: https://learn.microsoft.com/azure/ai-services/openai/concepts/content-streaming
const FILTERED = [
  ["", { ...HEAD, id: "", model: "", choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: { hate: { filtered: false, severity: "safe" } } }] }] as const,
  chunk({ role: "assistant", content: "Hm" }),
  chunk({}, { finish_reason: "content_filter", content_filter_results: { hate: { filtered: true, severity: "high" } } }),
  DONE,
];

// Source: https://docs.mistral.ai/capabilities/reasoning
const THOUGHTS = [
  chunk({ role: "assistant", content: [{ type: "thinking", thinking: [{ type: "text", text: "Hm, 天気" }] }] }),
  chunk({ content: "So." }),
  chunk({ content: "" }, { finish_reason: "stop", usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }),
  DONE,
];

const openAi = () => dialectOf({ kind: "openai" }).streamChat();
const azure = () => dialectOf({ kind: "azure" }).streamChat();
const mistral = () => dialectOf({ kind: "mistral" }).streamChat();

describe("a stream", () => {
  test.each([["OpenAI's", openAi, CALLS], ["Azure's", azure, FILTERED]])("of %s is told as it came, broken and empty arguments and unknown fields included", (_, open, events) => {
    const { chunks, isWhole } = hear(open(), [toStream(...events)]);
    expect(isWhole).toBe(true);
    expect(chunks.map(writeChatChunk)).toEqual(events.slice(0, -1).map(([, data]) => data));
  });

  test("that fails says why", () => {
    // Source: https://platform.openai.com/docs/guides/error-codes
    const fail = (): unknown => openAi().push({ event: "", data: '{"error":{"message":"Overloaded.","type":"server_error","code":null}}' });
    expect(fail).toThrow(new StreamFault("Overloaded."));
  });
});

testFuzzed({ name: "calls at OpenAI", stream: toStream(...CALLS), open: openAi, lastWords: '"finish_reason":"tool_calls"' });
testFuzzed({ name: "is filtered at Azure", stream: toStream(...FILTERED), open: azure, lastWords: '"finish_reason":"content_filter"' });
testFuzzed({ name: "thinks at Mistral", stream: toStream(...THOUGHTS), open: mistral, lastWords: '"finish_reason":"stop"' });
