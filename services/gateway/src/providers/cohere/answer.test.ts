import { FieldMismatch, writeChatCompletion } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { cohere } from "./dialect.ts";

function shown(answer: object): Record<string, unknown> {
  return writeChatCompletion(cohere.readChat({ id: "a1", message: { role: "assistant", content: [{ type: "text", text: "x" }] }, ...answer })) as Record<string, unknown>;
}

// Source: https://docs.cohere.com/reference/chat
describe("an answer", () => {
  test("is told in OpenAI's form", () => {
    const message = { role: "assistant", content: [{ type: "thinking", thinking: "Hm." }, { type: "text", text: "Four" }, { type: "text", text: "." }] };
    const usage = { billed_units: { input_tokens: 5, output_tokens: 7 }, tokens: { input_tokens: 71, output_tokens: 9 }, cached_tokens: 3 };
    expect(shown({ finish_reason: "COMPLETE", message, usage, novel: 1 })).toEqual({
      id: "a1", object: "chat.completion", created: 0, model: "", novel: 1,
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Four.", reasoning_content: "Hm." } }],
      usage: {
        prompt_tokens: 5, completion_tokens: 7, total_tokens: 12, prompt_tokens_details: { cached_tokens: 3 },
        billed_units: { input_tokens: 5, output_tokens: 7 }, tokens: { input_tokens: 71, output_tokens: 9 },
      },
    });
  });

  // Source: https://docs.cohere.com/docs/tool-use-overview
  test("plans and calls tools, with broken arguments as they are and an empty object for none", () => {
    const calls = [
      { id: "f_1", type: "function", function: { name: "f", arguments: '{"a":' } },
      { id: "g_1", type: "function", function: { name: "g", arguments: "" } },
    ];
    expect(shown({ finish_reason: "TOOL_CALL", message: { role: "assistant", tool_plan: "I will look.", tool_calls: calls } })["choices"]).toEqual([
      { index: 0, finish_reason: "tool_calls", message: { role: "assistant", content: null, reasoning_content: "I will look.", tool_plan: "I will look.", tool_calls: [calls[0], { ...calls[1], function: { name: "g", arguments: "{}" } }] } },
    ]);
  });

  // Source: https://docs.cohere.com/docs/rag-citations
  test("cites: whole beside, and as annotations what has an address", () => {
    const citations = [
      { start: 0, end: 4, text: "Four", type: "TEXT_CONTENT", sources: [{ type: "document", id: "d1", document: { id: "d1", url: "https://a.example", title: "A" } }, { type: "document", id: "d2", document: { id: "d2" } }] },
      { start: 0, end: 1, text: "F", type: "PLAN", sources: [{ type: "tool", id: "t1", tool_output: { url: "https://b.example" } }] },
    ];
    expect(shown({ message: { role: "assistant", content: [{ type: "text", text: "Four" }], citations } })["choices"]).toMatchObject([
      { message: { citations, annotations: [{ type: "url_citation", url_citation: { url: "https://a.example", title: "A", start_index: 0, end_index: 4 } }] } },
    ]);
  });

  test("tells log probabilities by piece of text", () => {
    expect(shown({ logprobs: [{ text: "é", token_ids: [1, 2], logprobs: [-0.5, -0.25] }] })["choices"]).toMatchObject([
      { logprobs: { content: [{ token: "é", logprob: -0.75, bytes: [195, 169], top_logprobs: [] }] } },
    ]);
  });

  test.each([
    ["COMPLETE", "stop"], ["STOP_SEQUENCE", "stop"], ["MAX_TOKENS", "length"], ["TOOL_CALL", "tool_calls"], ["ERROR_TOXIC", "content_filter"],
    ["ERROR", "error"], ["TIMEOUT", "timeout"], [undefined, null],
  ])("that ends by %s ends by %s", (finish_reason, expected) => expect(shown({ finish_reason })["choices"]).toMatchObject([{ finish_reason: expected }]));

  test.each([
    [{ tokens: { input_tokens: 3 } }, { prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 }],
    [{ billed_units: { input_tokens: 0, output_tokens: 0 }, tokens: { input_tokens: 3 } }, { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
  ])("is billed as %j says", (usage, expected) => expect(shown({ usage })["usage"]).toMatchObject(expected));

  test.each([{}, { billed_units: { search_units: 1 } }, { billed_units: { input_tokens: "x" } }])("has no usage in %j", (usage) => expect(shown({ usage })["usage"]).toBeUndefined());

  test.each([null, [], {}, { message: "x" }])("is in none of these: %j", (json) => expect(() => cohere.readChat(json)).toThrow(FieldMismatch));
});

// Source: https://docs.cohere.com/reference/errors
describe("a refusal", () => {
  test.each([
    [400, true], [413, true], [422, true], [498, true], [401, false], [402, false], [403, false], [404, false], [429, false], [499, false], [500, false], [503, false],
  ])("with %i, whether it is the request's fault: %s", (status, isRequestsFault) => {
    expect(cohere.readRefusal(status, '{"message":"Why."}')).toEqual({ status, message: "Why.", code: status === 498 ? "content_filter" : "", isRequestsFault });
  });

  test("of a prompt that is too long for this model is not the request's fault", () => {
    expect(cohere.readRefusal(400, '{"message":"too many tokens: size limit exceeded by 12 tokens."}').isRequestsFault).toBe(false);
  });

  test.each(["", "<html>", "[]", "null", '{"message":1}'])("that cannot be read keeps its status: %j", (text) => {
    expect(cohere.readRefusal(502, text)).toEqual({ status: 502, message: "", code: "", isRequestsFault: false });
  });
});
