import { CohereError } from "cohere-ai";
import { describe, expect, test } from "vitest";
import { postJson, startCohere } from "./cohere-client.ts";
import { all, user } from "./sim-client.ts";

const TOOLS = [
  { type: "function" as const, function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } } },
  { type: "function" as const, function: { name: "clock", parameters: { type: "object", properties: {} } } },
];

// Source: https://docs.cohere.com/reference/chat
describe("an answer", () => {
  test("is text with the tokens billed and the tokens counted", async () => {
    const { client } = await startCohere();
    const answer = await client.chat({ model: "command-sim", messages: user("Hello, world!") });
    expect(answer).toMatchObject({
      finishReason: "COMPLETE",
      message: { role: "assistant", content: [{ type: "text", text: "You said: Hello, world!" }] },
      usage: { billedUnits: { inputTokens: 7, outputTokens: 7 }, tokens: { inputTokens: 73, outputTokens: 7 }, cachedTokens: 0 },
    });
  });

  test.each([
    ["at its limit", { maxTokens: 2 }, "MAX_TOKENS", "You said"],
    ["at a stop sequence", { stopSequences: [" world"] }, "STOP_SEQUENCE", "You said: Hello,"],
  ])("ends %s", async (_, fields, finishReason, text) => {
    const { client } = await startCohere();
    const answer = await client.chat({ model: "command-sim", messages: user("Hello, world!"), ...fields });
    expect(answer).toMatchObject({ finishReason, message: { content: [{ type: "text", text }] } });
  });

  test("calls tools after a plan, which the result ends", async () => {
    const { client } = await startCohere();
    const asked = { model: "command-sim", tools: TOOLS, messages: user("The weather and the clock, please") };
    const { finishReason, message } = await client.chat(asked);
    expect(finishReason).toBe("TOOL_CALL");
    expect(message).toMatchObject({
      toolPlan: "I will use weather and clock.",
      toolCalls: [{ type: "function", function: { name: "weather", arguments: `{"city":"sim"}` } }, { function: { name: "clock", arguments: "{}" } }],
    });
    const results = (message.toolCalls ?? []).map(({ id }) => ({ role: "tool" as const, toolCallId: id, content: `{"degrees":21}` }));
    const { toolCalls, toolPlan } = message;
    const after = await client.chat({ ...asked, messages: [...asked.messages, { role: "assistant", toolCalls: toolCalls ?? [], toolPlan: toolPlan ?? "" }, ...results] });
    expect(after.message.citations).toMatchObject([
      { start: 0, end: 3, text: "You", sources: [{ type: "tool", toolOutput: { degrees: 21 } }] },
      { start: 4, end: 8, text: "said", sources: [{ type: "tool" }] },
    ]);
  });

  test.each([
    ["REQUIRED" as const, "TOOL_CALL"],
    ["NONE" as const, "COMPLETE"],
  ])("with tool_choice %s ends by %s", async (toolChoice, finishReason) => {
    const { client } = await startCohere();
    expect(await client.chat({ model: "m", messages: user("weather"), tools: TOOLS, toolChoice })).toMatchObject({ finishReason });
  });

  test("cites the documents of the request, by the ids that they have or get", async () => {
    const { client } = await startCohere();
    const documents = [{ id: "a", data: { title: "A" } }, "plain text"];
    const asked = { model: "m", messages: user("Hi"), documents };
    expect((await client.chat(asked)).message.citations).toMatchObject([
      { start: 0, end: 3, text: "You", type: "TEXT_CONTENT", contentIndex: 0, sources: [{ type: "document", id: "a", document: { id: "a", title: "A" } }] },
      { text: "said", sources: [{ id: "doc:1", document: { id: "doc:1", text: "plain text" } }] },
    ]);
    expect((await client.chat({ ...asked, citationOptions: { mode: "OFF" } })).message.citations).toBeUndefined();
  });

  test("is JSON of the schema that is asked for", async () => {
    const { client } = await startCohere();
    const jsonSchema = { type: "object", properties: { age: { type: "integer" } } };
    const { message } = await client.chat({ model: "m", messages: user("Generate JSON"), responseFormat: { type: "json_object", jsonSchema } });
    expect(message.content).toEqual([{ type: "text", text: `{"age":1}` }]);
  });

  test("thinks first where the model reasons, within its budget", async () => {
    const { client } = await startCohere();
    const ask = async (thinking: object) => (await client.chat({ model: "command-a-reasoning", messages: user("Hi"), ...thinking })).message.content;
    expect(await ask({})).toMatchObject([{ type: "thinking", thinking: expect.stringMatching(/^Thinking and/) as unknown }, { type: "text" }]);
    expect(await ask({ thinking: { type: "enabled", tokenBudget: 1 } })).toMatchObject([{ type: "thinking", thinking: "Thinking" }, { type: "text" }]);
    expect(await ask({ thinking: { type: "disabled" } })).toMatchObject([{ type: "text" }]);
  });

  test("tells log probabilities token by token", async () => {
    const { client } = await startCohere();
    const { logprobs } = await client.chat({ model: "m", messages: user("Hi"), logprobs: true });
    expect(logprobs?.map(({ text }) => text)).toEqual(["You", " said", ":", " Hi"]);
  });

  test.each([
    ["usage_zero", { billedUnits: { inputTokens: 0, outputTokens: 0 }, tokens: { inputTokens: 0, outputTokens: 0 }, cachedTokens: 0 }],
    ["no_usage", undefined],
    ["cached_tokens=2", { billedUnits: { inputTokens: 13, outputTokens: 4 }, tokens: { inputTokens: 79, outputTokens: 4 }, cachedTokens: 2 }],
  ])("with %s reports accordingly", async (directive, usage) => {
    const { client } = await startCohere();
    expect((await client.chat({ model: "m", messages: user(`Hi [[sim: ${directive}]]`) })).usage).toEqual(usage);
  });
});

