import { describe, expect, test } from "vitest";
import { startProvider, TOOLS } from "./compatible-client.ts";
import { all, user } from "./sim-client.ts";

// Source: https://docs.lambda.ai/public-cloud/lambda-inference-api
describe("Lambda", () => {
  test("answers as OpenAI does, with what filters found", async () => {
    const { client } = await startProvider("lambda");
    expect(await client.chat.completions.create({ model: "m", messages: user("Hi"), n: 2 })).toMatchObject({
      system_fingerprint: "",
      choices: [{ message: { content: "You said: Hi" }, content_filter_results: { hate: { filtered: false } } }, { index: 1 }],
      usage: { prompt_tokens: 4, prompt_tokens_details: null },
    });
    const chunks = await all(await client.chat.completions.create({ model: "m", messages: user("Hi"), stream: true, stream_options: { include_usage: true } }));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 8 } });
    expect(chunks[1]).toMatchObject({ choices: [{ delta: { content: "You" } }], usage: null });
  });

  test("calls tools, and refuses keys that it does not know", async () => {
    const { client } = await startProvider("lambda");
    const message = await client.chat.completions.stream({ model: "m", messages: user("clock"), tools: TOOLS }).finalMessage();
    expect(message.tool_calls).toMatchObject([{ function: { name: "clock", arguments: `{"city":"sim"}` } }]);
    const { chat } = await startProvider("lambda", { apiKeys: ["right"] });
    expect(await chat({ messages: user("Hi") })).toMatchObject({ status: 401, error: { code: "global/invalid-api-key" } });
  });
});

// Source: https://docs.ollama.com/api/openai-compatibility
describe("Ollama", () => {
  test("asks for no key, and ignores what it does not know", async () => {
    const { chat } = await startProvider("ollama", { apiKeys: ["right"] });
    const ignored = { n: 3, logit_bias: { 1: 1 }, user: "u", tool_choice: "required", tools: TOOLS, max_completion_tokens: 1, foo: 1 };
    const answer = await chat({ messages: user("Hi"), ...ignored });
    expect(answer).toMatchObject({ status: 200, system_fingerprint: "fp_ollama", choices: [{ index: 0, message: { content: "You said: Hi" }, finish_reason: "stop" }] });
  });

  test("repeats the role, shows thoughts, and tells usage where it is asked", async () => {
    const { chunks } = await startProvider("ollama");
    const chunksOf = await chunks({ messages: user("Hi [[sim: reasoning_tokens=1]]"), stream_options: { include_usage: true } });
    expect(chunksOf[0]).toMatchObject({ choices: [{ delta: { role: "assistant", content: "", reasoning: "Thinking" } }] });
    expect(chunksOf[1]).toMatchObject({ choices: [{ delta: { role: "assistant", content: "You" } }] });
    expect(chunksOf.at(-3)).toMatchObject({ choices: [{ delta: { role: "assistant", content: "" }, finish_reason: "stop" }] });
    expect(chunksOf.at(-2)).toMatchObject({ choices: [], usage: { prompt_tokens: 13, completion_tokens: 5, total_tokens: 18 } });
    expect((await chunks({ messages: user("Hi") })).some((chunk) => typeof chunk === "object" && chunk !== null && "usage" in chunk)).toBe(false);
  });

  test("calls tools whole, and embeds", async () => {
    const { chunks, client } = await startProvider("ollama");
    expect((await chunks({ messages: user("weather clock"), tools: TOOLS })).slice(0, 2)).toMatchObject([
      { choices: [{ delta: { tool_calls: [{ index: 0, function: { name: "weather", arguments: `{"city":"sim"}` } }] } }] },
      { choices: [{ delta: { tool_calls: [{ index: 1, function: { name: "clock" } }] } }] },
    ]);
    const { data, usage } = await client.embeddings.create({ model: "m", input: ["a"], dimensions: 4 });
    expect([data[0]?.embedding.length, usage.prompt_tokens]).toEqual([4, 1]);
  });

  test("says which model it does not have, and takes pictures only as data", async () => {
    const { chat } = await startProvider("ollama", { models: ["m"] });
    expect(await chat({ model: "llama9", messages: user("Hi") })).toEqual({ status: 404, error: { message: "model 'llama9' not found", type: "not_found_error", param: null, code: null } });
    const picture = (url: string) => ({ messages: [{ role: "user", content: [{ type: "text", text: "Hi" }, { type: "image_url", image_url: { url } }] }] });
    expect(await chat(picture("https://example.com/a.png"))).toMatchObject({ status: 400, error: { message: "invalid image input", type: "invalid_request_error" } });
    expect(await chat(picture("data:image/png;base64,AAAA"))).toMatchObject({ status: 200, usage: { prompt_tokens: 89 } });
  });
});
