import { readChatRequest, writeChatChunk, writeChatCompletion } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { type StreamFrame, StreamFault } from "../dialect.ts";
import { dialectOf } from "../dialects.ts";
import type { VariantKind } from "./variants.ts";

const TARGET = { baseUrl: "https://p.test/v1", secret: "s", model: "m" };
const USER = { role: "user", content: "Hi" };
const plain = { model: "m", messages: [USER] };

function ask(kind: VariantKind, fields: object, streamed = false) {
  const { chat } = readChatRequest({ ...plain, ...fields });
  const { request, unsupported } = dialectOf({ kind }).chat(chat, TARGET, streamed);
  return { body: request.body, unsupported };
}

/** An answer with this choice, as a client gets it. */
function read(kind: VariantKind, choice: object, more: object = {}) {
  const json = { id: "a", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, finish_reason: "stop", ...choice }], ...more };
  return writeChatCompletion(dialectOf({ kind }).readChat(json)) as { choices: unknown[]; usage: unknown };
}

function heard(kind: VariantKind, chunk: object): unknown[] {
  const frame: StreamFrame = { event: "", data: JSON.stringify({ id: "a", object: "chat.completion.chunk", created: 1, model: "m", ...chunk }) };
  return dialectOf({ kind }).streamChat().push(frame).map(writeChatChunk);
}

// Sources: https://docs.mistral.ai/api, https://docs.mistral.ai/capabilities/reasoning, https://docs.mistral.ai/capabilities/function_calling
describe("Mistral", () => {
  test("gets nothing that it does not know", () => {
    const answer = { role: "assistant", content: "a", reasoning_content: "Hm", thinking_blocks: [{ type: "thinking" }], extra_content: { google: {} } };
    const fields = { messages: [answer, { ...USER, name: "Ann", novel: 1 }], seed: 7, user: "u", safety_identifier: "s", logprobs: false, store: true, stream_options: { include_usage: true } };
    const thinking = { type: "thinking", thinking: [{ type: "text", text: "Hm" }] };
    expect(ask("mistral", fields, true)).toEqual({
      body: { model: "m", messages: [{ role: "assistant", content: [thinking, { type: "text", text: "a" }] }, USER], random_seed: 7, stream: true },
      unsupported: ["store", "messages[1].name", "messages[1].novel"],
    });
    expect(ask("mistral", { metadata: { a: "b" }, prompt_cache_key: "k", prediction: { type: "content", content: "x" } }).body).toMatchObject({ metadata: { a: "b" }, prompt_cache_key: "k", prediction: {} });
  });

  test("says that it failed in the midst of a stream by its reason to finish", () => {
    const end = { choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }] };
    expect(() => heard("mistral", end)).toThrow(new StreamFault("The provider failed while it answered."));
  });

  test("gets sound and files in its own words", () => {
    const content = [
      { type: "input_audio", input_audio: { data: "AA==", format: "mp3" } }, { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AA==" } },
      { type: "file", file: { file_id: "file-1" } },
    ];
    expect(ask("mistral", { messages: [{ role: "user", content }] })).toEqual({
      body: { model: "m", messages: [{ role: "user", content: [{ type: "input_audio", input_audio: "AA==" }, { type: "document_url", document_url: "data:application/pdf;base64,AA==", document_name: "a.pdf" }] }] },
      unsupported: ["messages[0].content[2].file"],
    });
  });

  test("gets ids of calls of its own length, the same for the same", () => {
    const call = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" }, extra_content: {} });
    const messages = [{ role: "assistant", content: "", tool_calls: [call("toolu_01ABC"), call("abcDEF123")] }, { role: "tool", tool_call_id: "toolu_01ABC", name: "f", content: "1" }];
    const [answer, result] = ask("mistral", { messages }).body["messages"] as [{ tool_calls: { id: string }[] }, { tool_call_id: string }];
    expect(answer.tool_calls).toMatchObject([{ type: "function", function: { name: "f", arguments: "{}" } }, { id: "abcDEF123" }]);
    expect(answer.tool_calls[0]?.id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(JSON.stringify(answer)).not.toContain("extra_content");
    expect(result).toEqual({ role: "tool", tool_call_id: answer.tool_calls[0]?.id, content: "1" });
  });

  test("thinks in parts of its content, which its clients find as everywhere", () => {
    const content = [{ type: "thinking", thinking: [{ type: "text", text: "H" }, { type: "text", text: "m" }] }, { type: "text", text: "So." }, { type: "reference", reference_ids: [1] }];
    expect(read("mistral", { message: { role: "assistant", content } }).choices).toMatchObject([{ message: { content: "So.", reasoning_content: "Hm", content_parts: [{ type: "reference" }] } }]);
    const piece = (each: object) => heard("mistral", { choices: [{ index: 0, delta: { content: [each] }, finish_reason: null }] });
    expect(piece(content[0] as object)).toMatchObject([{ choices: [{ delta: { reasoning_content: "Hm" } }] }]);
    expect(piece(content[1] as object)).toMatchObject([{ choices: [{ delta: { content: "So." } }] }]);
  });

  test("tells its ends and its cache in its own words", () => {
    const answer = read("mistral", { message: { role: "assistant", content: "a" }, finish_reason: "model_length" }, { usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6, num_cached_tokens: 3 } });
    expect(answer).toMatchObject({ choices: [{ finish_reason: "length" }], usage: { prompt_tokens_details: { cached_tokens: 3 } } });
  });
});

