import { readChatRequest, parseJson } from "@alfred/openai";
import { isFailure } from "@alfred/errors";
import { describe, expect, test } from "vitest";
import { gemini } from "./dialect.ts";

const BASE = "https://generativelanguage.googleapis.com/v1beta";
const USER = { role: "user", content: "Hi" };

/** What a client's body becomes. */
function ask(fields: Record<string, unknown>, model = "gemini-2.5-flash", streamed = false) {
  const json = parseJson(JSON.stringify({ model: "m", messages: [USER], ...fields }));
  const { chat } = readChatRequest(json);
  const { request, unsupported } = gemini.chat(chat, { baseUrl: BASE, secret: "AIza-test", model }, streamed);
  const body = JSON.parse(JSON.stringify(request.body)) as Record<string, unknown>;
  return { ...request, body, text: JSON.stringify(request.body), unsupported };
}

function config(fields: Record<string, unknown>, model?: string): unknown {
  return ask(fields, model).body["generationConfig"];
}

function contents(...messages: unknown[]): unknown {
  return ask({ messages }).body["contents"];
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

// Source: https://ai.google.dev/api/caching#Content
describe("messages", () => {
  test("of the system stand apart, wherever they are", () => {
    const { body } = ask({ messages: [{ role: "system", content: "Be brief." }, USER, { role: "developer", content: "In French." }] });
    expect(body["systemInstruction"]).toEqual({ parts: [{ text: "Be brief." }, { text: "In French." }] });
    expect(body["contents"]).toEqual([{ role: "user", parts: [{ text: "Hi" }] }]);
  });

  test("of the system alone are said by the user, since something has to be answered", () => {
    const { body } = ask({ messages: [{ role: "system", content: "Say hello." }] });
    expect(body).toMatchObject({ contents: [{ role: "user", parts: [{ text: "Say hello." }] }] });
    expect(body).not.toHaveProperty("systemInstruction");
  });

  // Source: https://ai.google.dev/gemini-api/docs/file-input-methods
  test("hold text, images, sound and files, in place or by address", () => {
    const parts = [
      { type: "text", text: "Look" },
      { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0=" } },
      { type: "image_url", image_url: { url: "https://example.com/a/cat.JPG?size=2", detail: "auto" } },
      { type: "image_url", image_url: { url: "https://example.com/cat" } },
      { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERg==" } },
      { type: "file", file: { file_data: "data:text/plain,gr%C3%BCn" } },
      { type: "file", file: { file_id: "https://example.com/talk.mp4" }, video_metadata: { fps: 1 } },
    ];
    expect(contents({ role: "user", content: parts })).toEqual([
      {
        role: "user",
        parts: [
          { text: "Look" },
          { inlineData: { mimeType: "image/png", data: "iVBORw0=" } },
          { fileData: { mimeType: "image/jpeg", fileUri: "https://example.com/a/cat.JPG?size=2" } },
          { fileData: { fileUri: "https://example.com/cat" } },
          { inlineData: { mimeType: "audio/wav", data: "UklGRg==" } },
          { inlineData: { mimeType: "application/pdf", data: "JVBERg==" } },
          { inlineData: { mimeType: "text/plain", data: Buffer.from("grün").toString("base64") } },
          { fileData: { mimeType: "video/mp4", fileUri: "https://example.com/talk.mp4" }, video_metadata: { fps: 1 } },
        ],
      },
    ]);
  });

  test("name no file of the operator's account", () => {
    const content = [
      { type: "file", file: { file_id: "files/abc" } },
      { type: "image_url", image_url: { url: `${BASE}/files/abc` } },
      { type: "text", text: "x", file_data: { file_uri: `${BASE}/files/abc` } },
    ];
    const { unsupported, text } = ask({ messages: [{ role: "user", content }] });
    expect(unsupported).toEqual(["messages[0].content[0].file", "messages[0].content[1].image_url", "messages[0].content[2].text"]);
    expect(text).not.toContain("files/abc");
  });

  test("say what they cannot say", () => {
    const content = [{ type: "video_url", video_url: { url: "x" } }, { type: "image_url", image_url: { url: "cat.png", detail: "high" } }];
    const { unsupported } = ask({ messages: [{ role: "user", name: "Ann", content }, { role: "function", content: "x" }, { role: "tool", tool_call_id: "none", content: "x" }] });
    expect(unsupported).toEqual([
      "messages[0].name", "messages[0].content[0].video_url", "messages[0].content[1].image_url.detail",
      "messages[0].content[1].image_url", "messages[1].role", "messages[2].tool_call_id",
    ]);
  });
});

// Source: https://ai.google.dev/gemini-api/docs/function-calling
describe("tools", () => {
  const weather = { type: "function", function: { name: "weather", description: "Tells it", parameters: { type: "object", properties: { n: { const: 1 } } } } };

  test("are declared with their schema as it is, large numbers included", () => {
    const { chat } = readChatRequest(parseJson('{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"maximum":9007199254740993}}}]}'));
    const { request } = gemini.chat(chat, { baseUrl: BASE, secret: "", model: "g" }, false);
    expect(JSON.stringify(request.body)).toContain('{"name":"f","parametersJsonSchema":{"maximum":9007199254740993}}');
  });

  test("of Gemini's own pass, those of others do not", () => {
    const { body, unsupported } = ask({ tools: [weather, { googleSearch: {} }, { type: "custom", custom: { name: "c" } }] });
    expect(body["tools"]).toMatchObject([{ functionDeclarations: [{ name: "weather" }] }, { googleSearch: {} }]);
    expect(unsupported).toEqual(["tools[2]"]);
  });

  test.each([
    ["auto", { mode: "AUTO" }],
    ["none", { mode: "NONE" }],
    ["required", { mode: "ANY" }],
    [{ type: "function", function: { name: "weather" } }, { mode: "ANY", allowedFunctionNames: ["weather"] }],
    [{ type: "allowed_tools", allowed_tools: { mode: "auto", tools: [weather] } }, { mode: "VALIDATED", allowedFunctionNames: ["weather"] }],
  ])("are chosen by %j", (tool_choice, expected) => {
    expect(ask({ tools: [weather], tool_choice }).body["toolConfig"]).toEqual({ functionCallingConfig: expected });
  });

  test("that are strict are held to their schema", () => {
    const strict = { ...weather, function: { ...weather.function, strict: true } };
    expect(ask({ tools: [strict] }).body["toolConfig"]).toEqual({ functionCallingConfig: { mode: "VALIDATED" } });
  });

  test("are called in parallel, whether the client likes it or not", () => {
    expect(ask({ tools: [weather], parallel_tool_calls: false }).unsupported).toEqual(["parallel_tool_calls"]);
    expect(ask({ tools: [weather], tool_choice: { type: "custom", custom: { name: "x" } } }).unsupported).toEqual(["tool_choice"]);
  });

  test("are answered together, by the names of their calls", () => {
    const calls = [
      { id: "fc-1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo","id":9007199254740993}' } },
      { id: "call_alfred_r_0_1", type: "function", function: { name: "time", arguments: "" } },
      { id: "call_x", type: "function", function: { name: "news", arguments: '{"a":' } },
    ];
    const { text, body, unsupported } = ask({
      messages: [
        USER,
        { role: "assistant", content: "", tool_calls: calls },
        { role: "tool", tool_call_id: "fc-1", content: '{"degrees":7}' },
        { role: "tool", tool_call_id: "call_alfred_r_0_1", content: "noon" },
        { role: "tool", tool_call_id: "call_x", content: [{ type: "text", text: "[1]" }] },
        { role: "user", content: "And?" },
      ],
    });
    expect(unsupported).toEqual([]);
    expect(text).toContain('{"city":"Oslo","id":9007199254740993}');
    expect(body["contents"]).toMatchObject([
      { role: "user" },
      {
        role: "model",
        parts: [
          { functionCall: { id: "fc-1", name: "weather" } },
          { functionCall: { name: "time", args: {} } },
          { functionCall: { id: "call_x", name: "news", args: { arguments: '{"a":' } } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { id: "fc-1", name: "weather", response: { degrees: 7 } } },
          { functionResponse: { name: "time", response: { output: "noon" } } },
          { functionResponse: { id: "call_x", name: "news", response: { output: [1] } } },
        ],
      },
      { role: "user", parts: [{ text: "And?" }] },
    ]);
    expect(text).not.toContain("call_alfred");
  });

  test("answer with images too", () => {
    const result = { role: "tool", tool_call_id: "c", content: [{ type: "text", text: "seen" }, { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }] };
    const call = { role: "assistant", tool_calls: [{ id: "c", type: "function", function: { name: "shot", arguments: "{}" } }] };
    expect(contents(USER, call, result)).toMatchObject([{}, {}, { parts: [{ functionResponse: { response: { output: "seen" }, parts: [{ inlineData: { data: "AA==" } }] } }] }]);
  });
});

// Source: https://ai.google.dev/gemini-api/docs/thought-signatures
describe("signatures of thoughts", () => {
  const call = (extra: object) => ({ id: "c1", type: "function", function: { name: "f", arguments: "{}" }, ...extra });
  const signature = { extra_content: { google: { thought_signature: "c2lnbg==" } } };

  test("go back with the call, or the text, that they came with", () => {
    expect(contents(USER, { role: "assistant", content: "I look.", tool_calls: [call(signature)] })).toMatchObject([
      {}, { parts: [{ text: "I look." }, { functionCall: { name: "f" }, thoughtSignature: "c2lnbg==" }] },
    ]);
    expect(contents(USER, { role: "assistant", content: "Done.", reasoning_content: "Hm", ...signature })).toEqual([
      { role: "user", parts: [{ text: "Hi" }] },
      { role: "model", parts: [{ text: "Done.", thoughtSignature: "c2lnbg==" }] },
    ]);
    expect(contents(USER, { role: "assistant", tool_calls: [call({})], ...signature })).toMatchObject([
      {}, { parts: [{ text: "", thoughtSignature: "c2lnbg==" }, { functionCall: {} }] },
    ]);
  });

  test("are stood for where another model made the call, for models that ask for them", () => {
    const messages = [USER, { role: "assistant", tool_calls: [call({}), call({})] }];
    const marked = { functionCall: { id: "c1", name: "f", args: {} }, thoughtSignature: "skip_thought_signature_validator" };
    const plain = { functionCall: { id: "c1", name: "f", args: {} } };
    expect(ask({ messages }, "gemini-3-pro-preview").body["contents"]).toMatchObject([{}, { parts: [marked, plain] }]);
    expect(ask({ messages }, "gemini-2.5-pro").body["contents"]).toEqual([{ role: "user", parts: [{ text: "Hi" }] }, { role: "model", parts: [plain, plain] }]);
  });

  test("go back with images and with parts of no known form", () => {
    const images = [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" }, ...signature }];
    const parts = [{ executableCode: { language: "PYTHON", code: "1+1" } }];
    const answer = { role: "assistant", content: "2", images, extra_content: { google: { parts } } };
    expect(contents(USER, answer)).toMatchObject([{}, { parts: [...parts, { text: "2" }, { inlineData: { data: "AA==" }, thoughtSignature: "c2lnbg==" }] }]);
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
