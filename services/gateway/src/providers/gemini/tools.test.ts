import { parseJson, readChatRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { BASE, USER, ask, contents } from "./asking.ts";
import { gemini } from "./dialect.ts";

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
    expect(ask({ tools: [{ ...weather, cache_control: { type: "ephemeral" }, novel: 1 }] }).unsupported).toEqual(["tools[0].novel"]);
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
      { id: "call_x", type: "function", function: { name: "news", arguments: "{}" } },
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
          { functionCall: { id: "call_x", name: "news", args: {} } },
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

  test.each(['{"a":', "5", "[]", '"x"'])("with arguments that are no object are the client's to mend: %j", (text) => {
    const call = { id: "c", type: "function", function: { name: "f", arguments: text } };
    expect(() => ask({ messages: [USER, { role: "assistant", tool_calls: [call] }] })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field: "messages[1].tool_calls[0].function.arguments" } }),
    );
  });

  // Source: https://ai.google.dev/api/caching#FunctionResponse
  test("that failed answer with an error", () => {
    const call = { role: "assistant", tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }] };
    const { body, unsupported } = ask({ messages: [USER, call, { role: "tool", tool_call_id: "c", content: "No such city.", is_error: true }] });
    expect(unsupported).toEqual([]);
    expect(body["contents"]).toMatchObject([{}, {}, { parts: [{ functionResponse: { name: "f", response: { error: "No such city." } } }] }]);
  });

  test("answer with images too", () => {
    const result = { role: "tool", tool_call_id: "c", content: [{ type: "text", text: "seen" }, { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }] };
    const call = { role: "assistant", tool_calls: [{ id: "c", type: "function", function: { name: "shot", arguments: "{}" } }] };
    expect(contents(USER, call, result)).toMatchObject([{}, {}, { parts: [{ functionResponse: { response: { output: "seen" }, parts: [{ inlineData: { data: "AA==" } }] } }] }]);
  });
});
