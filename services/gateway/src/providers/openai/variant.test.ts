import { readChatRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { dialectOf } from "../dialects.ts";

function ask(priceBook: string, fields: object, streamed = false) {
  const { chat } = readChatRequest({ model: "m", messages: [{ role: "user", content: "Hi" }], ...fields });
  const { request, unsupported } = dialectOf({ kind: "openai", priceBook }).chat(chat, { baseUrl: "https://p.test/v1", secret: "s", model: "m" }, streamed);
  return { body: request.body, unsupported };
}

const plain = { model: "m", messages: [{ role: "user", content: "Hi" }] };

describe("an API like OpenAI's", () => {
  test("that is not known gets all that the client sent", () => {
    const fields = { max_completion_tokens: 5, seed: 1, n: 2, logprobs: false, user: "u", odd: null };
    expect(ask("openai", fields)).toEqual({ body: { ...plain, ...fields }, unsupported: [] });
    expect(ask("", fields)).toEqual({ body: { ...plain, ...fields }, unsupported: [] });
  });

  test.each(["mistral", "deepseek", "together", "perplexity", "lambda", "ollama"])("of %s gets the limit by the name that it heeds", (priceBook) => {
    expect(ask(priceBook, { max_completion_tokens: 5 }).body).toEqual({ ...plain, max_tokens: 5 });
    expect(ask(priceBook, { max_completion_tokens: 5, max_tokens: 3 }).body).toEqual({ ...plain, max_tokens: 3 });
    expect(ask(priceBook, { max_completion_tokens: null }).body).toEqual(plain);
  });

  test("of Mistral gets nothing that it does not know", () => {
    const messages = [{ role: "assistant", content: "a", reasoning_content: "Hm" }, { role: "user", content: "b" }];
    const { body, unsupported } = ask("mistral", { messages, seed: 7, user: "u", metadata: { a: "b" }, logprobs: false, store: true, stream_options: { include_usage: true } }, true);
    expect(body).toEqual({ model: "m", messages: [{ role: "assistant", content: "a" }, { role: "user", content: "b" }], random_seed: 7, stream: true });
    expect(unsupported).toEqual(["store"]);
  });

  test("of Groq lacks what it documents", () => {
    const messages = [{ role: "user", content: "Hi", name: "Ann" }];
    expect(ask("groq", { messages, logprobs: true, top_logprobs: 2, logit_bias: { "1": 1 }, n: 2 })).toEqual({
      body: plain, unsupported: ["logprobs", "top_logprobs", "logit_bias", "n", "messages[0].name"],
    });
    expect(ask("groq", { n: 1, logprobs: false, max_completion_tokens: 5 })).toEqual({ body: { ...plain, max_completion_tokens: 5 }, unsupported: [] });
  });

  test("of DeepSeek answers in JSON, but of no form that is asked for", () => {
    expect(ask("deepseek", { response_format: { type: "json_object" } })).toEqual({ body: { ...plain, response_format: { type: "json_object" } }, unsupported: [] });
    expect(ask("deepseek", { response_format: { type: "json_schema", json_schema: { name: "n", schema: {} } } })).toEqual({ body: plain, unsupported: ["response_format"] });
  });
});
