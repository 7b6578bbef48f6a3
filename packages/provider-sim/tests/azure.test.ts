import { AzureOpenAI, OpenAI } from "openai";
import { describe, expect, test } from "vitest";
import { postJson } from "./cohere-client.ts";
import { all, startSim, user } from "./sim-client.ts";
import type { ProviderSimOptions } from "../src/index.ts";

const VERSION = "2024-10-21";
const SAFE = { filtered: false, severity: "safe" };
const HARMLESS = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE };
const PROMPT = [{ prompt_index: 0, content_filter_results: { ...HARMLESS, jailbreak: { filtered: false, detected: false } } }];

async function startAzure(options: ProviderSimOptions = {}, apiKey = "az-simulator-key") {
  const { sim, url } = await startSim(options);
  const client = new AzureOpenAI({ endpoint: `${url}/azure`, apiKey, apiVersion: VERSION, maxRetries: 0 });
  return { sim, client, base: `${url}/azure` };
}

// Source: https://learn.microsoft.com/azure/ai-services/openai/reference
describe("a deployment", () => {
  test("answers at an address of its own, with what the filters found", async () => {
    const { client, sim } = await startAzure();
    const answer = await client.chat.completions.create({ model: "my-gpt", messages: user("Hi") });
    expect(answer).toMatchObject({
      model: "my-gpt",
      choices: [{ message: { content: "You said: Hi" }, finish_reason: "stop", content_filter_results: HARMLESS }],
      usage: { prompt_tokens: 4, completion_tokens: 4 },
      prompt_filter_results: PROMPT,
    });
    expect(answer).not.toHaveProperty("service_tier");
    expect(sim.requests.last).toMatchObject({ dialect: "azure", model: "my-gpt", path: `/azure/openai/deployments/my-gpt/chat/completions?api-version=${VERSION}` });
    expect(sim.requests.last?.headers["api-key"]).toBe("***-key");
  });

  test("streams a chunk of no choice first", async () => {
    const { client } = await startAzure();
    const chunks = await all(await client.chat.completions.create({ model: "my-gpt", messages: user("Hi"), stream: true, stream_options: { include_usage: true } }));
    expect(chunks[0]).toEqual({ choices: [], created: 0, id: "", model: "", object: "", prompt_filter_results: PROMPT });
    expect(chunks[1]).toMatchObject({ choices: [{ delta: { role: "assistant" }, content_filter_results: {} }] });
    expect(chunks[2]).toMatchObject({ choices: [{ delta: { content: "You" }, content_filter_results: HARMLESS }], usage: null });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 8 } });
  });

  test("embeds, calls tools and answers in JSON as OpenAI does", async () => {
    const { client } = await startAzure();
    const { data } = await client.embeddings.create({ model: "my-embedding", input: ["a", "b"], dimensions: 8 });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
    const tools = [{ type: "function" as const, function: { name: "f" } }];
    const { choices } = await client.chat.completions.create({ model: "my-gpt", messages: user("f"), tools });
    expect(choices).toMatchObject([{ finish_reason: "tool_calls", message: { tool_calls: [{ function: { name: "f", arguments: "{}" } }] } }]);
  });

  test("is asked for in the body below /openai/v1, without a version, with a key or a token", async () => {
    const { base } = await startAzure({ apiKeys: ["az-simulator-key"] });
    for (const headers of [{ "api-key": "az-simulator-key" }, { authorization: "Bearer az-simulator-key" }]) {
      const response = await postJson(`${base}/openai/v1/chat/completions`, { model: "gpt", messages: user("Hi") }, headers);
      expect(await response.json()).toMatchObject({ model: "gpt", prompt_filter_results: PROMPT });
    }
    const client = new OpenAI({ baseURL: `${base}/openai/v1`, apiKey: "az-simulator-key", maxRetries: 0 });
    expect((await all(client.models.list())).length).toBeGreaterThan(0);
  });
});

describe("a refusal", () => {
  test.each([
    ["of an address without a version", "/openai/deployments/d/chat/completions", 404, { error: { code: "404", message: "Resource not found" } }],
    ["of a version that is none", "/openai/deployments/d/chat/completions?api-version=soon", 404, { error: { code: "404", message: "Resource not found" } }],
    ["of an unknown operation", `/openai/deployments/d/chats?api-version=${VERSION}`, 404, { error: { code: "404", message: "Resource not found" } }],
    ["of a request that is wrong", `/openai/deployments/d/chat/completions?api-version=${VERSION}`, 400, { error: { message: "Missing required parameter: 'messages'.", type: "invalid_request_error", param: "messages", code: "missing_required_parameter" } }],
  ])("%s", async (_, path, status, body) => {
    const { base } = await startAzure();
    const response = await postJson(`${base}${path}`, {});
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(body);
  });

  test("of a key, of none and of a deployment", async () => {
    const { base } = await startAzure({ apiKeys: ["right"], models: ["there"] });
    const ask = async (deployment: string, headers: Record<string, string>): Promise<unknown> => {
      const response = await postJson(`${base}/openai/deployments/${deployment}/chat/completions?api-version=${VERSION}`, { messages: user("Hi") }, headers);
      return { status: response.status, ...((await response.json()) as object) };
    };
    expect(await ask("there", { "api-key": "wrong" })).toEqual({ status: 401, error: { code: "401", message: expect.stringContaining("invalid subscription key") as unknown } });
    expect(await ask("there", {})).toEqual({ status: 401, statusCode: 401, message: expect.stringMatching(/^Unauthorized/) as unknown });
    expect(await ask("gone", { "api-key": "right" })).toEqual({ status: 404, error: { code: "DeploymentNotFound", message: expect.any(String) as unknown } });
  });

  test("by the filters says what they found", async () => {
    const { client } = await startAzure();
    const failing = client.chat.completions.create({ model: "d", messages: user("Hi [[sim: status=400 error_code=content_filter]]") });
    await expect(failing).rejects.toMatchObject({
      status: 400, code: "content_filter", param: "prompt", type: null,
      error: { innererror: { code: "ResponsibleAIPolicyViolation", content_filter_result: { violence: { filtered: true, severity: "medium" } } } },
    });
  });

  test("for too many requests says when to come back", async () => {
    const { client } = await startAzure();
    const error: unknown = await client.chat.completions.create({ model: "d", messages: user("Hi [[sim: status=429 retry_after_s=3]]") }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 429, code: "429" });
    const { headers } = error as { headers: Headers };
    expect([headers.get("retry-after"), headers.get("retry-after-ms")]).toEqual(["3", "3000"]);
  });
});
