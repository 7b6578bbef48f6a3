import { describe, expect, test } from "vitest";
import { postJson } from "./cohere-client.ts";
import { startProvider, TOOLS } from "./compatible-client.ts";
import { user } from "./sim-client.ts";

interface Chunk {
  readonly choices: readonly { readonly delta: { content: string }; readonly message: { content: string }; finish_reason: string | null }[];
  readonly usage: { readonly completion_tokens: number; readonly cost: { readonly total_cost: number } };
}

// Source: https://docs.perplexity.ai/api-reference/chat-completions-post
describe("Perplexity", () => {
  test("names the pages that it found, and what it cost", async () => {
    const { chat } = await startProvider("perplexity");
    expect(await chat({ messages: user("Hi") })).toMatchObject({
      object: "chat.completion",
      citations: ["https://example.com/one", "https://example.org/two"],
      search_results: [{ url: "https://example.com/one", title: "About Hi" }, {}],
      choices: [{ message: { role: "assistant", content: "You said: Hi" }, delta: { content: "" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 4, completion_tokens: 4, total_tokens: 8, search_context_size: "low", cost: { request_cost: 0.005, total_cost: 0.005008 } },
    });
  });

  test("repeats in each chunk all that was said and used, and just ends", async () => {
    const { chunks } = await startProvider("perplexity");
    const all = (await chunks({ messages: user("Hi") })) as Chunk[];
    expect(all.map(({ choices }) => choices[0]?.delta.content)).toEqual(["You", " said", ":", " Hi", ""]);
    expect(all.map(({ choices }) => choices[0]?.message.content)).toEqual(["You", "You said", "You said:", "You said: Hi", "You said: Hi"]);
    expect(all.map(({ usage }) => usage.completion_tokens)).toEqual([1, 2, 3, 4, 4]);
    expect(all.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, null, null, "stop"]);
    expect(all.every((chunk) => "citations" in chunk && chunk.usage.cost.total_cost > 0)).toBe(true);
  });

  test("shows thoughts in the text", async () => {
    const { chat, chunks } = await startProvider("perplexity");
    const messages = user("Hi [[sim: reasoning_tokens=2]]");
    expect(await chat({ messages })).toMatchObject({ choices: [{ message: { content: "<think>Thinking and</think>You said: Hi" } }], usage: { completion_tokens: 6 } });
    expect((await chunks({ messages })).at(-1)).toMatchObject({ choices: [{ message: { content: "<think>Thinking and</think>You said: Hi" } }], usage: { completion_tokens: 6 } });
  });

  test("counts the thoughts of models for research beside the answer, and does not show them", async () => {
    const { chat } = await startProvider("perplexity");
    expect(await chat({ model: "sonar-deep-research", messages: user("Hi [[sim: reasoning_tokens=2]]") })).toMatchObject({
      choices: [{ message: { content: "You said: Hi" } }],
      usage: { completion_tokens: 4, total_tokens: 17, reasoning_tokens: 2, num_search_queries: 21, cost: { reasoning_tokens_cost: 0.000002 } },
    });
  });

  test.each([
    [{ messages: [...user("a"), ...user("b")] }, "invalid_message", "user and assistant roles should be alternating"],
    [{ messages: [...user("a"), { role: "assistant", content: "b" }] }, "invalid_message", "Last message must have role `user`"],
    [{ messages: [...user("a"), { role: "system", content: "b" }] }, "invalid_message", "alternating"],
    [{ messages: user("a"), tools: TOOLS }, "invalid_message", "Tool calling is not supported"],
    [{ messages: user("a"), response_format: { type: "json_object" } }, "invalid_message", "response_format"],
    [{ messages: user("a [[sim: status=400]]") }, "bad_request", "refused on demand"],
  ])("refuses %j", async (body, type, message) => {
    const { chat } = await startProvider("perplexity");
    expect(await chat(body)).toEqual({ status: 400, error: { message: expect.stringContaining(message) as unknown, type, code: 400 } });
  });

  test("answers in JSON of a schema, and ignores what it does not know", async () => {
    const { chat } = await startProvider("perplexity");
    const response_format = { type: "json_schema", json_schema: { schema: { type: "object", properties: { a: { type: "integer" } } } } };
    expect(await chat({ messages: user("Hi"), response_format, stream_options: {}, foo: 1 })).toMatchObject({ choices: [{ message: { content: `{"a":1}` } }] });
  });

  test("has no embeddings, and says which key and model are wrong", async () => {
    const { base, chat } = await startProvider("perplexity", { apiKeys: ["right"], models: ["sonar"] });
    expect((await postJson(`${base}/embeddings`, {})).status).toBe(404);
    expect(await chat({ messages: user("Hi") })).toMatchObject({ status: 401, error: { type: "invalid_api_key", code: 401 } });
    expect(await chat({ messages: user("Hi") }, { authorization: "Bearer right" })).toMatchObject({ status: 400, error: { type: "invalid_model" } });
  });
});
