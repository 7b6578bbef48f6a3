import { isObject } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { DialectClient, type Json, type Spoken } from "./dialect-client.ts";

/** Tools of which the first is called with arguments and the second without, as the simulator has it. */
const TOOLS = [
  { type: "function", function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false } } },
  { type: "function", function: { name: "now", parameters: { type: "object", properties: {}, additionalProperties: false } } },
];
const ASKED = { role: "user", content: "What is it like? [[sim: tool_calls=2, reasoning_tokens=8]]" };

/** Providers whose models think, by the model that is asked. The simulator checks every signature that comes back. */
const THINKERS: readonly Spoken[] = [
  ["anthropic", "anthropic", "claude-opus-4-5"], ["anthropic", "anthropic", "claude-opus-5"], ["gemini", "gemini", "gemini-2.5-flash"],
  ["gemini", "gemini", "gemini-3-pro-preview"], ["cohere", "cohere", "command-a-reasoning-08-2025"], ["deepseek", "deepseek", "deepseek-reasoner"],
  ["groq", "groq", "openai/gpt-oss-120b"], ["mistral", "mistral", "magistral-medium-latest"],
];

const callsOf = (message: Json) => message["tool_calls"] as { id: string; function: { name: string; arguments: string } }[];
const resultsOf = (message: Json) => callsOf(message).map(({ id }) => ({ role: "tool", tool_call_id: id, content: '{"degrees":7}' }));
const chat = (...messages: unknown[]): Json => ({ max_completion_tokens: 8_000, reasoning_effort: "medium", tools: TOOLS, messages });
const WAYS = [["whole", false], ["streamed", true]] as const;

describe.each(THINKERS)("%s, asked as %s for %s,", (...thinker) => {
  test.each(WAYS)("thinks, calls, and goes on where its message comes back as it came: %s", async (_, streamed) => {
    await using client = await DialectClient.of(thinker);
    const called = await client.answer(chat(ASKED), streamed);
    expect(called["reasoning_content"]).toMatch(/./);
    expect(callsOf(called).map(({ function: { name } }) => name)).toEqual(["weather", "now"]);
    expect(callsOf(called).every(({ function: { arguments: text } }) => isObject(JSON.parse(text)))).toBe(true);
    const last = await client.answer(chat(ASKED, called, ...resultsOf(called), { role: "user", content: "So? [[sim: reasoning_tokens=8]]" }), streamed);
    expect(last["content"]).toMatch(/./);
  });
});

describe.each(THINKERS.filter(([id]) => id === "anthropic"))("%s, asked as %s for %s,", (...thinker) => {
  test.each(WAYS)("carries thoughts that nobody may read: %s", async (_, streamed) => {
    await using client = await DialectClient.of(thinker);
    const asked = { role: "user", content: "What is it like? [[sim: tool_calls=1, reasoning_tokens=8, redact_reasoning]]" };
    const called = await client.answer(chat(asked), streamed);
    expect(called).not.toHaveProperty("reasoning_content");
    expect(called["thinking_blocks"]).toMatchObject([{ type: "redacted_thinking" }]);
    expect(await client.answer(chat(asked, called, ...resultsOf(called)), streamed)).toMatchObject({ role: "assistant" });
  });
});

describe.each(THINKERS.filter(([id, , model]) => id === "anthropic" || model.startsWith("gemini-3")))("%s, asked as %s for %s,", (...thinker) => {
  test("refuses a signature that was changed on the way", async () => {
    await using client = await DialectClient.of(thinker);
    const called = await client.answer(chat(ASKED), false);
    const forged = JSON.parse(JSON.stringify(called).replaceAll(/("(?:thought_)?signature":")[^"]+/g, "$1Zm9yZ2Vk")) as Json;
    await expect(client.answer(chat(ASKED, forged, ...resultsOf(called)), false)).rejects.toThrow(/signature/i);
  });
});
