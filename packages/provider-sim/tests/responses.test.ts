import { NotFoundError, OpenAI } from "openai";
import { describe, expect, test } from "vitest";
import { all, startSim } from "./sim-client.ts";

const TOOL = { type: "function" as const, name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] }, strict: true };
const ENCRYPTED = { include: ["reasoning.encrypted_content" as const], store: false };

// Source: https://platform.openai.com/docs/api-reference/responses
describe("a response", () => {
  test("answers a text, and says again what was asked", async () => {
    const { client } = await startSim();
    const answer = await client.responses.create({ model: "m", input: "Hello", instructions: "Be brief.", metadata: { a: "b" } });
    expect(answer).toMatchObject({
      id: "resp_sim_1", object: "response", status: "completed", output_text: "You said: Hello", error: null, incomplete_details: null,
      output: [{ id: "msg_sim_1", type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", annotations: [] }] }],
      usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14, input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
      instructions: "Be brief.", metadata: { a: "b" }, tools: [], text: { format: { type: "text" } },
    });
  });

  test("ends at its limit", async () => {
    const { client } = await startSim();
    const answer = await client.responses.create({ model: "m", input: "Hello", max_output_tokens: 2 });
    expect(answer).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, output: [{ status: "incomplete" }], usage: { output_tokens: 2 } });
  });

  test("thinks on demand, and takes its thoughts back", async () => {
    const { client } = await startSim();
    const input = [{ role: "user" as const, content: "Use get_weather." }];
    const first = await client.responses.create({ model: "m", input, tools: [TOOL], reasoning: { effort: "low", summary: "auto" }, ...ENCRYPTED });
    expect(first.output.map(({ type }) => type)).toEqual(["reasoning", "function_call"]);
    const outputs = first.output.flatMap((item) => (item.type === "function_call" ? [{ type: "function_call_output" as const, call_id: item.call_id, output: "21" }] : []));
    const second = await client.responses.create({ model: "m", input: [...input, ...(first.output as OpenAI.Responses.ResponseInput), ...outputs], tools: [TOOL], ...ENCRYPTED });
    expect(second.output_text).toBe("You said: Use get_weather.");
  });

  test.each([
    [{ input: "a", sim: 1 }, 400, "unknown_parameter", "sim"],
    [{}, 400, "missing_required_parameter", "input"],
    [{ input: "a", previous_response_id: "resp_1" }, 400, "previous_response_not_found", "previous_response_id"],
    [{ input: "a", background: true }, 400, null, "background"],
    [{ input: [{ role: "user", content: [{ type: "text", text: "a" }] }] }, 400, "invalid_value", "input[0].content[0].type"],
    [{ input: [{ type: "function_call_output", call_id: "c", output: "1" }] }, 400, null, "input"],
    [{ input: [{ type: "function_call", call_id: "c", name: "f", arguments: "{}" }] }, 400, null, "input"],
    [{ input: [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "bm8=" }] }, 400, "invalid_encrypted_content", null],
    [{ input: "a", tools: [{ type: "web_search" }] }, 400, "invalid_value", "tools[0].type"],
  ])("like %j is refused", async (fields, status, code, param) => {
    const { client } = await startSim();
    await expect(client.responses.create({ model: "m", ...fields } as never)).rejects.toMatchObject({ status, code, param });
  });

  test.each([[{ type: "item_reference", id: "msg_1" }], [{ type: "reasoning", id: "rs_1", summary: [] }]])("does not find %j, which it has not made", async (item) => {
    const { client } = await startSim();
    await expect(client.responses.create({ model: "m", input: [item] as never })).rejects.toThrow(NotFoundError);
  });
});

