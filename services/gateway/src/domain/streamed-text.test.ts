import { readChatChunk, readChatCompletion } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { StreamedText } from "./streamed-text.ts";

function whole(message: Readonly<Record<string, unknown>>): string {
  const said = new StreamedText();
  const choices = [{ index: 0, message: { role: "assistant", content: null, ...message }, finish_reason: "stop" }];
  said.addCompletion(readChatCompletion({ id: "x", object: "chat.completion", created: 1, model: "m", choices }));
  return said.sample().text;
}

function streamed(delta: Readonly<Record<string, unknown>>): string {
  const said = new StreamedText();
  const choices = [{ index: 0, delta, finish_reason: null }];
  said.addChunk(readChatChunk({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices }));
  return said.sample().text;
}

describe("what a model said", () => {
  test.each([
    ["text", { content: "Hello" }, "Hello"],
    ["parts", { content: [{ type: "text", text: "Hel" }, { type: "text", text: "lo" }, { type: "refusal", refusal: "No" }] }, "HelloNo"],
    ["a function's call", { function_call: { name: "f", arguments: "{}" } }, "arguments"],
    ["thoughts", { content: "a", reasoning_content: "b" }, "ab"],
    ["thoughts by another name", { content: "a", reasoning: "long" }, "long"],
    ["no call", { content: "a", function_call: null }, "a"],
  ])("counts %s", (_, message, expected) => expect(whole(message)).toContain(expected));

  test("counts no null", () => expect(whole({ content: "a", function_call: null })).toBe("a"));

  test("counts a streamed function's call", () => expect(streamed({ function_call: { arguments: "abc" } })).toContain("abc"));
});
