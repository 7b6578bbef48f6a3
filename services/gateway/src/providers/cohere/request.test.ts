import { parseJson, readChatRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { cohere } from "./dialect.ts";

const BASE = "https://api.cohere.com/v2";
const USER = { role: "user", content: "Hi" };

/** What a client's body becomes. */
function ask(fields: Record<string, unknown>, streamed = false) {
  const { chat } = readChatRequest(parseJson(JSON.stringify({ model: "m", messages: [USER], ...fields })));
  const { request, unsupported } = cohere.chat(chat, { baseUrl: BASE, secret: "co-test", model: "command-a-03-2025" }, streamed);
  const body = JSON.parse(JSON.stringify(request.body)) as Record<string, unknown>;
  return { ...request, body, text: JSON.stringify(request.body), unsupported };
}

function messages(...said: unknown[]): unknown {
  return ask({ messages: said }).body["messages"];
}

// Source: https://docs.cohere.com/reference/chat
describe("the call", () => {
  test("is the same for a stream, but for a field", () => {
    const { url, headers, body } = ask({});
    expect(url).toBe(`${BASE}/chat`);
    expect(headers).toEqual({ authorization: "Bearer co-test" });
    expect(body).toEqual({ model: "command-a-03-2025", messages: [USER], stream: false });
    expect(ask({}, true).body["stream"]).toBe(true);
  });
});

// Source: https://docs.cohere.com/reference/chat
describe("messages", () => {
  test("keep their order and Cohere's names of roles", () => {
    const said = [{ role: "developer", content: "Brief." }, USER, { role: "assistant", content: "Hello" }, { role: "system", content: [{ type: "text", text: "x" }] }];
    expect(messages(...said)).toEqual([
      { role: "system", content: "Brief." }, USER, { role: "assistant", content: "Hello" }, { role: "system", content: [{ type: "text", text: "x" }] },
    ]);
  });

  // Source: https://docs.cohere.com/docs/image-inputs
  test("of the user hold images", () => {
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AA==", detail: "low" } };
    const marked = { type: "text", text: "Look", cache_control: { type: "ephemeral" } };
    expect(messages({ role: "user", content: [marked, image] })).toEqual([{ role: "user", content: [{ type: "text", text: "Look" }, image] }]);
  });

  test("leave out what a client spreads of a message over its parts", () => {
    const spread = { type: "text", text: "Hello", role: "assistant", refusal: null, annotations: [], citations: [{ start: 0 }] };
    expect(messages(USER, { role: "assistant", content: [spread] })).toEqual([USER, { role: "assistant", content: [{ type: "text", text: "Hello" }] }]);
  });

  // Source: https://docs.cohere.com/docs/tool-use-overview
  test("of a tool hold text or documents that can be cited", () => {
    const call = { role: "assistant", tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "" } }] };
    const document = { type: "document", document: { id: "d1", data: "{}" } };
    const results = [{ role: "tool", tool_call_id: "c1", content: "7" }, { role: "tool", tool_call_id: "c1", name: "f", content: [document] }];
    expect(messages(USER, call, ...results)).toEqual([
      USER,
      { role: "assistant", tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "c1", content: "7" },
      { role: "tool", tool_call_id: "c1", content: [document] },
    ]);
  });

  test("of the assistant go back with plan, thoughts and citations, none of them twice", () => {
    const calls = [{ id: "c1", type: "function", function: { name: "f", arguments: '{"a":' } }];
    expect(messages(USER, { role: "assistant", content: null, reasoning_content: "I will look.", tool_plan: "I will look.", tool_calls: calls })).toEqual([
      USER, { role: "assistant", tool_plan: "I will look.", tool_calls: calls },
    ]);
    const citations = [{ start: 0, end: 1, text: "7", sources: [] }];
    expect(messages(USER, { role: "assistant", content: "7", reasoning_content: "Hm", citations, annotations: [{ type: "x" }] })).toEqual([
      USER, { role: "assistant", content: [{ type: "thinking", thinking: "Hm" }, { type: "text", text: "7" }], citations },
    ]);
    expect(messages(USER, { role: "assistant", content: null, refusal: "No." })).toEqual([USER, { role: "assistant", content: "No." }]);
  });

  test("say what they cannot say", () => {
    const sound = { type: "input_audio", input_audio: { data: "x", format: "wav" } };
    const file = { type: "file", file: { file_id: "f" } };
    const custom = { role: "assistant", tool_calls: [{ id: "c", type: "custom", custom: { name: "c", input: "x" } }] };
    const said = [{ role: "user", name: "Ann", novel: 1, content: [sound, file] }, { role: "function", content: "x" }, custom];
    expect(ask({ messages: said }).unsupported).toEqual([
      "messages[0].name", "messages[0].novel", "messages[0].content[0].input_audio", "messages[0].content[1].file", "messages[1].role",
      "messages[2].tool_calls[0]",
    ]);
  });
});

