import { describe, expect, test } from "vitest";
import { postJson } from "./cohere-client.ts";
import { startProvider, TOOLS } from "./compatible-client.ts";
import { user } from "./sim-client.ts";

// Source: https://docs.mistral.ai/api
describe("Mistral", () => {
  test.each([
    [{ stream_options: { include_usage: true }, stream: true }, ["body", "stream_options"]],
    [{ seed: 1 }, ["body", "seed"]],
    [{ messages: [{ role: "user", content: "Hi", name: "x" }] }, ["body", "messages", 0, "user", "name"]],
    [{ messages: [{ role: "assistant", content: "Hi", reasoning_content: "x" }, ...user("Hi")] }, ["body", "messages", 0, "assistant", "reasoning_content"]],
  ])("refuses what it does not know, in a list: %j", async (body, loc) => {
    const { chat } = await startProvider("mistral");
    const detail = [{ type: "extra_forbidden", loc, msg: "Extra inputs are not permitted", input: null }];
    expect(await chat({ messages: user("Hi"), ...body })).toMatchObject({ status: 422, detail, type: "invalid_request_error" });
  });

  test("refuses what is wrong in the same form, and a conversation that ends with an answer", async () => {
    const { chat } = await startProvider("mistral");
    expect(await chat({})).toMatchObject({ status: 422, detail: [{ loc: ["body", "messages"], type: "missing_required_parameter" }] });
    const ended = { messages: [...user("Hi"), { role: "assistant", content: "Ho" }] };
    expect(await chat(ended)).toMatchObject({ status: 400, type: "invalid_request_message_order", code: "3230" });
    expect(await chat({ messages: [...user("Hi"), { role: "assistant", content: "Ho", prefix: true }] })).toMatchObject({ status: 200 });
  });

  test("tells usage with the last chunk without being asked", async () => {
    const { chunks } = await startProvider("mistral");
    const all = await chunks({ messages: user("Hi"), random_seed: 1 });
    expect(all.at(-1)).toBe("[DONE]");
    expect(all.at(-2)).toMatchObject({ choices: [{ delta: {}, finish_reason: "stop" }], usage: { prompt_tokens: 4, completion_tokens: 4, total_tokens: 8 } });
    expect(all.filter((chunk) => typeof chunk === "object" && chunk !== null && "usage" in chunk)).toHaveLength(1);
  });

  test("shows the thoughts of models that reason as blocks", async () => {
    const { chat, chunks } = await startProvider("mistral");
    const asked = { model: "magistral-sim", messages: user("Hi [[sim: reasoning_tokens=2]]") };
    const thoughts = { type: "thinking", thinking: [{ type: "text", text: "Thinking and" }] };
    expect(await chat(asked)).toMatchObject({ choices: [{ message: { content: [thoughts, { type: "text", text: "You said: Hi" }] } }] });
    expect((await chunks(asked))[1]).toMatchObject({ choices: [{ delta: { content: [{ type: "thinking", thinking: [{ type: "text", text: "Thinking" }] }] } }] });
    expect(await chat({ ...asked, messages: user("Hi") })).toMatchObject({ usage: { completion_tokens: 16 } });
  });

  test("takes tool_choice any, and calls tools whole, with the reason to finish", async () => {
    const { chat, chunks } = await startProvider("mistral");
    expect(await chat({ messages: user("Hi"), tools: TOOLS, tool_choice: "any" })).toMatchObject({
      choices: [{ finish_reason: "tool_calls", message: { content: "", tool_calls: [{ id: expect.stringMatching(/^[a-z0-9]{9}$/) as unknown, function: { name: "weather" } }] } }],
    });
    expect((await chunks({ messages: user("weather clock"), tools: TOOLS }))[1]).toMatchObject({
      choices: [{ finish_reason: "tool_calls", delta: { tool_calls: [{ index: 0, function: { arguments: `{"city":"sim"}` } }, { index: 1, function: { name: "clock" } }] } }],
      usage: { prompt_tokens: expect.any(Number) as unknown },
    });
  });

  test("embeds by names of its own", async () => {
    const { base } = await startProvider("mistral");
    const embed = async (body: object): Promise<unknown> => (await postJson(`${base}/embeddings`, { model: "mistral-embed", input: ["Hi"], ...body })).json();
    expect(await embed({ output_dimension: 4 })).toMatchObject({ id: expect.any(String) as unknown, object: "list", data: [{ index: 0 }], usage: { prompt_tokens: 1, completion_tokens: 0 } });
    expect(await embed({ dimensions: 4 })).toMatchObject({ detail: [{ loc: ["body", "dimensions"] }] });
  });

  test("ends a stream that fails by its reason to finish", async () => {
    const { chunks } = await startProvider("mistral");
    expect((await chunks({ messages: user("Hi [[sim: error_after=2]]") })).at(-1)).toMatchObject({ choices: [{ finish_reason: "error" }] });
    expect((await chunks({ messages: user("Hi [[sim: cached_tokens=2]]") })).at(-2)).toMatchObject({ usage: { num_cached_tokens: 2 } });
  });

  test("says what is wrong with a key, a model and a limit", async () => {
    const { chat } = await startProvider("mistral", { apiKeys: ["right"], models: ["there"] });
    const key = { authorization: "Bearer right" };
    expect(await chat({ messages: user("Hi") })).toMatchObject({ status: 401, message: "Unauthorized", request_id: expect.any(String) as unknown });
    expect(await chat({ messages: user("Hi") }, key)).toEqual({ status: 400, object: "error", message: "Invalid model: m", type: "invalid_model", param: null, code: "1500" });
    expect(await chat({ model: "there", messages: user("Hi [[sim: status=429]]") }, key)).toMatchObject({ status: 429, type: "rate_limited", code: "1300" });
  });
});
