import { FieldMismatch, parseJson, writeChatCompletion } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { gemini } from "./dialect.ts";

/** A candidate as a client sees it. */
function choice(candidate: object): Record<string, unknown> {
  const completion = writeChatCompletion(gemini.readChat({ candidates: [candidate], responseId: "r1" })) as { choices: Record<string, unknown>[] };
  return completion.choices[0] ?? {};
}

function usage(usageMetadata: object): unknown {
  const completion = gemini.readChat({ candidates: [{ content: { parts: [{ text: "x" }] } }], usageMetadata });
  return (writeChatCompletion(completion) as { usage: unknown }).usage;
}

// Source: https://ai.google.dev/api/generate-content#generatecontentresponse
describe("an answer", () => {
  test("is told in OpenAI's form, and what that has no field for beside it", () => {
    const answer = {
      candidates: [
        {
          content: { role: "model", parts: [{ text: "Let me see.", thought: true }, { text: "Four" }, { text: ".", thoughtSignature: "c2ln" }] },
          finishReason: "STOP", index: 0, avgLogprobs: -0.1,
          safetyRatings: [{ category: "HARM_CATEGORY_HARASSMENT", probability: "NEGLIGIBLE" }],
        },
      ],
      usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 2, thoughtsTokenCount: 5, totalTokenCount: 15 },
      modelVersion: "gemini-2.5-flash", responseId: "r1", modelStatus: { modelStage: "STABLE" },
    };
    expect(writeChatCompletion(gemini.readChat(answer))).toEqual({
      id: "r1", object: "chat.completion", created: 0, model: "gemini-2.5-flash",
      choices: [
        {
          index: 0, finish_reason: "stop", avgLogprobs: -0.1,
          message: { role: "assistant", content: "Four.", reasoning_content: "Let me see.", extra_content: { google: { thought_signature: "c2ln" } } },
          safetyRatings: [{ category: "HARM_CATEGORY_HARASSMENT", probability: "NEGLIGIBLE" }],
        },
      ],
      usage: {
        prompt_tokens: 8, completion_tokens: 7, total_tokens: 15, prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 5 },
      },
      modelStatus: { modelStage: "STABLE" },
    });
  });

  test("has as many choices as there are candidates", () => {
    const candidates = [{ content: { parts: [{ text: "a" }] } }, { index: 1, content: { parts: [{ text: "b" }] } }];
    expect(gemini.readChat({ candidates }).choices.map(({ index }) => index)).toEqual([0, 1]);
  });

  // Source: https://ai.google.dev/gemini-api/docs/function-calling
  test("calls tools, with ids of Gemini's or made here, and arguments as they are", () => {
    const json = parseJson('{"candidates":[{"content":{"parts":[{"functionCall":{"id":"fc1","name":"f","args":{"z":9007199254740993,"a":[]}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"g"}}]},"finishReason":"STOP"}],"responseId":"r1"}');
    expect(JSON.stringify(writeChatCompletion(gemini.readChat(json)))).toContain('"arguments":"{\\"z\\":9007199254740993,\\"a\\":[]}"');
    expect(gemini.readChat(json).choices[0]).toMatchObject({
      finishReason: "tool_calls",
      message: {
        content: undefined,
        toolCalls: [
          { id: "fc1", type: "function", function: { name: "f" }, extra: { extra_content: '{"google":{"thought_signature":"c2ln"}}' } },
          { id: "call_alfred_r1_0_1", type: "function", function: { name: "g", arguments: "{}" } },
        ],
      },
    });
  });

  test("shows images, and keeps parts of no known form", () => {
    const parts = [{ inlineData: { mimeType: "image/png", data: "AA==" } }, { executableCode: { language: "PYTHON", code: "1" } }, { inlineData: { mimeType: "audio/L16", data: "AA==" } }];
    expect(choice({ content: { parts } })["message"]).toEqual({
      role: "assistant", content: null,
      images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }],
      extra_content: { google: { parts: parts.slice(1) } },
    });
  });

  test.each([null, [], "x", {}, { candidates: [] }, { candidates: "x", usageMetadata: {} }])("is in none of these: %j", (json) => {
    expect(() => gemini.readChat(json)).toThrow(FieldMismatch);
  });
});

