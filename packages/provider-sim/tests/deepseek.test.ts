import { describe, expect, test } from "vitest";
import { postJson } from "./cohere-client.ts";
import { startProvider, TOOLS } from "./compatible-client.ts";
import { all, user } from "./sim-client.ts";

// Source: https://api-docs.deepseek.com/api/create-chat-completion
describe("DeepSeek", () => {
  test("shows its thoughts, and tells what of the prompt was cached", async () => {
    const { chat, chunks } = await startProvider("deepseek");
    const asked = { messages: user("Hi [[sim: reasoning_tokens=2 cached_tokens=3]]") };
    expect(await chat(asked)).toMatchObject({
      choices: [{ message: { content: "You said: Hi", reasoning_content: "Thinking and" }, logprobs: null }],
      usage: { prompt_tokens: 16, prompt_cache_hit_tokens: 3, prompt_cache_miss_tokens: 13, completion_tokens_details: { reasoning_tokens: 2 }, prompt_tokens_details: { cached_tokens: 3 } },
    });
    expect((await chunks(asked))[1]).toMatchObject({ choices: [{ delta: { content: null, reasoning_content: "Thinking" } }] });
  });

  test("reasons where the model does, until it is told not to", async () => {
    const { chat } = await startProvider("deepseek");
    const asked = { model: "deepseek-reasoner", messages: user("Hi") };
    expect(await chat(asked)).toMatchObject({ usage: { completion_tokens_details: { reasoning_tokens: 12 } } });
    expect(await chat({ ...asked, thinking: { type: "disabled" } })).toMatchObject({ usage: { completion_tokens_details: { reasoning_tokens: 0 } } });
  });

  test("keeps a waiting stream alive with comments, which clients pass over", async () => {
    const { base, client } = await startProvider("deepseek");
    const text = await (await postJson(`${base}/chat/completions`, { model: "m", messages: user("Hi"), stream: true })).text();
    expect(text).toMatch(/^: keep-alive\n\ndata: \{/);
    const chunks = await all(await client.chat.completions.create({ model: "m", messages: user("Hi"), stream: true }));
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe("You said: Hi");
  });

  test("tells usage with the last chunk, or in a chunk of its own where it is asked", async () => {
    const { chunks } = await startProvider("deepseek");
    expect((await chunks({ messages: user("Hi") })).at(-2)).toMatchObject({ choices: [{ finish_reason: "stop" }], usage: { total_tokens: 8 } });
    const asked = await chunks({ messages: user("Hi"), stream_options: { include_usage: true } });
    expect(asked.at(-3)).toMatchObject({ choices: [{ finish_reason: "stop" }], usage: null });
    expect(asked.at(-2)).toMatchObject({ choices: [], usage: { total_tokens: 8 } });
  });

  test("answers in JSON, but in none of a schema, and only where JSON is spoken of", async () => {
    const { chat } = await startProvider("deepseek");
    const json = { response_format: { type: "json_object" } };
    expect(await chat({ messages: user("Hi in JSON"), ...json })).toMatchObject({ choices: [{ message: { content: `{"answer":"You said: Hi in JSON"}` } }] });
    expect(await chat({ messages: user("Hi"), ...json })).toMatchObject({ status: 400 });
    const schema = { response_format: { type: "json_schema", json_schema: { name: "a", schema: {} } } };
    expect(await chat({ messages: user("Hi"), ...schema })).toMatchObject({ status: 400, error: { message: "This response_format type is unavailable now" } });
  });

  test.each([
    [{ role: "developer", content: "x" }, "messages[0].role: unknown variant `developer`, expected one of `system`"],
    [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:" } }] }, "messages[0].content: unknown variant `image_url`, expected `text`"],
  ])("takes roles and parts that it knows: not %j", async (message, expected) => {
    const { chat } = await startProvider("deepseek");
    expect(await chat({ messages: [message, ...user("Hi")] })).toMatchObject({ status: 400, error: { message: expect.stringContaining(expected) as unknown, code: "invalid_request_error" } });
  });

  test("ignores what it does not know, has no embeddings, and streams calls in pieces", async () => {
    const { chat, base, client } = await startProvider("deepseek");
    expect(await chat({ messages: [{ role: "user", content: "Hi", name: "x" }], max_completion_tokens: 1, foo: 1, n: 3 })).toMatchObject({ choices: [{ message: { content: "You said: Hi" } }] });
    expect((await postJson(`${base}/embeddings`, {})).status).toBe(404);
    const { tool_calls: calls } = (await client.chat.completions.stream({ model: "m", messages: user("weather clock"), tools: TOOLS }).finalMessage());
    expect(calls).toMatchObject([{ function: { name: "weather", arguments: `{"city":"sim"}` } }, { function: { name: "clock" } }]);
  });

  test("says what is wrong with a key, a model and a balance", async () => {
    const { chat, base } = await startProvider("deepseek", { apiKeys: ["right"], models: ["there"] });
    const key = { authorization: "Bearer right" };
    expect(await chat({ messages: user("Hi") })).toMatchObject({ status: 401, error: { type: "authentication_error" } });
    expect(await chat({ messages: user("Hi") }, key)).toMatchObject({ status: 400, error: { message: "Model Not Exist", type: "invalid_request_error" } });
    expect(await chat({ model: "there", messages: user("Hi [[sim: status=402]]") }, key)).toEqual({
      status: 402,
      error: { message: "Insufficient Balance", type: "unknown_error", param: null, code: "invalid_request_error" },
    });
    const bare = base.replace("/v1", "");
    expect((await postJson(`${bare}/chat/completions`, { model: "there", messages: user("Hi") }, key)).status).toBe(200);
  });
});
