import { readChatRequest, readEmbeddingRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import type { ProviderKind } from "../../domain/route.ts";
import { dialectOf } from "../dialects.ts";

const TARGET = { baseUrl: "https://p.test/v1", secret: "s", model: "m" };

const spoken = (kind: string) => dialectOf({ kind: kind as ProviderKind });

function ask(kind: string, fields: object, streamed = false) {
  const { chat } = readChatRequest({ model: "m", messages: [{ role: "user", content: "Hi" }], ...fields });
  const { request, unsupported } = spoken(kind).chat(chat, TARGET, streamed);
  return { body: request.body, unsupported };
}

test("what differs is by the kind, and not by the price book: OpenAI's own is sent as it is", () => {
  const { chat } = readChatRequest({ model: "m", messages: [{ role: "user", content: "Hi" }], seed: 7 });
  const upstream = { id: "p", baseUrl: "https://p.test/v1", secret: "s" };
  expect(dialectOf({ ...upstream, kind: "openai", priceBook: "mistral" }).chat(chat, TARGET, false).request.body).toMatchObject({ seed: 7 });
  expect(dialectOf({ ...upstream, kind: "mistral", priceBook: "house" }).chat(chat, TARGET, false).request.body).toMatchObject({ random_seed: 7 });
});

const plain = { model: "m", messages: [{ role: "user", content: "Hi" }] };
const VARIANTS = ["mistral", "groq", "deepseek", "together", "perplexity", "lambda", "ollama"];

const call = (text: string) => ({ id: "abcDEF123", type: "function", function: { name: "f", arguments: text } });
const asked = (kind: string, text: string) => ask(kind, { messages: [{ role: "assistant", content: "", tool_calls: [call(text)] }] }).body["messages"];

test.each(["mistral", "deepseek", "groq", "together", "lambda", "ollama"])("%s does not search, however little is said of how to", (kind) => {
  expect(ask(kind, { web_search_options: {} }).unsupported).toEqual(["web_search_options"]);
});

test.each([".", ".."])("a deployment of Azure's is not called %j, which leads elsewhere", (model) => {
  const { chat } = readChatRequest({ model: "m", messages: [{ role: "user", content: "Hi" }] });
  expect(() => spoken("azure").chat(chat, { ...TARGET, model }, false)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field: "model" } }));
});

