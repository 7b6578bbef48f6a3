import { describe, expect, test } from "vitest";
import { parseJson, readChatRequest } from "@alfred/openai";
import { anthropic } from "./dialect.ts";
import { bodyOf, mapped } from "./fixtures.ts";

const FUNCTION = { name: "get_weather", description: "The weather", parameters: { type: "object", properties: { city: { type: "string" } } } };
const TOOLS = [{ type: "function", function: FUNCTION }];

describe("a request", () => {
  test("goes to the Messages API with its version and key", () => {
    const { chat } = readChatRequest({ model: "m", messages: [{ role: "user", content: "Hi" }], max_tokens: 5 });
    for (const baseUrl of ["https://api.anthropic.com", "https://api.anthropic.com/v1"]) {
      const { request, unsupported } = anthropic.chat(chat, { baseUrl, secret: "sk", model: "claude-opus-5" }, true);
      expect(request).toEqual({
        url: "https://api.anthropic.com/v1/messages",
        headers: { "anthropic-version": "2023-06-01", "x-api-key": "sk" },
        body: { model: "claude-opus-5", max_tokens: 5, messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }], stream: true },
      });
      expect(unsupported).toEqual([]);
    }
    expect(anthropic.chat(chat, { baseUrl: "http://localhost:1/proxy", secret: "", model: "m" }, false).request).toMatchObject({
      url: "http://localhost:1/proxy/v1/messages", headers: { "anthropic-version": "2023-06-01" },
    });
  });

  test("is limited by the smaller of its two limits, and refused without any", () => {
    expect(bodyOf({ max_tokens: 10, max_completion_tokens: 20 })["max_tokens"]).toBe(10);
    expect(() => mapped({ max_completion_tokens: null })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field: "max_completion_tokens" } }),
    );
  });

  test("says sampling and stops in the API's words", () => {
    expect(bodyOf({ temperature: 0.2, top_p: 0.9, stop: "END", top_k: 5 })).toMatchObject({ temperature: 0.2, top_p: 0.9, stop_sequences: ["END"], top_k: 5 });
    expect(bodyOf({ stop: ["a", "b"] })["stop_sequences"]).toEqual(["a", "b"]);
    expect(mapped({ temperature: 1.5, stop: ["a", "\n"] })).toMatchObject({ unsupported: ["stop", "temperature"], request: { body: { stop_sequences: ["a"] } } });
  });

  test.each(["claude-opus-4-7", "claude-sonnet-5", "claude-haiku-5-5"])("leaves the sampling of %s alone", (model) => {
    expect(mapped({ temperature: 0.2, top_p: 0.5, top_k: 5 }, model).unsupported).toEqual(["temperature", "top_p", "top_k"]);
    expect(bodyOf({ temperature: 1, top_p: 1 }, model)).toMatchObject({ temperature: 1, top_p: 1 });
  });

  test("names the end user, and no labels", () => {
    expect(bodyOf({ user: "u1" })["metadata"]).toEqual({ user_id: "u1" });
    expect(bodyOf({ user: "u1", safety_identifier: "s1" })["metadata"]).toEqual({ user_id: "s1" });
    expect(bodyOf({ metadata: { user_id: "u2" } })["metadata"]).toEqual({ user_id: "u2" });
    expect(bodyOf({ metadata: { team: "t" }, prompt_cache_key: "k", prompt_cache_retention: "24h" })).not.toHaveProperty("metadata");
  });

  test("says its tier in the API's words", () => {
    expect(bodyOf({ service_tier: "default" })["service_tier"]).toBe("standard_only");
    expect(bodyOf({ service_tier: "auto" })["service_tier"]).toBe("auto");
    expect(mapped({ service_tier: "flex" }).unsupported).toEqual(["service_tier"]);
  });

  test("asks for an answer by a schema", () => {
    // Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs
    const schema = { type: "object", properties: { a: { const: 1 } }, required: ["a"], additionalProperties: false };
    const body = bodyOf({ response_format: { type: "json_schema", json_schema: { name: "x", strict: true, schema } } });
    expect(body["output_config"]).toEqual({ format: { type: "json_schema", schema } });
    expect(bodyOf({ response_format: { type: "text" } })["output_config"]).toBeUndefined();
    expect(mapped({ response_format: { type: "json_object" } }).unsupported).toEqual(["response_format"]);
  });

  test.each([
    { n: 2 }, { presence_penalty: 1 }, { frequency_penalty: -1 }, { logit_bias: { 5: 1 } }, { logprobs: true }, { top_logprobs: 2 }, { seed: 7 }, { store: true },
    { modalities: ["text", "audio"] }, { verbosity: "low" }, { prediction: { type: "content" } }, { audio: { voice: "v" } },
    { web_search_options: { a: 1 } }, { functions: [{ name: "f" }] }, { container: "container_1" }, { thread: { type: "continue", previous_message_id: "msg_1" } },
  ])("says what cannot be served: %j", (field) => {
    const { request, unsupported } = mapped(field);
    expect(unsupported).toEqual(Object.keys(field));
    expect(Object.keys(request.body)).toEqual(["model", "max_tokens", "messages"]);
  });

  test("lets pass what asks for nothing", () => {
    const idle = {
      n: 1, presence_penalty: 0, frequency_penalty: 0, logit_bias: {}, logprobs: false, top_logprobs: 0, store: false, modalities: ["text"], verbosity: "medium",
      temperature: null, stop: null, tools: [], metadata: {}, seed: null, user: null, web_search_options: null, stream_options: { include_usage: true }, tool_choice: "auto",
    };
    expect(Object.keys(bodyOf(idle))).toEqual(["model", "max_tokens", "messages"]);
  });

  test("passes on what only the API knows, without loss", () => {
    const json = `{"model":"m","messages":[{"role":"user","content":"Hi"}],"max_tokens":9,"cache_control":{"type":"ephemeral","ttl":"1h"},"novel":{"big":9007199254740993},"nothing":null,"none":[]}`;
    const { request } = anthropic.chat(readChatRequest(parseJson(json)).chat, { baseUrl: "https://a.test", secret: "", model: "claude-opus-4-5" }, false);
    expect(JSON.stringify(request.body)).toContain('"cache_control":{"type":"ephemeral","ttl":"1h"},"novel":{"big":9007199254740993},"nothing":null,"none":[]');
  });

  test("does not say twice what OpenAI's words said", () => {
    const chat = { stop: "a", stop_sequences: ["b"], user: "u", response_format: { type: "json_schema", json_schema: { name: "x", schema: {} } }, output_config: { effort: "low" } };
    expect(mapped(chat)).toMatchObject({
      unsupported: ["stop_sequences"],
      request: { body: { output_config: { effort: "low", format: { type: "json_schema", schema: {} } } } },
    });
  });

  test("that carries broken raw JSON is refused without quoting it", () => {
    const { chat } = readChatRequest({ model: "m", messages: [{ role: "user", content: "Hi" }], max_tokens: 5, tools: TOOLS });
    const broken = { ...chat, extra: { novel: "{secret" } };
    expect(() => anthropic.chat(broken, { baseUrl: "https://a.test", secret: "", model: "m" }, false)).toThrow("`novel` must be JSON.");
  });
});

