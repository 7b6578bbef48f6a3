import Together from "together-ai";
import { describe, expect, test } from "vitest";
import { startProvider, TOOLS } from "./compatible-client.ts";
import { all, user } from "./sim-client.ts";

async function startTogether() {
  const started = await startProvider("together", { models: ["m", "e"] });
  return { ...started, together: new Together({ baseURL: started.base, apiKey: "tg-simulator", maxRetries: 0 }) };
}

// Source: https://docs.together.ai/reference/chat-completions-1
describe("Together", () => {
  test("ends by eos where the model ended, else by what ended it", async () => {
    const { together } = await startTogether();
    const ask = async (fields: object): Promise<unknown> => (await together.chat.completions.create({ model: "m", messages: user("Hi there"), ...fields })).choices[0]?.finish_reason;
    expect(await ask({})).toBe("eos");
    expect(await ask({ stop: [" there"] })).toBe("stop");
    expect(await ask({ max_tokens: 1 })).toBe("length");
    expect(await ask({ tools: TOOLS, tool_choice: "required" })).toBe("tool_calls");
  });

  test("answers with its usage, prompt and seed", async () => {
    const { together } = await startTogether();
    expect(await together.chat.completions.create({ model: "m", messages: user("Hi [[sim: cached_tokens=2 reasoning_tokens=1]]") })).toMatchObject({
      prompt: [],
      choices: [{ message: { content: "You said: Hi", reasoning: "Thinking", tool_calls: [] }, seed: expect.any(Number) as unknown }],
      usage: { prompt_tokens: 16, completion_tokens: 5, total_tokens: 21, cached_tokens: 2 },
    });
  });

  test("tells usage with the last chunk, null before, without being asked", async () => {
    const { together } = await startTogether();
    const chunks = await all(await together.chat.completions.create({ model: "m", messages: user("Hi"), stream: true }));
    expect(chunks[0]).toMatchObject({ choices: [{ delta: { role: "assistant", content: "You" }, finish_reason: null }], usage: null });
    expect(chunks.at(-1)).toMatchObject({ choices: [{ delta: { content: "" }, finish_reason: "eos" }], usage: { total_tokens: 8 } });
  });

  test("counts log probabilities, and switches none on", async () => {
    const { chat } = await startTogether();
    expect(await chat({ messages: user("Hi"), logprobs: 1 })).toMatchObject({ choices: [{ logprobs: { tokens: ["You", " said", ":", " Hi"] } }] });
    expect(await chat({ messages: user("Hi"), logprobs: true })).toMatchObject({ status: 400, error: { param: "logprobs" } });
  });

  test("embeds without telling usage, and lists models as a bare list", async () => {
    const { together, base } = await startTogether();
    const list = await together.embeddings.create({ model: "e", input: ["a", "b"] });
    expect(list).toMatchObject({ object: "list", data: [{ index: 0 }, { index: 1 }] });
    expect(list).not.toHaveProperty("usage");
    expect(await (await fetch(`${base}/models`)).json()).toMatchObject([{ id: "m", object: "model" }, { id: "e" }]);
  });

  test("fails in its own form", async () => {
    const { chat } = await startTogether();
    expect(await chat({ model: "gone", messages: user("Hi") })).toEqual({
      status: 404,
      id: expect.any(String) as unknown,
      error: { message: expect.stringContaining("Unable to access model gone") as unknown, type: "invalid_request_error", param: null, code: "model_not_available" },
    });
    expect(await chat({ messages: user("Hi [[sim: status=402]]") })).toMatchObject({ status: 402, error: { type: "credit_limit" } });
  });
});
