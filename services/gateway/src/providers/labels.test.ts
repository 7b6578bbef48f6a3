import { parseJson, readChatRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import type { ProviderKind } from "../domain/route.ts";
import { dialectOf } from "./dialects.ts";

/** Everything that speaks a dialect, or a variant of one. */
const SPEAKERS: readonly ProviderKind[] = [
  "openai", "azure", "anthropic", "gemini", "cohere", "mistral", "deepseek", "groq", "together", "perplexity", "lambda", "ollama",
];
const CHAT = '"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]';

function askMessages(kind: ProviderKind, messages: readonly object[], fields: object = {}, priceBook: string = kind) {
  const { chat } = readChatRequest({ model: "m", max_tokens: 9, messages, ...fields });
  const { request, unsupported } = dialectOf({ kind, priceBook }).chat(chat, { baseUrl: "https://p.test/v1", secret: "s", model: "m" }, false);
  return { unsupported, text: JSON.stringify(request.body) };
}

function ask(kind: ProviderKind, fields: string) {
  const { chat } = readChatRequest(parseJson(`{${CHAT},${fields}}`));
  const { request, unsupported } = dialectOf({ kind }).chat(chat, { baseUrl: "https://p.test/v1", secret: "s", model: "m" }, false);
  return { unsupported, text: JSON.stringify(request.body) };
}

describe.each(SPEAKERS)("%s", (speaker) => {
  test.each([
    '"user":"u"', '"metadata":{"a":"b"}', '"safety_identifier":"s"', '"prompt_cache_key":"k"', '"prompt_cache_retention":"24h"', '"store":false', '"store":null',
    '"service_tier":"auto"', '"service_tier":"default"', '"stream_options":{"include_usage":true}', '"cache_control":{"type":"ephemeral"}',
  ])("takes, or leaves out without a word, what changes no answer: %s", (field) => expect(ask(speaker, field).unsupported).toEqual([]));

  test.each([
    '"n":1', '"logprobs":false', '"top_logprobs":0', '"presence_penalty":0', '"frequency_penalty":0', '"logit_bias":{}', '"modalities":["text"]', '"verbosity":"medium"',
    '"seed":null', '"tools":[]', '"tool_choice":"auto"', '"web_search_options":null', '"function_call":null', '"parallel_tool_calls":true',
  ])("lets what asks for nothing pass: %s", (field) => expect(ask(speaker, field).unsupported).toEqual([]));

  test.each(['"novel":{"big":18446744073709551615,"none":null}', '"novel":null', '"novel":[]', '"novel":{}', '"novel":""', '"zzz_field":1'])("sends what is its own on as it is: %s", (field) => {
    const { unsupported, text } = ask(speaker, field);
    expect(unsupported).toEqual([]);
    expect(text).toContain(field);
  });
});

const CACHED = { cache_control: { type: "ephemeral" } };
const CALL = { id: "abcDEF123", type: "function", function: { name: "f", arguments: "{}" } };
const USER = { role: "user", content: "Hi" };

describe.each(SPEAKERS.filter((kind) => kind !== "perplexity"))("a conversation for %s", (speaker) => {
  test("keeps marks of what is worth caching where there is a place for them alone", () => {
    const content = [{ type: "text", text: "Be brief.", ...CACHED }];
    const messages = [{ role: "system", content }, { ...USER, ...CACHED }, { role: "assistant", content: null, tool_calls: [{ ...CALL, ...CACHED }] }, { role: "tool", tool_call_id: CALL.id, content, ...CACHED }];
    const { unsupported, text } = askMessages(speaker, messages, { tools: [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } }, ...CACHED }] });
    expect(unsupported).toEqual([]);
    expect(text.includes("cache_control")).toBe(speaker === "anthropic");
  });

  test.each([["x"], [[{ type: "text", text: "x" }]]])("says that a tool failed, by a flag or in words: %j", (content) => {
    const messages = [USER, { role: "assistant", content: null, tool_calls: [CALL] }, { role: "tool", tool_call_id: CALL.id, content, is_error: true }];
    const { unsupported, text } = askMessages(speaker, messages);
    expect(unsupported).toEqual([]);
    expect(text).toMatch({ anthropic: /"is_error":true/, gemini: /"error":"x"/ }[speaker as string] ?? /"Error: x"/);
    expect(text.includes("is_error")).toBe(speaker === "anthropic");
    expect(askMessages(speaker, [...messages.slice(0, 2), { role: "tool", tool_call_id: CALL.id, content, is_error: false }]).text).not.toMatch(/rror: /);
  });
});

describe.each([...SPEAKERS.map((kind) => [kind, kind] as const), ["openai", ""] as const])("a file that %s of %j keeps", (speaker, priceBook) => {
  test.each([
    { type: "file", file: { file_id: "file-1" } }, { type: "input_file", file_id: "file-1" }, { type: "novel", source: { type: "file", file_id: "file-1" } },
    { type: "novel", content: [{ source: { file_id: "file-1" } }] },
  ])("is the operator's, and is never named: %j", (part) => {
    const { unsupported, text } = askMessages(speaker, [{ role: "user", content: [{ type: "text", text: "See" }, part] }], {}, priceBook);
    expect(unsupported).toEqual([expect.stringMatching(/^messages\[0\]\.content\[1\]/)]);
    expect(text).not.toContain("file-1");
  });
});

/** Fields that change the answer, each with what stands for it in a body of whoever serves it. */
const TELLING: readonly (readonly [name: string, value: string, said: RegExp])[] = [
  ["seed", "7", /"seed":7/], ["n", "2", /"candidateCount":2/], ["logit_bias", '{"5":1}', /"5":1/], ["logprobs", "true", /ogprobs":true/], ["verbosity", '"low"', /verbosity/],
  ["web_search_options", "{}", /googleSearch/], ["store", "true", /store/], ["service_tier", '"flex"', /flex/], ["prediction", '{"type":"content"}', /prediction/],
];

describe.each(["anthropic", "gemini", "cohere"] as const)("a dialect of its own, %s", (speaker) => {
  test.each(TELLING)("takes what changes the answer, or tells: %s", (name, value, said) => {
    const { unsupported, text } = ask(speaker, `"${name}":${value}`);
    expect(said.test(text)).toBe(!unsupported.includes(name));
  });
});