describe("tools", () => {
  test("are offered with their schemas, and what the API knows beside them", () => {
    const tools = [
      { type: "function", function: { ...FUNCTION, strict: true }, cache_control: { type: "ephemeral" } },
      { type: "function", function: { name: "ping" } },
      { type: "bash_20250124", name: "bash" },
    ];
    expect(bodyOf({ tools })["tools"]).toEqual([
      { name: "get_weather", description: "The weather", input_schema: FUNCTION.parameters, strict: true, cache_control: { type: "ephemeral" } },
      { name: "ping", input_schema: { type: "object", properties: {} } },
      { type: "bash_20250124", name: "bash" },
    ]);
  });

  test("that take free text have no counterpart", () => {
    expect(mapped({ tools: [...TOOLS, { type: "custom", custom: { name: "c" } }] }).unsupported).toEqual(["tools[1]"]);
  });

  test.each([
    ["auto", undefined, { type: "auto" }],
    ["none", undefined, { type: "none" }],
    ["required", undefined, { type: "any" }],
    [{ type: "function", function: { name: "get_weather" } }, undefined, { type: "tool", name: "get_weather" }],
    [{ type: "tool", name: "get_weather" }, undefined, { type: "tool", name: "get_weather" }],
    ["required", false, { type: "any", disable_parallel_tool_use: true }],
    [undefined, false, { type: "auto", disable_parallel_tool_use: true }],
    ["none", false, { type: "none" }],
    ["auto", true, { type: "auto" }],
    [undefined, true, undefined],
  ])("are chosen: %j, in parallel %j", (toolChoice, parallel, expected) => {
    expect(bodyOf({ tools: TOOLS, tool_choice: toolChoice, parallel_tool_calls: parallel })["tool_choice"]).toEqual(expected);
  });

  test.each([
    ["auto", { type: "auto" }],
    ["required", { type: "any" }],
  ])("are chosen among some: %s", (mode, expected) => {
    const named = ["get_weather", "ping"].map((name) => ({ type: "function", function: { name } }));
    const body = bodyOf({ tools: [...TOOLS, ...named.slice(1), { type: "function", function: { name: "other" } }], tool_choice: { type: "allowed_tools", allowed_tools: { mode, tools: named } } });
    expect(body).toMatchObject({ tools: [{ name: "get_weather" }, { name: "ping" }], tool_choice: expected });
    expect(body["tools"]).toHaveLength(2);
  });

  test.each([["some"], [{ type: "allowed_tools", allowed_tools: {} }], [{ type: "allowed_tools", allowed_tools: { tools: [{ type: "function", function: { name: "missing" } }] } }]])("cannot be chosen by %j", (choice) => {
    expect(mapped({ tools: TOOLS, tool_choice: choice }).unsupported).toEqual(["tool_choice"]);
  });

  test.each(["claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1"])("cannot be forced on %s", (model) => {
    expect(mapped({ tools: TOOLS, tool_choice: "required" }, model).unsupported).toEqual(["tool_choice"]);
  });
});