describe("an API like OpenAI's", () => {
  test("that is OpenAI's gets all that the client sent", () => {
    const fields = { max_completion_tokens: 5, seed: 1, n: 2, logprobs: false, user: "u", odd: null };
    expect(ask("openai", fields)).toEqual({ body: { ...plain, ...fields }, unsupported: [] });
  });

  test.each(["mistral", "deepseek", "together", "perplexity", "lambda", "ollama"])("of %s gets the limit by the name that it heeds", (kind) => {
    expect(ask(kind, { max_completion_tokens: 5 }).body).toEqual({ ...plain, max_tokens: 5 });
    expect(ask(kind, { max_completion_tokens: 5, max_tokens: 3 }).body).toEqual({ ...plain, max_tokens: 3 });
    expect(ask(kind, { max_completion_tokens: null }).body).toEqual(plain);
  });

  test.each(VARIANTS)("of %s gets instructions by the older role, and nothing that was only for OpenAI's clients", (kind) => {
    const answer = { role: "assistant", content: null, refusal: "No.", annotations: [], audio: null, function_call: null };
    const { body, unsupported } = ask(kind, { messages: [{ role: "developer", content: "Be brief." }, { role: "user", content: "Hi" }, answer] });
    expect(unsupported).toEqual([]);
    expect(body["messages"]).toEqual([{ role: "system", content: "Be brief." }, { role: "user", content: "Hi" }, { role: "assistant", content: "No." }]);
  });

  test("of Perplexity calls no tools", () => {
    const { body, unsupported } = ask("perplexity", { tools: [{ type: "function", function: { name: "f" } }], tool_choice: "required" });
    expect(body).toEqual(plain);
    expect(unsupported).toEqual(["tools", "tool_choice"]);
  });

  test.each(VARIANTS.filter((name) => name !== "perplexity"))("of %s has no tools of free text, nor lists of allowed ones", (kind) => {
    const tools = [{ type: "function", function: { name: "f" } }, { type: "custom", custom: { name: "c" } }];
    const { body, unsupported } = ask(kind, { tools, tool_choice: { type: "allowed_tools", allowed_tools: {} } });
    expect(body["tools"]).toEqual([tools[0]]);
    expect(unsupported.toSorted()).toEqual(["tool_choice", "tools[1]"]);
  });

  test.each(VARIANTS)("of %s gets an object for arguments that are none", (kind) => {
    expect(asked(kind, "")).toEqual([{ role: "assistant", content: "", tool_calls: [call("{}")] }]);
  });

  test.each(VARIANTS.filter((name) => name !== "ollama"))("of %s gets broken arguments of calls as they are", (kind) => {
    expect(asked(kind, '{"a":')).toEqual([{ role: "assistant", content: "", tool_calls: [call('{"a":')] }]);
  });

  test("of Ollama, which reads the arguments of calls, gets none that are broken", () => {
    expect(() => asked("ollama", '{"a":')).toThrow(expect.objectContaining({ metadata: { field: "messages[0].tool_calls[0].function.arguments" } }));
  });

  // Sources: those of the rows in variants.ts
  test.each([
    ["mistral", ["image_url", "input_audio", "file"]], ["groq", ["image_url"]], ["deepseek", []], ["together", ["image_url", "input_audio"]],
    ["perplexity", ["image_url", "file"]], ["lambda", ["image_url"]], ["ollama", ["image_url"]],
  ])("of %s takes %j", (kind, taken) => {
    const parts = [
      { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
      { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AA==" } },
      { type: "novel_part", novel: 1 },
    ];
    const { body, unsupported } = ask(kind, { messages: [{ role: "user", content: [{ type: "text", text: "See", cache_control: { type: "ephemeral" } }, ...parts] }] });
    const lacking = parts.flatMap(({ type }, index) => (type === "novel_part" || taken.includes(type) ? [] : [`messages[0].content[${index + 1}].${type}`]));
    expect(unsupported).toEqual(lacking);
    const [{ content }] = body["messages"] as [{ content: unknown[] }];
    expect(content).toHaveLength(2 + taken.length);
    expect(content[0]).toEqual({ type: "text", text: "See" });
    expect(content.at(-1)).toEqual({ type: "novel_part", novel: 1 });
  });

  test.each(VARIANTS.filter((name) => name !== "mistral"))("of %s hears plain text of all but the user", (kind) => {
    const text = (each: string) => ({ type: "text", text: each });
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } };
    const messages = [{ role: "system", content: [text("Be "), text("brief.")] }, { role: "tool", tool_call_id: "abcDEF123", content: [text("1"), image] }];
    expect(ask(kind, { messages })).toEqual({
      body: { model: "m", messages: [{ role: "system", content: "Be brief." }, { role: "tool", tool_call_id: "abcDEF123", content: "1" }] },
      unsupported: ["messages[1].content[1].image_url"],
    });
  });

  test.each([
    ["mistral", { input: "a", output_dimension: 8 }], ["together", { input: "a", dimensions: 8 }], ["ollama", { input: "a", dimensions: 8, encoding_format: "base64" }],
  ])("of %s embeds text", (kind, expected) => {
    const embeddings = spoken(kind).embeddings;
    const embed = (fields: object) => embeddings?.embed(readEmbeddingRequest({ model: "m", dimensions: 8, encoding_format: "base64", user: "u", ...fields }), TARGET).request.body;
    expect(embed({ input: "a" })).toEqual({ model: "m", ...expected });
    expect(() => embed({ input: [1, 2] })).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED" }));
  });

  test.each(["groq", "deepseek", "perplexity", "lambda"])("of %s has no embeddings", (kind) => expect(spoken(kind).embeddings).toBeUndefined());
});