describe("a response that is kept", () => {
  const previous = (id: string) => ({ previous_response_id: id });

  test("is read again by those that go on from it, and counted, but for its instructions", async () => {
    const { client } = await startSim();
    const first = await client.responses.create({ model: "m", input: "Hello", instructions: "Be brief, and then some more." });
    const second = await client.responses.create({ model: "m", input: "Again", ...previous(first.id) });
    const alone = await client.responses.create({ model: "m", input: "Again" });
    // Three tokens an item, as each that is sent has.
    expect(second).toMatchObject({ previous_response_id: first.id, output_text: "You said: Again", usage: { input_tokens: (alone.usage?.input_tokens ?? 0) + 3 + 1 + 3 + (first.usage?.output_tokens ?? 0) } });
    const streamed = await client.responses.stream({ model: "m", input: "Thrice", ...previous(second.id) }).finalResponse();
    expect(await client.responses.retrieve(streamed.id)).toMatchObject({ id: streamed.id, previous_response_id: second.id, output_text: "You said: Thrice" });
  });

  test("takes the result of its call alone", async () => {
    const { client } = await startSim();
    const first = await client.responses.create({ model: "m", input: "Use get_weather.", tools: [TOOL] });
    await expect(client.responses.create({ model: "m", input: "What?", tools: [TOOL], ...previous(first.id) })).rejects.toMatchObject({ status: 400 });
    const input = [{ type: "function_call_output" as const, call_id: "call_sim_1_0_0", output: "21" }];
    expect((await client.responses.create({ model: "m", input, tools: [TOOL], ...previous(first.id) })).output_text).toBe("You said: Use get_weather.");
  });

  test("is shown with what was asked of it, page by page, and deleted", async () => {
    const { client } = await startSim();
    const input = ["One", "Two", "Three"].map((content) => ({ role: "user" as const, content }));
    const { id } = await client.responses.create({ model: "m", input });
    const texts = async (query: object) => (await all(client.responses.inputItems.list(id, query))).map((item) => ("content" in item ? item.content : undefined));
    expect(await texts({ limit: 2 })).toEqual(["Three", "Two", "One"]);
    expect(await texts({ limit: 2, order: "asc" })).toEqual(["One", "Two", "Three"]);
    await expect(client.responses.cancel(id)).rejects.toMatchObject({ status: 400 });
    await client.responses.delete(id);
    for (const gone of [client.responses.retrieve(id), client.responses.delete(id), client.responses.inputItems.list(id)]) await expect(gone).rejects.toThrow(NotFoundError);
    await expect(client.responses.create({ model: "m", input: "a", ...previous(id) })).rejects.toMatchObject({ code: "previous_response_not_found" });
  });

  test("is its key's alone, and is not kept where that is not wanted", async () => {
    const { client, url } = await startSim();
    const other = new OpenAI({ baseURL: `${url}/v1`, apiKey: "sk-another", maxRetries: 0 });
    const { id } = await client.responses.create({ model: "m", input: "Hello" });
    await expect(other.responses.retrieve(id)).rejects.toThrow(NotFoundError);
    const passing = await client.responses.create({ model: "m", input: "Hello", store: false });
    await expect(client.responses.retrieve(passing.id)).rejects.toThrow(NotFoundError);
  });

  test("has items that are found by their ids, and go with their thoughts", async () => {
    const { client } = await startSim();
    const first = await client.responses.create({ model: "m", input: "Hello", reasoning: { effort: "low" } });
    const [thoughts, message] = first.output;
    const ask = (...items: unknown[]) => client.responses.create({ model: "m", input: [...items, { role: "user", content: "Again" }] as never });
    expect((await ask({ type: "item_reference", id: thoughts?.id }, message)).output_text).toBe("You said: Again");
    await expect(ask(message)).rejects.toMatchObject({ status: 400, message: expect.stringContaining("required 'reasoning' item") as unknown });
  });
});

describe("a stream", () => {
  test("tells items event by event, numbered, and ends without a word of its own", async () => {
    const { client, url } = await startSim();
    const events = await all(await client.responses.create({ model: "m", input: "Hi", reasoning: { effort: "low", summary: "auto" }, stream: true }));
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index));
    const types = events.map(({ type }) => type).filter((type, index, list) => type !== list[index - 1]);
    expect(types).toEqual([
      "response.created", "response.in_progress",
      "response.output_item.added", "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done", "response.reasoning_summary_part.done", "response.output_item.done",
      "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.done", "response.content_part.done", "response.output_item.done",
      "response.completed",
    ]);
    const text = await (await fetch(`${url}/v1/responses`, { method: "POST", body: JSON.stringify({ model: "m", input: "Hi", stream: true }) })).text();
    expect(text).not.toContain("[DONE]");
  });

  test("is put together by the official client: refusals, calls of functions and custom tools, log probabilities", async () => {
    const { client } = await startSim();
    const ask = (input: string, more: object = {}) => client.responses.stream({ model: "m", input, ...more }).finalResponse();
    expect((await ask("Hi [[sim: refusal]]")).output).toMatchObject([{ content: [{ type: "refusal", refusal: "I cannot help with that." }] }]);
    expect((await ask("get_weather [[sim: tool_calls=2]]", { tools: [TOOL] })).output).toMatchObject([{ type: "function_call", call_id: "call_sim_2_0_0" }, { type: "function_call", call_id: "call_sim_2_0_1" }]);
    expect((await ask("shell", { tools: [{ type: "custom", name: "shell" }] })).output).toMatchObject([{ type: "custom_tool_call", input: "shell" }]);
    const told = await ask("Hi", { include: ["message.output_text.logprobs"], top_logprobs: 2 });
    expect(told.output).toMatchObject([{ content: [{ logprobs: [{ token: "You", top_logprobs: [{}, {}] }, {}, {}, {}] }] }]);
  });

  test("fails by an event", async () => {
    const { client } = await startSim();
    const stream = await client.responses.create({ model: "m", input: "Hi [[sim: error_after=3 error_code=server_error]]", stream: true });
    await expect(all(stream)).rejects.toMatchObject({ code: "server_error" });
  });
});

test("Azure has it below /openai/v1 alone", async () => {
  const { url } = await startSim();
  const client = new OpenAI({ baseURL: `${url}/azure/openai/v1`, apiKey: "az", maxRetries: 0 });
  expect((await client.responses.create({ model: "gpt", input: "Hi" })).output_text).toBe("You said: Hi");
  const { status } = await fetch(`${url}/azure/openai/deployments/gpt/responses?api-version=2024-10-21`, { method: "POST", body: "{}" });
  expect(status).toBe(404);
});
