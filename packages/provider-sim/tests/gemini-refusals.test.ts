import { describe, expect, test } from "vitest";
import { post, startGemini, SUM } from "./gemini-client.ts";

const HI = { parts: [{ text: "Hi" }] };
const CALL = { role: "model", parts: [{ functionCall: { name: "sum", args: {} } }] };
const RESULT = { functionResponse: { name: "sum", response: {} } };
const TOOLS = [{ functionDeclarations: [SUM] }];

async function refusal(body: unknown, model = "sim-chat", method = "generateContent"): Promise<unknown> {
  const { url } = await startGemini();
  return post(`${url}/models/${model}:${method}`, body);
}

function invalid(message: string): unknown {
  const containing: unknown = expect.stringContaining(message);
  const error: unknown = expect.objectContaining({ code: 400, status: "INVALID_ARGUMENT", message: containing });
  return { status: 400, json: { error } };
}

describe("a request that the API would refuse", () => {
  test.each([
    ["an unknown field", { contents: [HI], messages: [] }, `Invalid JSON payload received. Unknown name "messages": Cannot find field.`],
    ["an unknown field inside", { contents: [HI], generationConfig: { maxTokens: 1 } }, `Unknown name "maxTokens" at 'generation_config': Cannot find field.`],
    ["JSON schema in a schema", { contents: [HI], tools: [{ functionDeclarations: [{ name: "f", parameters: { type: "OBJECT", additionalProperties: false } }] }] }, `Unknown name "additionalProperties" at 'tools[0].function_declarations[0].parameters'`],
    ["no contents", { contents: [] }, "contents is not specified"],
    ["a role", { contents: [{ role: "assistant", parts: HI.parts }] }, "Please use a valid role: user, model."],
    ["no parts", { contents: [{ role: "user", parts: [] }] }, "contents.parts must not be empty"],
    ["an empty part", { contents: [{ parts: [{}] }] }, "required oneof field 'data' must have one initialized field"],
    ["a part of two kinds", { contents: [{ parts: [{ text: "Hi", inlineData: { mimeType: "image/png", data: "AAAA" } }] }] }, "oneof field 'data' is already set"],
    ["data of no kind", { contents: [{ parts: [{ inlineData: { data: "AAAA" } }] }] }, "Unsupported MIME type"],
    ["a kind of value", { contents: [HI], generationConfig: { temperature: "hot" } }, `Invalid value at 'generation_config.temperature' (TYPE_FLOAT), "hot"`],
    ["a word", { contents: [HI], safetySettings: [{ category: "HARM_CATEGORY_FUN", threshold: "OFF" }] }, "Invalid value at 'safety_settings[0].category' (TYPE_ENUM)"],
    ["a range", { contents: [HI], generationConfig: { topP: 2 } }, "GenerateContentRequest.generation_config.top_p: must be less than or equal to 1"],
    ["a schema without JSON", { contents: [HI], generationConfig: { responseJsonSchema: {} } }, "A response schema is only supported with response mime type"],
    ["a result without a call", { contents: [{ parts: [RESULT] }] }, "function response turn comes immediately after a function call turn"],
    ["a call out of turn", { contents: [HI, { role: "model", parts: HI.parts }, CALL, { parts: [RESULT] }] }, "function call turn comes immediately after a user turn"],
    ["too few results", { contents: [HI, { role: "model", parts: [...CALL.parts, ...CALL.parts] }, { parts: [RESULT] }] }, "number of function response parts is equal to the number of function call parts"],
    ["a function's name", { contents: [HI], tools: [{ functionDeclarations: [{ name: "1st" }] }] }, "Invalid function name"],
    ["a function twice", { contents: [HI], tools: [...TOOLS, ...TOOLS] }, "Duplicate function declaration found: sum"],
    ["a mode without functions", { contents: [HI], toolConfig: { functionCallingConfig: { mode: "ANY" } } }, "Function calling config is set without function_declarations"],
    ["alternatives alone", { contents: [HI], generationConfig: { logprobs: 2 } }, "logprobs can only be set if responseLogprobs is true"],
    ["two ways to think", { contents: [HI], generationConfig: { thinkingConfig: { thinkingBudget: 10, thinkingLevel: "LOW" } } }, "only one of thinking budget and thinking level"],
  ])("%s", async (_what, body, message) => {
    expect(await refusal(body)).toEqual(invalid(message));
  });

  test.each([
    ["gemini-2.0-flash", { thinkingConfig: { thinkingBudget: 10 } }, "Thinking is not enabled for models/gemini-2.0-flash"],
    ["gemini-2.5-flash", { thinkingConfig: { thinkingLevel: "LOW" } }, "Thinking level is not supported for this model"],
    ["gemini-2.5-flash", { thinkingConfig: { thinkingBudget: 50_000 } }, "The thinking budget 50000 is invalid"],
    ["gemini-2.5-pro", { thinkingConfig: { thinkingBudget: 0 } }, "This model only works in thinking mode"],
    ["gemini-3.1-pro-preview", { thinkingConfig: { thinkingLevel: "minimal" } }, "Thinking level MINIMAL is not supported"],
    ["gemini-2.5-flash", { responseMimeType: "application/json" }, "Function calling with a response mime type: 'application/json' is unsupported"],
  ])("of %s: %j", async (model, generationConfig, message) => {
    expect(await refusal({ contents: [HI], tools: TOOLS, generationConfig }, model)).toEqual(invalid(message));
  });

  test.each([
    [{ requests: [] }, "requests must not be empty"],
    [{ requests: [{ model: "models/other", content: HI }] }, "requests[0].model: must match 'models/sim-chat'"],
    [{ requests: [{ model: "models/sim-chat", content: { parts: [] } }] }, "content is empty"],
    [{ requests: Array.from({ length: 101 }, () => ({ model: "models/sim-chat", content: HI })) }, "at most 100 requests"],
  ])("to embed %#", async (body, message) => {
    expect(await refusal(body, "sim-chat", "batchEmbedContents")).toEqual(invalid(message));
  });

  test("names are taken in both spellings, and null for nothing", async () => {
    const body = { contents: [{ parts: [{ inline_data: { mime_type: "image/png", data: "AA_-" } }, { text: "Hi" }] }], system_instruction: null, generation_config: { max_output_tokens: 1 } };
    expect(await refusal(body)).toMatchObject({ status: 200, json: { candidates: [{ finishReason: "MAX_TOKENS" }] } });
  });
});