// Sources: https://console.groq.com/docs/openai, https://console.groq.com/docs/reasoning, https://console.groq.com/docs/api-reference
describe("Groq", () => {
  test("lacks what it documents", () => {
    const fields = { messages: [{ ...USER, name: "Ann" }], logprobs: true, top_logprobs: 2, logit_bias: { "1": 1 }, n: 2 };
    expect(ask("groq", fields)).toEqual({ body: plain, unsupported: ["logprobs", "top_logprobs", "logit_bias", "n", "messages[0].name"] });
    expect(ask("groq", { n: 1, logprobs: false, max_completion_tokens: 5, service_tier: "default" })).toEqual({ body: { ...plain, max_completion_tokens: 5 }, unsupported: [] });
    expect(ask("groq", { service_tier: "flex" }).body).toMatchObject({ service_tier: "flex" });
    expect(ask("groq", { service_tier: "priority" }).unsupported).toEqual(["service_tier"]);
  });

  test("thinks in a field of another name, both ways", () => {
    expect(read("groq", { message: { role: "assistant", content: "a", reasoning: "Hm" } }).choices).toEqual([{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "a", reasoning_content: "Hm" } }]);
    expect(heard("groq", { choices: [{ index: 0, delta: { reasoning: "Hm" }, finish_reason: null }] })).toMatchObject([{ choices: [{ delta: { reasoning_content: "Hm" } }] }]);
    expect(ask("groq", { messages: [USER, { role: "assistant", content: "a", reasoning_content: "Hm" }] }).body["messages"]).toEqual([USER, { role: "assistant", content: "a", reasoning: "Hm" }]);
  });

  test("tells the usage of a stream, and why it stopped, beside", () => {
    const end = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }], x_groq: { id: "r", usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } } };
    expect(heard("groq", end)).toMatchObject([{ usage: { total_tokens: 3 }, x_groq: { id: "r" } }]);
    expect(() => heard("groq", { choices: [], x_groq: { error: "Gone." } })).toThrow(new StreamFault("Gone."));
  });
});

// Sources: https://api-docs.deepseek.com/api/create-chat-completion, https://api-docs.deepseek.com/guides/thinking_mode, https://api-docs.deepseek.com/guides/kv_cache
describe("DeepSeek", () => {
  test("answers in JSON, but in no form that is asked for", () => {
    expect(ask("deepseek", { response_format: { type: "json_object" } })).toEqual({ body: { ...plain, response_format: { type: "json_object" } }, unsupported: [] });
    expect(ask("deepseek", { response_format: { type: "json_schema", json_schema: { name: "n", schema: {} } } })).toEqual({ body: plain, unsupported: ["response_format"] });
  });

  test("is told not to think by a switch, and gets its thoughts back with its calls", () => {
    expect(ask("deepseek", { reasoning_effort: "none" }).body).toEqual({ ...plain, thinking: { type: "disabled" } });
    expect(ask("deepseek", { reasoning_effort: "max" }).body).toEqual({ ...plain, reasoning_effort: "max" });
    const answer = { role: "assistant", content: "", reasoning_content: "Hm", tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }] };
    expect(ask("deepseek", { messages: [USER, answer] }).body["messages"]).toEqual([USER, answer]);
  });

  test("tells its cache in its own words", () => {
    const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 1 };
    expect(read("deepseek", { message: { role: "assistant", content: "a" } }, { usage }).usage).toEqual({ ...usage, prompt_tokens_details: { cached_tokens: 8 } });
  });
});

