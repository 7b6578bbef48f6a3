import OpenAI, { type APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { caseHeader, echo, REPORT, type Running, simUsage, thrownBy, TOOL_PROMPT, WEATHER } from "./asked.ts";
import { expectCharged, type Told } from "./charge.ts";
import { can, EMBEDDING, PROVIDERS, REFUSING, WITHOUT_SCHEMAS, WITHOUT_TOOLS } from "./providers.ts";

const TOOL = { type: "function", function: { name: WEATHER.name, description: WEATHER.description, parameters: z.toJSONSchema(WEATHER.input) } } as const;

/** OpenAI's official client for Node, as its README uses it. */
export function openAiNodeSpec(running: () => Running): void {
  const client = (name: string, apiKey = running().mesh.demoKey): OpenAI =>
    new OpenAI({ apiKey, baseURL: `${running().mesh.edgeUrl}/v1`, maxRetries: 0, defaultHeaders: caseHeader(name) });
  const user = (content: string) => [{ role: "user" as const, content }];

  describe.each(PROVIDERS)("openai-node against $id", (provider) => {
    const { id, model } = provider;
    const prompt = `Good morning to ${id} 🌿`;

    test("completes a chat", async () => {
      const name = `openai-node-${id}-chat`;
      const { data, response } = await client(name).chat.completions.create({ model, messages: user(prompt) }).withResponse();
      expect(data.choices[0]).toMatchObject({ index: 0, message: { role: "assistant", content: echo(prompt) }, finish_reason: "stop" });
      const { input, output } = simUsage(prompt, provider);
      expect(data.usage).toMatchObject({ prompt_tokens: input, completion_tokens: output, total_tokens: input + output });
      expect(data.usage?.completion_tokens_details?.reasoning_tokens ?? 0).toBe(provider.thoughts);
      expect([response.headers.get("x-alfred-provider"), response.headers.get("x-alfred-attempts")]).toEqual([id, "1"]);
      const upstream = running().mesh.provider.requests.entries().filter(({ body }) => body.includes(prompt));
      expect(new Set(upstream.map(({ dialect }) => dialect))).toEqual(new Set([id]));
      await expectCharged(running().records, name, id, [{ input, output, costUsd: response.headers.get("x-alfred-cost-usd") }]);
    });

    test("streams a chat", async () => {
      const name = `openai-node-${id}-stream`;
      const stream = await client(name).chat.completions.create({ model, messages: user(prompt), stream: true, stream_options: { include_usage: true } });
      const chunks = await Array.fromAsync(stream);
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(echo(prompt));
      expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(["stop"]);
      const last = chunks.at(-1) as OpenAI.ChatCompletionChunk & { alfred: { cost_usd: string } };
      const { input, output } = simUsage(prompt, provider);
      expect(last).toMatchObject({ choices: [], usage: { prompt_tokens: input, completion_tokens: output }, alfred: { provider: id, usage_source: "reported" } });
      await expectCharged(running().records, name, id, [{ input, output, costUsd: last.alfred.cost_usd }]);
    });

    test.each([
      [400, BadRequestError, 400],
      // The credentials are the operator's, and the client's own are fine.
      [401, InternalServerError, 502],
      [429, RateLimitError, 429],
      [500, InternalServerError, 503],
    ] as const)("gets a typed error where the provider answers %i", async (status, type, told) => {
      for (const stream of [false, true]) {
        const error = await thrownBy(client("refused").chat.completions.create({ model, messages: user(`[[sim: status=${status}]]`), stream }));
        expect(error).toBeInstanceOf(type);
        const { status: seen, error: body, requestID } = error as APIError;
        expect(seen).toBe(told);
        expect(body).toMatchObject({ request_id: requestID, hint: expect.stringMatching(/.{10}/) as unknown, details: { provider: id } });
      }
    });
  });

  describe.each(can("tools"))("openai-node with tools against $id", ({ id, model }) => {
    test("calls one, and goes on with its result", async () => {
      const name = `openai-node-${id}-tool`;
      const asked = user(TOOL_PROMPT);
      const { data, response } = await client(name).chat.completions.create({ model, messages: asked, tools: [TOOL] }).withResponse();
      const told: Told[] = [toldBy(data, response)];
      const [choice] = data.choices;
      expect(choice?.finish_reason).toBe("tool_calls");
      const calls = callsOf(choice?.message);
      expect(calls.map(([, called]) => called)).toEqual([WEATHER.name]);
      const results = calls.map(([callId]) => ({ role: "tool" as const, tool_call_id: callId, content: '{"celsius":21}' }));
      const second = await client(name).chat.completions.create({ model, messages: [...asked, choice?.message ?? [], results].flat(), tools: [TOOL] }).withResponse();
      expect(second.data.choices[0]).toMatchObject({ message: { content: echo(TOOL_PROMPT) }, finish_reason: "stop" });
      await expectCharged(running().records, name, id, [...told, toldBy(second.data, second.response)]);
    });

    test("calls several at once, streamed", async () => {
      const content = `${TOOL_PROMPT} [[sim: tool_calls=2]]`;
      const stream = client(`openai-node-${id}-tools`).chat.completions.stream({ model, messages: user(content), tools: [TOOL] });
      const { choices } = await stream.finalChatCompletion();
      expect(choices[0]?.finish_reason).toBe("tool_calls");
      const calls = callsOf(choices[0]?.message);
      expect(calls.map(([, called]) => called)).toEqual([WEATHER.name, WEATHER.name]);
      expect(new Set(calls.map(([callId]) => callId)).size).toBe(2);
    });
  });

  test.each(can("choice"))("openai-node has $id call a tool that the prompt does not name", async ({ id, model }) => {
    const answer = await client(`openai-node-${id}-choice`).chat.completions.create({ model, messages: user("Hello"), tools: [TOOL], tool_choice: "required" });
    expect(callsOf(answer.choices[0]?.message).map(([, called]) => called)).toEqual([WEATHER.name]);
  });

  test.each(WITHOUT_TOOLS)("openai-node is told that $id calls no tools, before it is asked", async ({ model }) => {
    const error = await thrownBy(client("refused").chat.completions.create({ model, messages: user(TOOL_PROMPT), tools: [TOOL] }));
    expect(error).toMatchObject({ status: 400, code: "feature_unsupported", param: "tools" });
  });

  test.each(EMBEDDING)("openai-node has $id embed texts", async ({ id, model }) => {
    const name = `openai-node-${id}-embed`;
    const { data, response } = await client(name).embeddings.create({ model, input: ["one", "two"] }).withResponse();
    expect(data.data.map(({ index, embedding }) => [index, embedding.length > 100])).toEqual([[0, true], [1, true]]);
    await expectCharged(running().records, name, id, [{ input: data.usage.prompt_tokens, output: 0, costUsd: response.headers.get("x-alfred-cost-usd") }]);
  });

  test.each(REFUSING)("openai-node is told what $id cannot do, or has it left out", async ({ model, refuses }) => {
    const odd = { model, messages: user("Hello"), ...refuses };
    const error = await thrownBy(client("refused").chat.completions.create(odd));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ code: "feature_unsupported", param: Object.keys(refuses)[0] });
    const tolerant = Object.assign(odd, { drop_unsupported: true });
    expect((await client("refused").chat.completions.create(tolerant)).choices[0]?.message.content).toBe(echo("Hello"));
  });

  test.each(WITHOUT_SCHEMAS)("openai-node is told that $id answers in JSON, but in no form that is asked for", async ({ id, model }) => {
    const error = await thrownBy(client("refused").chat.completions.parse({ model, messages: user("Weather?"), response_format: zodResponseFormat(REPORT, "report") }));
    expect(error).toMatchObject({ status: 400, code: "feature_unsupported", param: "response_format" });
    const answer = await client(`openai-node-${id}-json`).chat.completions.create({ model, messages: user("Answer in JSON."), response_format: { type: "json_object" } });
    expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toBeTypeOf("object");
  });

  test.each(can("schemas"))("openai-node parses what $id answers in a form that is asked for", async ({ id, model }) => {
    const format = zodResponseFormat(REPORT, "report");
    const answer = await client(`openai-node-${id}-parse`).chat.completions.parse({ model, messages: user("Weather?"), response_format: format });
    expect(REPORT.safeParse(answer.choices[0]?.message.parsed).success).toBe(true);
  });

  describe("openai-node", () => {
    test.each([
      [401, "invalid_api_key", AuthenticationError, "gpt-4o-mini", "sk-wrong-wrong-wrong-wrong-wrong-wrong"],
      [404, "model_not_found", NotFoundError, "no-such-model", undefined],
    ] as const)("gets a typed error %i %s", async (status, code, type, model, key) => {
      for (const stream of [false, true]) {
        const error = await thrownBy(client("refused", key).chat.completions.create({ model, messages: user("Hello"), stream }));
        expect(error).toBeInstanceOf(type);
        expect(error).toMatchObject({ status, code });
      }
    });
  });
}

function toldBy({ usage }: OpenAI.ChatCompletion, { headers }: Response): Told {
  return { input: usage?.prompt_tokens ?? 0, output: usage?.completion_tokens ?? 0, costUsd: headers.get("x-alfred-cost-usd") };
}

/** Id and name of each call, whose arguments have to satisfy the tool. */
function callsOf(message: OpenAI.ChatCompletionMessage | undefined): [string, string][] {
  return (message?.tool_calls ?? []).map((call) => {
    if (call.type !== "function") throw new Error(`A call of type ${call.type} was not asked for.`);
    WEATHER.input.parse(JSON.parse(call.function.arguments));
    return [call.id, call.function.name];
  });
}