// Source: https://ai.google.dev/api/generate-content#FinishReason
describe("the reason to stop", () => {
  test.each([
    ["STOP", "stop"], ["MAX_TOKENS", "length"], ["SAFETY", "content_filter"], ["RECITATION", "content_filter"],
    ["BLOCKLIST", "content_filter"], ["PROHIBITED_CONTENT", "content_filter"], ["SPII", "content_filter"],
    ["IMAGE_SAFETY", "content_filter"], ["IMAGE_PROHIBITED_CONTENT", "content_filter"], ["IMAGE_RECITATION", "content_filter"], ["LANGUAGE", "content_filter"],
    ["FINISH_REASON_UNSPECIFIED", null], [undefined, null],
  ])("%s is %s", (finishReason, expected) => {
    expect(choice({ content: { parts: [{ text: "x" }] }, finishReason })["finish_reason"]).toBe(expected);
  });

  test.each([
    "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE", "NO_IMAGE", "IMAGE_OTHER", "OTHER",
  ])("%s, which OpenAI does not have, is one that its clients know, and told by its own name beside", (finishReason) => {
    expect(choice({ content: { parts: [{ text: "x" }] }, finishReason })).toMatchObject({ finish_reason: "stop", finishReason });
    expect(choice({ content: { parts: [{ text: "x" }] }, finishReason: "STOP" })).not.toHaveProperty("finishReason");
  });

  // Source: https://ai.google.dev/gemini-api/docs/safety-settings
  test("of a prompt that was blocked is a refusal", () => {
    const answer = { promptFeedback: { blockReason: "PROHIBITED_CONTENT", safetyRatings: [] }, usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 } };
    expect(writeChatCompletion(gemini.readChat(answer))).toMatchObject({
      choices: [{ index: 0, finish_reason: "content_filter", message: { content: null, refusal: "The provider blocked the prompt: PROHIBITED_CONTENT." } }],
      usage: { prompt_tokens: 9, completion_tokens: 0 },
      promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
    });
  });

  test("of an answer that was blocked comes without text", () => {
    expect(choice({ finishReason: "SAFETY", finishMessage: "No.", index: 0 })).toEqual({ index: 0, finish_reason: "content_filter", message: { role: "assistant", content: "" }, finishMessage: "No." });
  });
});

// Source: https://ai.google.dev/api/generate-content#UsageMetadata
describe("usage", () => {
  test("tells what was cached, thought, heard and seen, each once", () => {
    expect(usage({
      promptTokenCount: 1_000, cachedContentTokenCount: 400, candidatesTokenCount: 50, thoughtsTokenCount: 30, toolUsePromptTokenCount: 20, totalTokenCount: 1_100,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: 500 }, { modality: "AUDIO", tokenCount: 300 }, { modality: "IMAGE", tokenCount: 200 }],
      cacheTokensDetails: [{ modality: "TEXT", tokenCount: 100 }, { modality: "AUDIO", tokenCount: 300 }],
      candidatesTokensDetails: [{ modality: "AUDIO", tokenCount: 40 }, { modality: "TEXT", tokenCount: 10 }],
      trafficType: "ON_DEMAND",
    })).toEqual({
      prompt_tokens: 1_020, completion_tokens: 80, total_tokens: 1_100, trafficType: "ON_DEMAND",
      prompt_tokens_details: { cached_tokens: 400, audio_tokens: 0, image_tokens: 200, text_tokens: 400 },
      completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 40, text_tokens: 10 },
    });
  });

  test.each([{}, { promptTokenCount: -1 }, { promptTokenCount: "many" }])("is not told by %j", (metadata) => expect(usage(metadata)).toBeUndefined());
});

// Source: https://ai.google.dev/api/generate-content#LogprobsResult
test("log probabilities are told in OpenAI's form", () => {
  const logprobsResult = {
    chosenCandidates: [{ token: "Hé", tokenId: 1, logProbability: -0.25 }, { token: "!", tokenId: 2, logProbability: -1 }],
    topCandidates: [{ candidates: [{ token: "Hé", logProbability: -0.25 }, { token: "Ho", logProbability: -2 }] }],
  };
  expect(choice({ content: { parts: [{ text: "Hé!" }] }, logprobsResult })["logprobs"]).toEqual({
    refusal: null,
    content: [
      { token: "Hé", logprob: -0.25, bytes: [72, 195, 169], top_logprobs: [{ token: "Hé", logprob: -0.25, bytes: [72, 195, 169] }, { token: "Ho", logprob: -2, bytes: [72, 111] }] },
      { token: "!", logprob: -1, bytes: [33], top_logprobs: [] },
    ],
  });
});

// Source: https://ai.google.dev/gemini-api/docs/google-search
describe("citations", () => {
  const groundingMetadata = {
    webSearchQueries: ["q"],
    groundingChunks: [{ web: { uri: "https://a.example", title: "A" } }, { web: { uri: "https://b.example" } }],
    groundingSupports: [{ segment: { endIndex: 6, text: "Grün" }, groundingChunkIndices: [0, 1, 7] }, { segment: { startIndex: 6 }, groundingChunkIndices: [0] }],
  };

  test("count characters where Gemini counts bytes", () => {
    const cited = choice({ content: { parts: [{ text: "Grün 🌿 ist" }] }, groundingMetadata });
    expect(cited["message"]).toMatchObject({
      annotations: [
        { type: "url_citation", url_citation: { url: "https://a.example", title: "A", start_index: 0, end_index: 5 } },
        { type: "url_citation", url_citation: { url: "https://b.example", title: "https://b.example", start_index: 0, end_index: 5 } },
      ],
    });
    expect(cited["groundingMetadata"]).toEqual(groundingMetadata);
  });

  test("of text that is recited are told too", () => {
    const citationMetadata = { citationSources: [{ startIndex: 1, endIndex: 3, uri: "https://c.example", license: "mit" }] };
    expect(choice({ content: { parts: [{ text: "abcd" }] }, citationMetadata })["message"]).toMatchObject({
      annotations: [{ url_citation: { url: "https://c.example", start_index: 1, end_index: 3 } }],
    });
  });
});