// Sources: https://docs.together.ai/reference/chat-completions-1, https://docs.together.ai/docs/reasoning-overview
describe("Together", () => {
  test("counts its log probabilities", () => {
    expect(ask("together", { logprobs: true, top_logprobs: 3 }).body).toEqual({ ...plain, logprobs: 3 });
    expect(ask("together", { logprobs: true }).body).toEqual({ ...plain, logprobs: 1 });
    expect(ask("together", { logprobs: false }).body).toEqual(plain);
    const choice = { message: { role: "assistant", content: "é", reasoning: "Hm" }, finish_reason: "eos", logprobs: { tokens: ["é"], token_ids: [1], token_logprobs: [-0.5] } };
    expect(read("together", choice).choices).toMatchObject([
      { finish_reason: "stop", message: { reasoning_content: "Hm" }, logprobs: { content: [{ token: "é", logprob: -0.5, bytes: [195, 169] }] } },
    ]);
    expect(heard("together", { choices: [{ index: 0, delta: { content: "a" }, logprobs: -0.25, finish_reason: null }] })).toMatchObject([{ choices: [{ logprobs: { content: [{ token: "a", logprob: -0.25 }] } }] }]);
  });
});

// Sources: https://docs.perplexity.ai/api-reference/chat-completions-post, https://docs.perplexity.ai/getting-started/pricing
describe("Perplexity", () => {
  test("bills thoughts and sources beside its sums, and cites in fields of its own", () => {
    const usage = { prompt_tokens: 33, completion_tokens: 100, total_tokens: 133, citation_tokens: 20, num_search_queries: 3, reasoning_tokens: 70 };
    const answer = read("perplexity", { message: { role: "assistant", content: "a" } }, { usage, citations: ["https://a.example"], search_results: [{ title: "A", url: "https://a.example" }] });
    expect(answer).toMatchObject({
      usage: { prompt_tokens: 53, completion_tokens: 170, total_tokens: 223, completion_tokens_details: { reasoning_tokens: 70 }, num_search_queries: 3 },
      citations: ["https://a.example"], search_results: [{ url: "https://a.example" }],
    });
  });

  test("bills a model for research by the search, and no other", () => {
    const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4, num_search_queries: 21 };
    expect(read("perplexity", { message: {} }, { model: "sonar-deep-research", usage: { ...usage } })["usage"]).toMatchObject({ web_searches: 21 });
    expect(read("perplexity", { message: {} }, { model: "sonar-pro", usage: { ...usage } })["usage"]).not.toHaveProperty("web_searches");
  });

  test("takes files as bare base64, and no JSON of any form", () => {
    const content = [{ type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AA==" } }];
    expect(ask("perplexity", { messages: [{ role: "user", content }], response_format: { type: "json_object" } })).toEqual({
      body: { model: "m", messages: [{ role: "user", content: [{ type: "file_url", file_url: { url: "AA==" }, file_name: "a.pdf" }] }] }, unsupported: ["response_format"],
    });
  });
});

// Source: https://docs.ollama.com/api/openai-compatibility
describe("Ollama", () => {
  test("fetches no images, and leaves the choice of tools to the model", () => {
    const content = [{ type: "image_url", image_url: { url: "https://a.example/cat.png" } }];
    expect(ask("ollama", { messages: [{ role: "user", content }], tools: [{ type: "function", function: { name: "f" } }], tool_choice: "required", parallel_tool_calls: false }).unsupported).toEqual([
      "tool_choice", "parallel_tool_calls", "messages[0].content[0].image_url",
    ]);
  });
});
