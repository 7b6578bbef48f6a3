import Anthropic, { type APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { caseHeader, echo, type Running, simUsage, thrownBy, TOOL_PROMPT, WEATHER } from "./asked.ts";
import { expectCharged, type Told } from "./charge.ts";
import { can, PROVIDERS } from "./providers.ts";

const TOOL: Anthropic.Tool = {
  name: WEATHER.name,
  description: WEATHER.description,
  input_schema: z.toJSONSchema(WEATHER.input) as Anthropic.Tool.InputSchema,
};

/** Anthropic's official client for Node, as its README uses it, against every provider. */
export function anthropicNodeSpec(running: () => Running): void {
  const client = (name: string, apiKey = running().mesh.demoKey): Anthropic =>
    new Anthropic({ apiKey, baseURL: running().mesh.edgeUrl, maxRetries: 0, defaultHeaders: caseHeader(name) });
  const asking = (model: string, content: string) => ({ model, max_tokens: 256, messages: [{ role: "user" as const, content }] });

  describe.each(PROVIDERS)("anthropic-node against $id", (provider) => {
    const { id, model } = provider;
    const prompt = `Good night to ${id} 🌿`;

    test("creates a message", async () => {
      const name = `anthropic-node-${id}-chat`;
      const { data, response } = await client(name).messages.create(asking(model, prompt)).withResponse();
      expect(data).toMatchObject({ type: "message", role: "assistant", content: [{ type: "text", text: echo(prompt) }], stop_reason: "end_turn", stop_sequence: null });
      const { input, output } = simUsage(prompt, provider);
      expect(data.usage).toMatchObject({ input_tokens: input, output_tokens: output });
      expect(response.headers.get("x-alfred-provider")).toBe(id);
      await expectCharged(running().records, name, id, [{ input, output, costUsd: response.headers.get("x-alfred-cost-usd") }]);
    });

    test("streams a message", async () => {
      const name = `anthropic-node-${id}-stream`;
      const stream = client(name).messages.stream(asking(model, prompt));
      const types = (await Array.fromAsync(stream)).map(({ type }) => type);
      const message = await stream.finalMessage();
      expect([types[0], types.at(-2), types.at(-1)]).toEqual(["message_start", "message_delta", "message_stop"]);
      expect(message).toMatchObject({ content: [{ type: "text", text: echo(prompt) }], stop_reason: "end_turn" });
      const { input, output } = simUsage(prompt, provider);
      expect(message.usage).toMatchObject({ input_tokens: input, output_tokens: output });
      await expectCharged(running().records, name, id, [{ input, output }]);
    });

    test("counts the tokens of a prompt, and charges nothing", async () => {
      const { input_tokens: tokens } = await client(`anthropic-node-${id}-count`).messages.countTokens({ model, messages: [{ role: "user", content: prompt }] });
      expect(tokens).toBeGreaterThan(3);
      expect(tokens).toBeLessThan(64);
    });

    test.each([
      [400, BadRequestError, 400],
      [429, RateLimitError, 429],
      [500, InternalServerError, 503],
    ] as const)("gets a typed error where the provider answers %i", async (status, type, told) => {
      for (const stream of [false, true]) {
        const error = await thrownBy(client("refused").messages.create({ ...asking(model, `[[sim: status=${status}]]`), stream }));
        expect(error).toBeInstanceOf(type);
        expect((error as APIError).status).toBe(told);
        expect((error as APIError).error).toMatchObject({ type: "error", error: { type: expect.any(String) as unknown, hint: expect.stringMatching(/.{10}/) as unknown }, request_id: (error as APIError).requestID });
      }
    });

    test("is told where a stream breaks off", async () => {
      const error = await thrownBy(client("refused").messages.stream(asking(model, "[[sim: cut_after=4 tokens=20]]")).finalMessage());
      expect(error).toMatchObject({ error: { type: "error", error: { code: "provider_stream_broken" } } });
    });
  });

  describe.each(can("tools"))("anthropic-node with tools against $id", ({ id, model }) => {
    test("calls one, and goes on with its result", async () => {
      const name = `anthropic-node-${id}-tool`;
      const asked = asking(model, TOOL_PROMPT);
      const { data, response } = await client(name).messages.create({ ...asked, tools: [TOOL] }).withResponse();
      const told: Told[] = [toldBy(data, response)];
      expect(data.stop_reason).toBe("tool_use");
      const results = callsOf(data).map(([callId]) => ({ type: "tool_result" as const, tool_use_id: callId, content: '{"celsius":21}' }));
      expect(results).toHaveLength(1);
      const messages = [...asked.messages, { role: "assistant" as const, content: data.content }, { role: "user" as const, content: results }];
      const second = await client(name).messages.create({ ...asked, messages, tools: [TOOL] }).withResponse();
      expect(second.data).toMatchObject({ content: [{ type: "text", text: echo(TOOL_PROMPT) }], stop_reason: "end_turn" });
      await expectCharged(running().records, name, id, [...told, toldBy(second.data, second.response)]);
    });

    test("calls several at once, streamed", async () => {
      const stream = client(`anthropic-node-${id}-tools`).messages.stream({ ...asking(model, `${TOOL_PROMPT} [[sim: tool_calls=2]]`), tools: [TOOL] });
      const message = await stream.finalMessage();
      expect(message.stop_reason).toBe("tool_use");
      const calls = callsOf(message);
      expect(calls.map(([, called]) => called)).toEqual([WEATHER.name, WEATHER.name]);
      expect(new Set(calls.map(([callId]) => callId)).size).toBe(2);
    });
  });

  test.each(PROVIDERS.filter(({ id }) => id !== "anthropic"))("anthropic-node is told what $id cannot do, or has it left out", async ({ model }) => {
    const odd = { ...asking(model, "Hello"), top_k: 5 };
    const error = await thrownBy(client("refused").messages.create(odd));
    expect(error).toBeInstanceOf(BadRequestError);
    expect((error as APIError).error).toMatchObject({ error: { code: "feature_unsupported", details: { field: "top_k" } } });
    const tolerant = Object.assign(odd, { drop_unsupported: true });
    expect((await client("refused").messages.create(tolerant)).content).toMatchObject([{ type: "text", text: echo("Hello") }]);
  });

  test.each([
    [401, "authentication_error", AuthenticationError, "claude-haiku-4-5", "sk-wrong-wrong-wrong-wrong-wrong-wrong"],
    [404, "not_found_error", NotFoundError, "no-such-model", undefined],
  ] as const)("anthropic-node gets a typed error %i %s", async (status, kind, type, model, key) => {
    for (const stream of [false, true]) {
      const error = await thrownBy(client("refused", key).messages.create({ ...asking(model, "Hello"), stream }));
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status, error: { type: "error", error: { type: kind } } });
    }
  });

  test.each(can("tools").filter(({ lacks }) => !lacks.includes("choice")))("anthropic-node runs tools at $id by itself, without a thread that would be kept", async ({ id, model }) => {
    const cities: string[] = [];
    const run = ({ city }: { city: string }): string => {
      cities.push(city);
      return "21";
    };
    const tools = [betaZodTool({ name: WEATHER.name, description: WEATHER.description, inputSchema: WEATHER.input, run })];
    const asked = asking(model, TOOL_PROMPT);
    const last = await client(`anthropic-node-${id}-runner`).beta.messages.toolRunner({ ...asked, tools });
    expect([last.stop_reason, cities.length]).toEqual(["end_turn", 1]);
    const kept = { ...asked, thread: { type: "create" as const } };
    expect(await thrownBy(client("refused").beta.messages.create(kept))).toMatchObject({ status: 400, error: { error: { code: "feature_unsupported", details: { error_code: "thread_unsupported_request" } } } });
  });

  test("anthropic-node lists models, and tells of one", async () => {
    const models = await Array.fromAsync(client("models").models.list());
    expect(models.find(({ id }) => id === "claude-haiku-4-5")).toMatchObject({ type: "model", display_name: "claude-haiku-4-5", created_at: "1970-01-01T00:00:00.000Z", max_input_tokens: 200_000 });
    expect(models.length).toBeGreaterThan(100);
    expect(await client("models").models.retrieve("gpt-4o-mini")).toMatchObject({ type: "model", id: "gpt-4o-mini", max_input_tokens: 128_000 });
    expect(await thrownBy(client("refused").models.retrieve("no-such-model"))).toBeInstanceOf(NotFoundError);
  });

  test("anthropic-node has a thought come back signed, and go back as it came", async () => {
    const thinking = { type: "enabled" as const, budget_tokens: 1024 };
    const asked = { ...asking("claude-haiku-4-5", `${TOOL_PROMPT} [[sim: reasoning_tokens=5]]`), max_tokens: 4096, thinking, tools: [TOOL] };
    const first = await client("thinking").messages.stream(asked).finalMessage();
    expect(first.content.map(({ type }) => type)).toEqual(["thinking", "tool_use"]);
    const results = callsOf(first).map(([callId]) => ({ type: "tool_result" as const, tool_use_id: callId, content: "21" }));
    const messages = [...asked.messages, { role: "assistant" as const, content: first.content }, { role: "user" as const, content: results }];
    expect((await client("thinking").messages.create({ ...asked, messages })).stop_reason).toBe("end_turn");
  });
}

function toldBy({ usage }: Anthropic.Message, { headers }: Response): Told {
  return { input: usage.input_tokens, output: usage.output_tokens, costUsd: headers.get("x-alfred-cost-usd") };
}

/** Id and name of each call, whose input has to satisfy the tool. */
function callsOf({ content }: Anthropic.Message): [string, string][] {
  return content.flatMap((block) => {
    if (block.type !== "tool_use") return [];
    WEATHER.input.parse(block.input);
    return [[block.id, block.name] as [string, string]];
  });
}
