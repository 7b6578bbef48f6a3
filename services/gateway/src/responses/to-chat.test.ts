import { readResponseRequest, writeChatRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { writeCarried } from "./carried.ts";
import { toChat } from "./to-chat.ts";

// Shapes after https://platform.openai.com/docs/api-reference/responses/create and
// https://platform.openai.com/docs/guides/migrate-to-responses; the values are this test's own.
function asked(fields: object, carries = true) {
  const { response } = readResponseRequest({ model: "m", input: "Hi", ...fields });
  const { chat, places, unsupported } = toChat(response, carries);
  return { body: writeChatRequest(chat, { model: "m", stream: false }), paths: places.map(({ path }) => path), unsupported };
}

const messages = (input: object[], carries = true): unknown => asked({ input }, carries).body["messages"];
const call = (id: string, more: object = {}) => ({ type: "function_call", call_id: id, name: "f", arguments: "{}", ...more });
const output = (id: string, said: unknown = "1") => ({ type: "function_call_output", call_id: id, output: said });
const made = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
const said = (text: string) => ({ type: "message", id: "msg_1", role: "assistant", status: "completed", content: [{ type: "output_text", text, annotations: [] }] });
const thought = (text: string, encrypted?: string) => ({ type: "reasoning", id: "rs_1", summary: text === "" ? [] : [{ type: "summary_text", text }], ...(encrypted === undefined ? {} : { encrypted_content: encrypted }) });

describe("a request of Responses as a chat", () => {
  test("is told beforehand, then asked", () => {
    expect(asked({ instructions: "Be brief." })).toEqual({
      body: { model: "m", messages: [{ role: "system", content: "Be brief." }, { role: "user", content: "Hi" }] }, paths: ["instructions", "input"], unsupported: [],
    });
  });

  test("has its options under a chat's names", () => {
    const fields = {
      max_output_tokens: 9, temperature: 0.5, top_p: 0.9, reasoning: { effort: "low", summary: "auto" }, parallel_tool_calls: false, metadata: { a: "b" },
      text: { format: { type: "json_schema", name: "r", description: "d", schema: { z: 1, a: 2 }, strict: true }, verbosity: "low" }, user: "u", safety_identifier: "s",
      prompt_cache_key: "k", service_tier: "auto", top_logprobs: 2, truncation: "disabled", store: true, include: ["reasoning.encrypted_content"], stream_options: { include_obfuscation: false },
      context_management: [], moderation: null,
    };
    expect(asked(fields)).toMatchObject({
      body: {
        max_tokens: 9, temperature: 0.5, top_p: 0.9, reasoning_effort: "low", parallel_tool_calls: false, metadata: { a: "b" }, verbosity: "low", user: "u",
        response_format: { type: "json_schema", json_schema: { name: "r", description: "d", schema: { z: 1, a: 2 }, strict: true } }, safety_identifier: "s",
        prompt_cache_key: "k", service_tier: "auto", logprobs: true, top_logprobs: 2,
      },
      unsupported: [],
    });
    expect(asked({ text: { format: { type: "json_object" } } }).body).toMatchObject({ response_format: { type: "json_object" } });
    expect(asked({ text: { format: { type: "text" } } }).body).not.toHaveProperty("response_format");
  });

  test("has its tools and the choice of them under their types", () => {
    const tools = [
      { type: "function", name: "f", description: "Does.", parameters: { z: 1, a: 2 }, strict: null },
      { type: "custom", name: "g", format: { type: "grammar", syntax: "regex", definition: "a+" } },
    ];
    const { body, unsupported } = asked({ tools, tool_choice: { type: "function", name: "f" } });
    expect(body).toMatchObject({
      tools: [
        { type: "function", function: { name: "f", description: "Does.", parameters: { z: 1, a: 2 } } },
        { type: "custom", custom: { name: "g", format: { type: "grammar", grammar: { syntax: "regex", definition: "a+" } } } },
      ],
      tool_choice: { type: "function", function: { name: "f" } },
    });
    expect(unsupported).toEqual([]);
    expect(asked({ tools, tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] } }).body["tool_choice"]).toEqual({
      type: "allowed_tools", allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "f" } }] },
    });
    expect(asked({ tools, tool_choice: "required" }).body["tool_choice"]).toBe("required");
  });

  test("has text, images, files and sound of a message as its parts", () => {
    const content = [
      { type: "input_text", text: "See" }, { type: "input_image", image_url: "https://a.test/b.png", detail: "low", file_id: null },
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0" }, { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
    ];
    expect(messages([{ role: "user", content }])).toEqual([{
      role: "user",
      content: [
        { type: "text", text: "See" }, { type: "image_url", image_url: { url: "https://a.test/b.png", detail: "low" } },
        { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0" } }, { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
      ],
    }]);
    expect(messages([{ role: "developer", content: "Be kind." }])).toEqual([{ role: "developer", content: "Be kind." }]);
  });

  test("has thoughts, text and calls of an answer in one message, and each output in one of its own", () => {
    const { body, paths } = asked({ input: [{ role: "user", content: "Hi" }, thought("Hm."), said("Well."), call("a"), call("b"), output("b"), output("a", [{ type: "input_text", text: "2" }]), said("So.")] });
    expect(body["messages"]).toEqual([
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Well.", reasoning_content: "Hm.", tool_calls: [made("a"), made("b")] },
      { role: "tool", tool_call_id: "b", content: "1" },
      { role: "tool", tool_call_id: "a", content: [{ type: "text", text: "2" }] },
      { role: "assistant", content: "So." },
    ]);
    expect(paths).toEqual(["input[0]", "input[1]", "input[5]", "input[6]", "input[7]"]);
  });

  test("keeps two answers in a row apart, but never a call from its output", () => {
    expect(messages([said("One."), said("Two.")])).toEqual([{ role: "assistant", content: "One." }, { role: "assistant", content: "Two." }]);
    expect(messages([said("One."), call("a"), said("Two."), output("a")])).toMatchObject([
      { content: [{ type: "text", text: "One." }, { type: "text", text: "Two." }], tool_calls: [made("a")] }, { role: "tool" },
    ]);
  });

  test("has calls of custom tools", () => {
    const items = [{ type: "custom_tool_call", call_id: "c", name: "g", input: "x" }, { type: "custom_tool_call_output", call_id: "c", output: "y" }];
    expect(messages(items)).toEqual([
      { role: "assistant", tool_calls: [{ id: "c", type: "custom", custom: { name: "g", input: "x" } }] }, { role: "tool", tool_call_id: "c", content: "y" },
    ]);
  });

  test("brings back what its thoughts carry, to those who gave it", () => {
    const carried = { message: { thinking_blocks: '[{"type":"thinking"}]' }, calls: { a: { extra_content: '{"google":1}' } } };
    const items = [thought("", writeCarried(carried)), call("a"), output("a")];
    expect(messages(items)).toMatchObject([{ thinking_blocks: [{ type: "thinking" }], tool_calls: [{ ...made("a"), extra_content: { google: 1 } }] }, {}]);
    expect(messages(items, false)).toEqual([{ role: "assistant", tool_calls: [made("a")] }, { role: "tool", tool_call_id: "a", content: "1" }]);
    for (const encrypted of ["gAAAA", "alfred.1.!", "alfred.1.W10"]) expect(messages([thought("", encrypted), call("a"), output("a")])).toEqual(messages(items, false));
  });

  test("tells what a chat has no place for", () => {
    const odd = {
      moderation: { model: "x" }, truncation: "auto", max_tool_calls: 3, conversation: null, tool_choice: { type: "mcp", server_label: "s" },
      tools: [{ type: "web_search" }, { type: "function", name: "f", defer_loading: true, strict: false }], input: [{ type: "program", id: "p" }],
    };
    expect(asked(odd).unsupported).toEqual(["moderation", "truncation", "tool_choice", "tools[0]", "tools[1].defer_loading", "input[0]"]);
  });
});
