import { isFailure } from "@alfred/errors";
import { readChatRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { BASE, USER, ask } from "./asking.ts";
import { gemini } from "./dialect.ts";

function config(fields: Record<string, unknown>, model?: string): unknown {
  return ask(fields, model).body["generationConfig"];
}

// Source: https://ai.google.dev/api/generate-content
describe("the call", () => {
  test("names the method in its path and the key in a header", () => {
    const { url, headers } = ask({});
    expect(url).toBe(`${BASE}/models/gemini-2.5-flash:generateContent`);
    expect(headers).toEqual({ "x-goog-api-key": "AIza-test" });
    expect(ask({}, undefined, true).url).toBe(`${BASE}/models/gemini-2.5-flash:streamGenerateContent?alt=sse`);
  });

  test("takes tuned models by their whole name", () => {
    expect(ask({}, "tunedModels/mine-1").url).toBe(`${BASE}/tunedModels/mine-1:generateContent`);
  });

  test.each(["../files", "a//b", "models/.."])("goes nowhere else by a model's name: %s", (model) => {
    expect(() => ask({}, model)).toThrow(/not a name/);
  });

  test.each([["x?key=1", "models/x%3Fkey%3D1"], ["x#y", "models/x%23y"]])("escapes %s", (model, path) => {
    expect(ask({}, model).url).toBe(`${BASE}/${path}:generateContent`);
  });
});

// Source: https://ai.google.dev/api/generate-content#generationconfig
describe("settings", () => {
  test("go by Gemini's names", () => {
    const fields = {
      temperature: 0.5, top_p: 0.9, n: 2, stop: ["a", "b"], max_completion_tokens: 64, presence_penalty: 0.1,
      frequency_penalty: -0.2, logprobs: true, top_logprobs: 3, seed: 7, modalities: ["text", "image"],
    };
    expect(config(fields)).toEqual({
      temperature: 0.5, topP: 0.9, candidateCount: 2, stopSequences: ["a", "b"], maxOutputTokens: 64, presencePenalty: 0.1,
      frequencyPenalty: -0.2, responseLogprobs: true, logprobs: 3, seed: 7, responseModalities: ["TEXT", "IMAGE"],
    });
    expect(config({ stop: "x", max_tokens: 5, logprobs: true, modalities: ["text"] })).toEqual({ stopSequences: ["x"], maxOutputTokens: 5, responseLogprobs: true });
  });

  test("ask for JSON, with its schema as it is", () => {
    const schema = { type: "object", properties: { b: { type: "string" }, a: { $ref: "#" } } };
    expect(config({ response_format: { type: "json_schema", json_schema: { name: "n", schema, strict: true } } })).toEqual({ responseMimeType: "application/json", responseJsonSchema: schema });
    expect(config({ response_format: { type: "json_object" } })).toEqual({ responseMimeType: "application/json" });
    expect(config({ response_format: { type: "text" } })).toEqual({});
  });

  // Sources: https://ai.google.dev/gemini-api/docs/thinking, https://ai.google.dev/gemini-api/docs/openai
  test.each([
    ["gemini-2.5-flash", "none", { thinkingBudget: 0 }],
    ["gemini-2.5-flash", "minimal", { thinkingBudget: 1_024, includeThoughts: true }],
    ["gemini-2.5-flash-latest", "low", { thinkingBudget: 1_024, includeThoughts: true }],
    ["gemini-2.5-pro", "medium", { thinkingBudget: 8_192, includeThoughts: true }],
    ["gemini-2.5-pro", "high", { thinkingBudget: 24_576, includeThoughts: true }],
    ["gemini-3-flash-preview", "none", { thinkingLevel: "minimal" }],
    ["gemini-3.1-pro", "minimal", { thinkingLevel: "low", includeThoughts: true }],
    ["gemini-flash-latest", "high", { thinkingLevel: "high", includeThoughts: true }],
  ])("tell %s to think: %s", (model, reasoning_effort, thinkingConfig) => {
    expect(config({ reasoning_effort }, model)).toEqual({ thinkingConfig });
  });

  test.each([["gemini-2.5-pro", "none"], ["gemini-3-pro", "none"], ["gemini-2.0-flash", "low"], ["gemini-3-flash", "xhigh"]])(
    "cannot tell %s to think: %s", (model, reasoning_effort) => {
      expect(ask({ reasoning_effort }, model).unsupported).toEqual(["reasoning_effort"]);
    },
  );

  test("that Gemini does not have are named", () => {
    const fields = {
      logit_bias: { 50256: -100 }, verbosity: "low", store: true, service_tier: "priority", seed: 2 ** 40, prediction: { type: "content" },
      audio: { voice: "x" }, functions: [{}], response_format: { type: "grammar" }, web_search_options: { user_location: { type: "approximate" } },
    };
    expect(ask(fields).unsupported.toSorted()).toEqual([
      "audio", "functions", "logit_bias", "prediction", "response_format", "seed", "service_tier", "store", "verbosity",
      "web_search_options.user_location",
    ]);
  });

  test("that change no answer are left out", () => {
    const fields = { user: "u", metadata: { a: "b" }, prompt_cache_key: "k", safety_identifier: "s", stream_options: { include_usage: true }, store: false, service_tier: "auto", stop: null, tools: [], n: 1 };
    const { body, unsupported } = ask(fields);
    expect(unsupported).toEqual([]);
    expect(body).toEqual({ contents: [{ role: "user", parts: [{ text: "Hi" }] }], generationConfig: { candidateCount: 1 } });
  });
});

describe("fields that OpenAI does not know", () => {
  test("pass, in the place that they have there", () => {
    const { body } = ask({
      safety_settings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }], top_k: 40, novel: { a: 1 },
      generationConfig: { media_resolution: "MEDIA_RESOLUTION_LOW", temperature: 2 }, temperature: 1,
      google: { thinking_config: { thinking_budget: 5 } }, extra_body: { google: { labels: { a: "b" } } },
    });
    expect(body).toMatchObject({
      safetySettings: [{ threshold: "BLOCK_NONE" }], novel: { a: 1 }, labels: { a: "b" },
      generationConfig: { topK: 40, mediaResolution: "MEDIA_RESOLUTION_LOW", temperature: 1, thinkingConfig: { thinking_budget: 5 } },
    });
  });

  test("do not go behind what a request is priced by, nor to what is not the client's", () => {
    const { body, unsupported } = ask({
      contents: [{ parts: [{ text: "long" }] }], cached_content: "cachedContents/1", google: { tools: [{ googleSearch: {} }], service_tier: "priority" },
      generation_config: { candidateCount: 8, max_output_tokens: 65_536 },
    });
    expect(unsupported.toSorted()).toEqual([
      "cached_content", "contents", "generation_config.candidateCount", "generation_config.maxOutputTokens", "service_tier", "tools",
    ]);
    expect(body).toEqual({ contents: [{ role: "user", parts: [{ text: "Hi" }] }], generationConfig: {} });
  });

  test("ask for images and sound by modalities alone, for which they are held", () => {
    const asked = ask({ google: { response_modalities: ["TEXT", "IMAGE"] }, generation_config: { responseModalities: ["AUDIO"] } });
    expect(asked.unsupported).toEqual(["generation_config.responseModalities", "response_modalities"]);
    expect(asked.body["generationConfig"]).toEqual({});
    expect(ask({ google: { response_modalities: ["Text"] } })).toMatchObject({ unsupported: [], body: { generationConfig: { responseModalities: ["Text"] } } });
  });

  test("say how to think in place of an effort, which is told", () => {
    const asked = ask({ reasoning_effort: "high", google: { thinking_config: { thinking_budget: 5 } } });
    expect(asked).toMatchObject({ unsupported: ["reasoning_effort"], body: { generationConfig: { thinkingConfig: { thinking_budget: 5 } } } });
  });

  test("search with Google where a client wants the web searched", () => {
    expect(ask({ web_search_options: {} }).body["tools"]).toEqual([{ googleSearch: {} }]);
  });

  test("that are no JSON are refused", () => {
    const { chat } = readChatRequest({ model: "m", messages: [USER] });
    const broken = { ...chat, extra: { novel: "{" } };
    const refused = (): unknown => gemini.chat(broken, { baseUrl: BASE, secret: "", model: "g" }, false);
    expect(refused).toThrow(expect.toSatisfy((error) => isFailure(error, "INVALID_ARGUMENT")));
  });
});