// Source: https://docs.cohere.com/reference/embed
describe("embeddings", () => {
  test("come in every form asked for, with what is billed", async () => {
    const { client } = await startCohere();
    const asked = { model: "embed-sim", inputType: "search_document" as const, texts: ["Hello, world!", "Hi"], outputDimension: 256 };
    const { embeddings, texts, meta } = await client.embed({ ...asked, embeddingTypes: ["float", "int8", "ubinary", "base64"] });
    expect(texts).toEqual(asked.texts);
    expect(meta).toMatchObject({ apiVersion: { version: "2" }, billedUnits: { inputTokens: 5 } });
    expect(embeddings.float?.map(({ length }) => length)).toEqual([256, 256]);
    expect(embeddings.ubinary?.[0]).toHaveLength(32);
    expect([...new Float32Array(Uint8Array.from(Buffer.from(embeddings.base64?.[0] ?? "", "base64")).buffer)]).toEqual(embeddings.float?.[0]);
    expect(Math.max(...(embeddings.int8?.[0] ?? []))).toBeLessThanOrEqual(127);
  });

  test.each([
    [{ model: "m", texts: ["a"] }, 400, "input_type"],
    [{ model: "m", input_type: "search_query", texts: ["a"], dimensions: 5 }, 422, "'dimensions' is not a valid field"],
    [{ model: "m", input_type: "search_query", texts: Array.from({ length: 97 }, () => "a") }, 400, "96"],
  ])("are refused where the request is wrong: %#", async (body, status, message) => {
    const { base } = await startCohere();
    const response = await postJson(`${base}/embed`, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ id: expect.any(String) as unknown, message: expect.stringContaining(message) as unknown });
  });
});

