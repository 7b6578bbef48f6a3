import { CompletionRequest } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { readCompletionRequest, writeCompletion, writeCompletionRequest } from "./index.ts";

describe("a request for completions", () => {
  test.each([
    { prompt: "Once", suffix: "end", echo: true, best_of: 3, n: 2, logprobs: 2, max_tokens: 0, stop: ["a", "b"], logit_bias: { "50256": -100 }, seed: 7, user: "u" },
    { prompt: ["one", "two"], temperature: 0.5, top_p: 0.9, frequency_penalty: 1, presence_penalty: -1, stop: "x", stream_options: { include_usage: true } },
    { prompt: [1, 2, 3], unknown: { z: 1 }, suffix: null },
    { prompt: [[1], [2, 3]], logprobs: null },
  ])("comes out as it went in: %j", (fields) => {
    const { completion, stream } = readCompletionRequest({ model: "m", stream: true, ...fields });
    const sent = CompletionRequest.decode(CompletionRequest.encode(completion).finish());
    expect(stream).toBe(true);
    expect(writeCompletionRequest(sent, { model: "n", stream })).toEqual({ model: "n", stream: true, ...fields });
  });

  test.each([
    [{ model: "m" }, "prompt"],
    [{ model: "m", prompt: "" }, "prompt"],
    [{ model: "m", prompt: [] }, "prompt"],
    [{ model: "m", prompt: "x", n: 0 }, "n"],
    [{ model: "m", prompt: "x", best_of: 21 }, "best_of"],
    [{ model: "m", prompt: "x", echo: "yes" }, "echo"],
    [{ prompt: "x" }, "model"],
  ])("of the wrong form is refused by the field's name: %j", (body, field) => {
    expect(() => readCompletionRequest(body)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field } }));
  });
});

test("a completion tells null where there is nothing, and its choices though there are none", () => {
  const choice = { text: "", index: 0, logprobs: undefined, finishReason: undefined, extra: {} };
  const piece = { id: "c", object: "text_completion", created: 1n, model: "m", usage: undefined, systemFingerprint: undefined, alfred: undefined, extra: {} };
  expect(writeCompletion({ ...piece, choices: [choice] })).toMatchObject({ choices: [{ text: "", index: 0, logprobs: null, finish_reason: null }] });
  expect(writeCompletion({ ...piece, choices: [] })).toMatchObject({ choices: [] });
});