// Source: https://docs.cohere.com/docs/tool-use-overview
describe("tools", () => {
  const tool = (name: string, more: object = {}) => ({ type: "function", function: { name, parameters: { type: "object" }, ...more } });

  test("go as they are, and strictly where one is strict", () => {
    const { body } = ask({ tools: [tool("f", { description: "F", strict: true }), { type: "function", function: { name: "g" } }] });
    expect(body).toMatchObject({
      strict_tools: true,
      tools: [
        { type: "function", function: { name: "f", description: "F", parameters: { type: "object" } } },
        { type: "function", function: { name: "g", parameters: { type: "object", properties: {} } } },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('"strict"');
  });

  test.each([
    ["auto", undefined, ["f", "g"]],
    ["none", "NONE", ["f", "g"]],
    ["required", "REQUIRED", ["f", "g"]],
    [tool("g"), "REQUIRED", ["g"]],
    [{ type: "allowed_tools", allowed_tools: { mode: "auto", tools: [tool("f")] } }, undefined, ["f"]],
    [{ type: "allowed_tools", allowed_tools: { mode: "required", tools: [tool("f")] } }, "REQUIRED", ["f"]],
  ])("are chosen by %j", (tool_choice, expected, offered) => {
    const { body, unsupported } = ask({ tools: [tool("f"), tool("g")], tool_choice });
    expect(body["tool_choice"]).toBe(expected);
    expect((body["tools"] as { function: { name: string } }[]).map((each) => each.function.name)).toEqual(offered);
    expect(unsupported).toEqual([]);
  });

  test("of other kinds, unknown choices and one call at a time are not had", () => {
    expect(ask({ tools: [{ type: "custom", custom: {} }], parallel_tool_calls: false, tool_choice: { type: "custom", custom: { name: "c" } } }).unsupported).toEqual(["tool_choice", "tools[0]", "parallel_tool_calls"]);
    expect(ask({ tools: [tool("f")], tool_choice: tool("missing") }).unsupported).toEqual(["tool_choice"]);
  });
});

// Source: https://docs.cohere.com/reference/chat
describe("settings", () => {
  test("go by Cohere's names", () => {
    const { body, text, unsupported } = ask({
      temperature: 0.5, top_p: 1, top_k: 40, n: 1, stop: "x", max_completion_tokens: 64, presence_penalty: 0.1, frequency_penalty: 0, logprobs: true,
      documents: ["a"], citation_options: { mode: "FAST" }, safety_mode: "STRICT",
    });
    expect(unsupported).toEqual([]);
    expect(body).toMatchObject({
      temperature: 0.5, p: 0.99, k: 40, stop_sequences: ["x"], max_tokens: 64, presence_penalty: 0.1, logprobs: true,
      documents: ["a"], citation_options: { mode: "FAST" }, safety_mode: "STRICT",
    });
    expect(text).not.toMatch(/top_p|top_k|"n"|frequency_penalty/);
  });

  test("keep large seeds", () => {
    const { chat } = readChatRequest(parseJson('{"model":"m","messages":[{"role":"user","content":"x"}],"seed":9007199254740993}'));
    expect(JSON.stringify(cohere.chat(chat, { baseUrl: BASE, secret: "", model: "c" }, false).request.body)).toContain('"seed":9007199254740993');
  });

  // Source: https://docs.cohere.com/docs/structured-outputs
  test.each([
    [{ type: "text" }, { type: "text" }],
    [{ type: "json_object" }, { type: "json_object" }],
    [{ type: "json_schema", json_schema: { name: "n", strict: true, schema: { type: "object" } } }, { type: "json_object", json_schema: { type: "object" } }],
  ])("ask for a form: %j", (response_format, expected) => expect(ask({ response_format }).body["response_format"]).toEqual(expected));

  // Source: https://docs.cohere.com/docs/reasoning
  test.each([
    ["none", { type: "disabled" }], ["low", { type: "enabled", token_budget: 1_024 }], ["medium", { type: "enabled", token_budget: 8_192 }], ["high", { type: "enabled" }],
  ])("tell how hard to think: %s", (reasoning_effort, thinking) => expect(ask({ reasoning_effort }).body["thinking"]).toEqual(thinking));

  test("say how to think in Cohere's own words, in place of an effort, which is told", () => {
    const thinking = { type: "enabled", token_budget: 7 };
    const asked = ask({ reasoning_effort: "low", thinking });
    expect([asked.body["thinking"], asked.unsupported]).toEqual([thinking, ["reasoning_effort"]]);
  });

  test("that Cohere does not have are named", () => {
    const fields = {
      n: 2, logit_bias: { 1: 1 }, logprobs: true, top_logprobs: 2, frequency_penalty: -1, presence_penalty: 2, modalities: ["audio"], verbosity: "low",
      store: true, service_tier: "flex", reasoning_effort: "xhigh", response_format: { type: "x" }, prediction: {}, audio: { voice: "x" },
    };
    expect(ask(fields).unsupported.toSorted()).toEqual([
      "audio", "frequency_penalty", "logit_bias", "modalities", "n", "presence_penalty", "reasoning_effort", "response_format", "service_tier", "store",
      "top_logprobs", "verbosity",
    ]);
  });

  test("that change no answer are left out", () => {
    const fields = { user: "u", metadata: { a: "b" }, prompt_cache_key: "k", safety_identifier: "s", stream_options: { include_usage: true }, stop: null, tools: [] };
    expect(ask(fields)).toMatchObject({ unsupported: [], body: { model: "command-a-03-2025", messages: [USER], stream: false } });
    expect(Object.keys(ask(fields).body)).toHaveLength(3);
  });
});