// Source: https://docs.cohere.com/reference/errors
describe("a refusal", () => {
  test.each([
    [{ n: 2 }, 422, "parameter 'n' is not a valid field"],
    [{ stream_options: {} }, 422, "'stream_options'"],
    [{ messages: [{ role: "user", content: "a", name: "b" }] }, 422, "'name'"],
    [{ tools: [{ type: "function", function: { name: "f", parameters: {}, strict: true } }] }, 422, "'strict'"],
    [{ tools: [{ type: "function", function: { name: "f" } }] }, 400, "parameters is required"],
    [{ messages: [{ role: "developer", content: "a" }] }, 400, "unknown role"],
    [{ temperature: 1.5 }, 400, "temperature must be between 0 and 1 inclusive"],
    [{ frequency_penalty: 0.5, presence_penalty: 0.5 }, 400, "cannot specify both"],
    [{ tools: TOOLS, response_format: { type: "json_object" } }, 400, "not supported with RAG"],
    [{ tool_choice: "REQUIRED" }, 400, "tool_choice needs tools"],
  ])("of %j", async (fields, status, message) => {
    const { base } = await startCohere();
    const response = await postJson(`${base}/chat`, { model: "m", messages: user("Hi"), ...fields });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ id: expect.any(String) as unknown, message: expect.stringContaining(message) as unknown });
  });

  test("says which key is wrong, and which path", async () => {
    const { base, client } = await startCohere({ apiKeys: ["right"] }, "wrong");
    await expect(client.chat({ model: "m", messages: user("Hi") })).rejects.toMatchObject({ statusCode: 401, body: { message: "invalid api token" } });
    expect((await postJson(`${base}/chat`, {})).status).toBe(401);
    expect((await postJson(`${base}/chat/completions`, {})).status).toBe(404);
  });

  test("is asked for by its status", async () => {
    const { client } = await startCohere();
    const failing = client.chat({ model: "m", messages: user("Hi [[sim: status=429 retry_after_s=7]]") });
    const error: unknown = await failing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CohereError);
    expect(error).toMatchObject({ statusCode: 429, body: { message: expect.stringContaining("too many requests") as unknown } });
    expect((error as CohereError).rawResponse?.headers.get("retry-after")).toBe("7");
  });
});

// Sources: https://docs.cohere.com/docs/streaming, https://docs.cohere.com/docs/tool-use-streaming
describe("a stream", () => {
  test("tells thoughts, text, citations and usage in events of their own", async () => {
    const { client } = await startCohere();
    const asked = { model: "m", messages: user("Hi [[sim: reasoning_tokens=2]]"), documents: ["d"], logprobs: true };
    const events = await all(await client.chatStream(asked));
    expect(events.map(({ type }) => type)).toEqual([
      "message-start", "content-start", "content-delta", "content-delta", "content-end",
      "content-start", "content-delta", "content-delta", "content-delta", "content-delta", "citation-start", "citation-end", "content-end", "message-end",
    ]);
    expect(events[6]).toMatchObject({ index: 1, delta: { message: { content: { text: "You" } } }, logprobs: { text: "You" } });
    expect(events[10]).toMatchObject({ delta: { message: { citations: { text: "You", contentIndex: 1 } } } });
    expect(events.at(-1)).toMatchObject({ delta: { finishReason: "COMPLETE", usage: { billedUnits: { outputTokens: 6 } } } });
  });

  test("tells a plan and its calls in pieces", async () => {
    const { client } = await startCohere();
    const events = await all(await client.chatStream({ model: "m", messages: user("weather clock [[sim: tool_arguments=broken]]"), tools: TOOLS }));
    const starts = events.filter(({ type }) => type === "tool-call-start");
    expect(starts).toMatchObject([
      { index: 0, delta: { message: { toolCalls: { type: "function", function: { name: "weather", arguments: "" } } } } },
      { index: 1, delta: { message: { toolCalls: { function: { name: "clock" } } } } },
    ]);
    expect(events.filter(({ type }) => type === "tool-plan-delta")).toHaveLength(7);
    expect(events.filter(({ type }) => type === "tool-call-end")).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ type: "message-end", delta: { finishReason: "TOOL_CALL" } });
  });

  test("that fails ends with the reason, without [DONE]", async () => {
    const { base } = await startCohere();
    const asked = { model: "m", stream: true, messages: user("Hi [[sim: error_after=2]]") };
    const text = await (await postJson(`${base}/chat`, asked)).text();
    expect(text).toMatch(/^event: message-start\ndata: \{"type":"message-start"/);
    expect(text).toMatch(/event: message-end\ndata: \{"type":"message-end","delta":\{"finish_reason":"ERROR","error":"internal server error"\}\}\n\n$/);
  });
});