describe("the way in", () => {
  test("wants a key, in the header or in the query, which the log hides", async () => {
    const { sim, url } = await startGemini({ apiKeys: ["AIza-right-key-1234"] });
    const path = `${url}/models/m:generateContent`;
    expect(await post(path, { contents: [HI] })).toMatchObject({ status: 403, json: { error: { status: "PERMISSION_DENIED" } } });
    const wrong = await post(path, { contents: [HI] }, { "x-goog-api-key": "AIza-wrong" });
    expect(wrong).toMatchObject({ status: 400, json: { error: { status: "INVALID_ARGUMENT", details: [{ reason: "API_KEY_INVALID" }] } } });
    expect(await post(path, { contents: [HI] }, { "x-goog-api-key": "AIza-right-key-1234" })).toMatchObject({ status: 200 });
    expect(await post(`${path}?key=AIza-right-key-1234`, { contents: [HI] })).toMatchObject({ status: 200 });
    expect(sim.requests.last).toMatchObject({ dialect: "gemini", path: "/gemini/v1beta/models/m:generateContent?key=***1234" });
    expect(sim.requests.entries()[2]?.headers["x-goog-api-key"]).toBe("***1234");
  });

  test("lists the models that exist, and knows no others", async () => {
    const { client, url } = await startGemini({ models: ["gemini-a"] });
    const names: (string | undefined)[] = [];
    for await (const { name } of await client.models.list()) names.push(name);
    expect(names).toEqual(["models/gemini-a"]);
    expect(await post(`${url}/models/gemini-b:generateContent`, { contents: [HI] })).toMatchObject({ status: 404, json: { error: { status: "NOT_FOUND" } } });
    expect(await post(`${url}/models/gemini-a:dance`, {})).toMatchObject({ status: 404 });
  });

  test.each([
    [403, "PERMISSION_DENIED"], [429, "RESOURCE_EXHAUSTED"], [500, "INTERNAL"], [503, "UNAVAILABLE"], [504, "DEADLINE_EXCEEDED"],
  ])("status %i on demand is %s", async (status, name) => {
    const { client } = await startGemini();
    const asking = client.models.generateContent({ model: "m", contents: `[[sim: status=${status}]]` });
    await expect(asking).rejects.toMatchObject({ status });
    await expect(asking).rejects.toThrow(name);
  });

  test("the time to come back stands in the body", async () => {
    const { url } = await startGemini();
    const { json } = await post(`${url}/models/m:generateContent`, { contents: [{ parts: [{ text: "[[sim: status=429 retry_after_s=7]]" }] }] });
    expect(json).toMatchObject({ error: { details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "7s" }] } });
  });
});
