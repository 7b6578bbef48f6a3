import Groq from "groq-sdk";
import { describe, expect, test } from "vitest";
import { startProvider, TOOLS } from "./compatible-client.ts";
import { all, user } from "./sim-client.ts";

async function startGroq() {
  const { base, ...rest } = await startProvider("groq");
  return { ...rest, groq: new Groq({ baseURL: base.replace("/openai/v1", ""), apiKey: "gsk-simulator", maxRetries: 0 }) };
}

// Sources: https://console.groq.com/docs/api-reference, https://console.groq.com/docs/openai
describe("Groq", () => {
  test("tells the id of a request and times of its usage", async () => {
    const { groq } = await startGroq();
    const answer = await groq.chat.completions.create({ model: "m", messages: user("Hi [[sim: reasoning_tokens=1]]"), service_tier: "flex" });
    expect(answer).toMatchObject({
      x_groq: { id: "req_sim_1" }, service_tier: "flex", usage_breakdown: null,
      choices: [{ message: { content: "You said: Hi", reasoning: "Thinking" }, logprobs: null, finish_reason: "stop" }],
      usage: { prompt_tokens: 13, completion_tokens: 5, total_tokens: 18, queue_time: 0, prompt_time: 0.013, total_time: 0.018, completion_tokens_details: { reasoning_tokens: 1 } },
    });
  });

  test("tells both in a stream: the id with the first chunk, the usage with the last", async () => {
    const { groq } = await startGroq();
    const chunks = await all(await groq.chat.completions.create({ model: "m", messages: user("Hi"), stream: true }));
    expect(chunks[0]).toMatchObject({ x_groq: { id: "req_sim_1" }, choices: [{ delta: { role: "assistant" } }] });
    expect(chunks.at(-1)).toMatchObject({ x_groq: { id: "req_sim_1", usage: { total_tokens: 8 } }, choices: [{ delta: {}, finish_reason: "stop" }] });
    expect(chunks.filter((chunk) => chunk.x_groq !== undefined)).toHaveLength(2);
  });

  test("tells usage in a chunk of its own too, where it is asked", async () => {
    const { client } = await startGroq();
    const chunks = await all(await client.chat.completions.create({ model: "m", messages: user("Hi"), stream: true, stream_options: { include_usage: true } }));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 8 } });
  });

  test.each([
    ["parsed", { content: "You said: Hi", reasoning: "Thinking" }],
    ["raw", { content: "<think>Thinking</think>You said: Hi" }],
    ["hidden", { content: "You said: Hi" }],
  ] as const)("shows thoughts %s", async (reasoning_format, message) => {
    const { groq } = await startGroq();
    const { choices } = await groq.chat.completions.create({ model: "m", messages: user("Hi [[sim: reasoning_tokens=1]]"), reasoning_format });
    expect(choices[0]?.message).toEqual({ role: "assistant", ...message });
  });

  test.each([["low", 12], ["none", 0]])("with an effort of %s thinks in %i tokens", async (reasoning_effort, tokens) => {
    const { chat } = await startGroq();
    expect(await chat({ messages: user("Hi"), reasoning_effort })).toMatchObject({ usage: { completion_tokens: 4 + tokens } });
  });

  test("calls tools whole", async () => {
    const { groq } = await startGroq();
    const chunks = await all(await groq.chat.completions.create({ model: "m", messages: user("weather clock"), tools: TOOLS, stream: true }));
    expect(chunks.slice(1, 3).map(({ choices }) => choices[0]?.delta.tool_calls)).toMatchObject([
      [{ index: 0, function: { name: "weather", arguments: `{"city":"sim"}` } }],
      [{ index: 1, function: { name: "clock" } }],
    ]);
  });

  test.each([
    [{ logprobs: true }, "logprobs"],
    [{ logit_bias: { 1: 2 } }, "logit_bias"],
    [{ n: 2 }, "'n' : number must be at most 1"],
    [{ messages: [{ role: "user", content: "a", name: "b" }] }, "'messages.0' : for 'role:user' the following must be satisfied[('messages.0' : property 'name' is unsupported)]"],
    [{ messages: [{ role: "assistant", content: "a", reasoning_content: "b" }, ...user("c")] }, "property 'reasoning_content' is unsupported"],
    [{ prompt_cache_key: "a" }, "property 'prompt_cache_key' is unsupported"],
    [{ service_tier: "default" }, "service_tier"],
    [{ reasoning_format: "raw", include_reasoning: true }, "cannot specify both"],
  ])("refuses %j", async (body, message) => {
    const { chat } = await startGroq();
    const error = { message: expect.stringContaining(message) as unknown, type: "invalid_request_error" };
    expect(await chat({ messages: user("Hi"), ...body })).toEqual({ status: 400, error });
  });

  test.each([
    [413, "request_too_large"], [498, "capacity_exceeded"], [429, "rate_limit_exceeded"], [401, "invalid_api_key"],
  ])("fails with %i as %s", async (status, code) => {
    const { groq } = await startGroq();
    const failing = groq.chat.completions.create({ model: "m", messages: user(`Hi [[sim: status=${status}]]`) });
    await expect(failing).rejects.toMatchObject({ status, error: { error: { code } } });
  });

  test("fails in the midst of a stream as its client expects", async () => {
    const { groq } = await startGroq();
    const stream = await groq.chat.completions.create({ model: "m", messages: user("Hi [[sim: error_after=2]]"), stream: true });
    await expect(all(stream)).rejects.toThrow(/Internal Server Error/);
  });
});
