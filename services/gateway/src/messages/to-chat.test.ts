import { readMessageRequest } from "@alfred/anthropic";
import { writeChatRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { toChat } from "./to-chat.ts";

// Shapes after https://platform.claude.com/docs/en/api/messages/create; the values are this test's own.
type Json = Record<string, unknown>;

function asChat(fields: Json): { chat: Json; places: readonly unknown[]; unsupported: readonly string[] } {
  const { message } = readMessageRequest({ model: "m", max_tokens: 64, messages: [{ role: "user", content: "Hi" }], ...fields });
  const { chat, ...rest } = toChat(message);
  return { chat: JSON.parse(JSON.stringify(writeChatRequest(chat, { model: "m", stream: false }))) as Json, ...rest };
}

describe("a conversation as a chat", () => {
  test("says the instructions first, and text as text", () => {
    const { chat, places } = asChat({ system: "Be brief." });
    expect(chat["messages"]).toEqual([{ role: "system", content: "Be brief." }, { role: "user", content: "Hi" }]);
    expect([chat["max_tokens"], places]).toEqual([64, [{ path: "system", first: 0 }, { path: "messages[0]", first: 0 }]]);
  });

  test("has images and documents as parts, with what stands beside them", () => {
    const content = [
      { type: "text", text: "What is this?", cache_control: { type: "ephemeral" } },
      { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0" } },
      { type: "image", source: { type: "url", url: "https://a.test/b.png" } },
      { type: "document", title: "Terms.pdf", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0" } },
      { type: "document", title: "Notes", source: { type: "text", media_type: "text/plain", data: "Nothing." } },
      { type: "search_result", source: "https://a.test", title: "A", content: [{ type: "text", text: "B" }] },
    ];
    expect(asChat({ messages: [{ role: "user", content }] }).chat["messages"]).toEqual([{ role: "user", content: [
      content[0],
      { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0" } },
      { type: "image_url", image_url: { url: "https://a.test/b.png" } },
      { type: "file", file: { filename: "Terms.pdf", file_data: "data:application/pdf;base64,JVBERi0" } },
      { type: "text", text: "Notes\n\nNothing." },
      { type: "search_result", source: "https://a.test", title: "A", content: [{ type: "text", text: "B" }] },
    ] }]);
  });

  test("has calls, their results in their order, and thoughts", () => {
    const turns = [
      { role: "assistant", content: [
        { type: "thinking", thinking: "Hm.", signature: "s" }, { type: "text", text: "Let me look." },
        { type: "tool_use", id: "a", name: "f", input: { x: 1 } }, { type: "tool_use", id: "b", name: "g", input: {} },
      ] },
      { role: "user", content: [
        { type: "tool_result", tool_use_id: "a", content: "one" },
        { type: "tool_result", tool_use_id: "b", is_error: true, content: [{ type: "text", text: "two" }, { type: "image", source: { type: "url", url: "https://a.test/b.png" } }] },
        { type: "text", text: "And?" },
      ] },
    ];
    const { chat, places } = asChat({ messages: turns });
    expect(chat["messages"]).toEqual([
      { role: "assistant", content: "Let me look.", reasoning_content: "Hm.", tool_calls: [
        { id: "a", type: "function", function: { name: "f", arguments: '{"x":1}' } }, { id: "b", type: "function", function: { name: "g", arguments: "{}" } },
      ] },
      { role: "tool", tool_call_id: "a", content: "one" },
      { role: "tool", tool_call_id: "b", is_error: true, content: [{ type: "text", text: "two" }, { type: "image_url", image_url: { url: "https://a.test/b.png" } }] },
      { role: "user", content: [{ type: "text", text: "And?" }] },
    ]);
    expect(places).toEqual([
      { path: "messages[0]", first: 0 }, { path: "messages[1].content[0]", first: 0 }, { path: "messages[1].content[1]", first: 0 }, { path: "messages[1]", first: 2 },
    ]);
  });

  test("has tools, and the choice among them", () => {
    const tools = [{ name: "f", description: "Does.", input_schema: { z: 1, a: 2 }, strict: true }, { type: "bash_20250124", name: "bash" }];
    const { chat } = asChat({ tools, tool_choice: { type: "any", disable_parallel_tool_use: true } });
    expect(chat["tools"]).toEqual([
      { type: "function", function: { name: "f", description: "Does.", parameters: { z: 1, a: 2 }, strict: true } },
      { type: "bash_20250124", name: "bash" },
    ]);
    expect([chat["tool_choice"], chat["parallel_tool_calls"]]).toEqual(["required", false]);
    expect(asChat({ tools, tool_choice: { type: "tool", name: "f" } }).chat["tool_choice"]).toEqual({ type: "function", function: { name: "f" } });
    expect(asChat({ tools, tool_choice: { type: "none" } }).chat["tool_choice"]).toBe("none");
  });

  test.each([
    [{ type: "enabled", budget_tokens: 1_024 }, "low"],
    [{ type: "enabled", budget_tokens: 8_000 }, "medium"],
    [{ type: "enabled", budget_tokens: 32_000 }, "high"],
    [{ type: "adaptive" }, "medium"],
    [{ type: "disabled" }, undefined],
  ])("thinks for %j as hard as %s", (thinking, effort) => {
    expect(asChat({ thinking }).chat["reasoning_effort"]).toBe(effort);
    expect(asChat({ thinking, output_config: { effort: "max" } }).chat["reasoning_effort"]).toBe("max");
  });

  test.each([["output_config", (format: Json) => ({ format })], ["output_format", (format: Json) => format]])("asks by %s for a form", (field, written) => {
    const schema = { type: "object", properties: {} };
    const { chat } = asChat({ [field]: written({ type: "json_schema", schema }) });
    expect(chat["response_format"]).toEqual({ type: "json_schema", json_schema: { name: "answer", schema, strict: true } });
  });

  test("tells what a chat has no place for, by the client's names", () => {
    const odd = { top_k: 5, container: "c", inference_geo: null, service_tier: "standard_only", output_config: { format: { type: "grammar" }, novelty: 1 } };
    const { chat, unsupported } = asChat({ ...odd, stop_sequences: ["END"], metadata: { user_id: "u" }, cache_control: { type: "ephemeral" } });
    expect(unsupported).toEqual(["top_k", "service_tier", "output_config.format", "output_config.novelty", "container"]);
    expect(chat).toMatchObject({ stop: ["END"], user: "u" });
  });
});
