import OpenAI, { type APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { BROKEN_PROMPT, caseHeader, echo, REPORT, type Running, simUsage, thrownBy, TOOL_PROMPT, WEATHER } from "./asked.ts";
import { expectCharged, type Told } from "./charge.ts";
import { can, keeps, PROVIDERS, WITHOUT_SCHEMAS, WITHOUT_TOOLS } from "./providers.ts";

type Response = OpenAI.Responses.Response;
type Input = OpenAI.Responses.ResponseInput;

const TOOL: OpenAI.Responses.FunctionTool = { type: "function", name: WEATHER.name, description: WEATHER.description, parameters: z.toJSONSchema(WEATHER.input), strict: false };

/** What every stream of text is made of, whoever answers. */
const EVENTS = [
  "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added", "response.output_text.delta",
  "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed",
];

/** OpenAI's official client for Node on the Responses API, as its README uses it. */
export function responsesNodeSpec(running: () => Running): void {
  const client = (name: string, apiKey = running().mesh.demoKey): OpenAI =>
    new OpenAI({ apiKey, baseURL: `${running().mesh.edgeUrl}/v1`, maxRetries: 0, defaultHeaders: caseHeader(name) });

  describe.each(PROVIDERS)("responses-node against $id", (provider) => {
    const { id, model } = provider;
    const prompt = `Good noon to ${id} 🌿`;
    const { input, output } = simUsage(prompt, provider);

    test("creates a response", async () => {
      const name = `responses-node-${id}-text`;
      const { data, response } = await client(name).responses.create({ model, input: prompt }).withResponse();
      expect(data).toMatchObject({ object: "response", status: "completed", output_text: echo(prompt), error: null, incomplete_details: null, store: keeps(id) });
      expect(data.usage).toMatchObject({ input_tokens: input, output_tokens: output, total_tokens: input + output, output_tokens_details: { reasoning_tokens: provider.thoughts } });
      expect(response.headers.get("x-alfred-provider")).toBe(id);
      await expectCharged(running().records, name, id, [{ input, output, costUsd: response.headers.get("x-alfred-cost-usd") }]);
    });

    test("streams a response", async () => {
      const name = `responses-node-${id}-stream`;
      const stream = client(name).responses.stream({ model, input: [{ role: "user", content: [{ type: "input_text", text: prompt }] }] });
      const events = await Array.fromAsync(stream);
      const response = await stream.finalResponse();
      expect(response).toMatchObject({ status: "completed", output_text: echo(prompt), usage: { input_tokens: input, output_tokens: output } });
      const types = new Set(events.map(({ type }) => type as string).filter((type) => !type.includes("reasoning")));
      expect([...types]).toEqual(EVENTS);
      const numbers = events.map(({ sequence_number: number }) => number);
      expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
      await expectCharged(running().records, name, id, [{ input, output }]);
    });

    test("is told at the end of a stream what it cost", async () => {
      const name = `responses-node-${id}-cost`;
      const events = await Array.fromAsync(await client(name).responses.create({ model, input: prompt, stream: true }));
      const last = events.at(-1) as OpenAI.Responses.ResponseCompletedEvent & { alfred: { cost_usd: string } };
      expect(last).toMatchObject({ type: "response.completed", alfred: { provider: id, usage_source: "reported" } });
      await expectCharged(running().records, name, id, [{ input, output, costUsd: last.alfred.cost_usd }]);
    });

    test("ends at its limit", async () => {
      const answer = await client(`responses-node-${id}-limit`).responses.create({ model, input: "Count. [[sim: tokens=40 reasoning_tokens=0]]", max_output_tokens: 16 });
      expect(answer).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, usage: { output_tokens: 16 } });
    });

    test.each([
      [400, BadRequestError, 400],
      [429, RateLimitError, 429],
      [500, InternalServerError, 503],
    ] as const)("gets a typed error where the provider answers %i", async (status, type, told) => {
      for (const stream of [false, true]) {
        const error = await thrownBy(client("refused").responses.create({ model, input: `[[sim: status=${status}]]`, stream }));
        expect(error).toBeInstanceOf(type);
        const { status: seen, error: body, requestID } = error as APIError;
        expect(seen).toBe(told);
        expect(body).toMatchObject({ request_id: requestID, hint: expect.stringMatching(/.{10}/) as unknown, details: { provider: id } });
      }
    });

    test("is told where a stream breaks off", async () => {
      for (const ask of [
        async () => Array.fromAsync(await client("broken").responses.create({ model, input: BROKEN_PROMPT, stream: true })),
        () => client("broken").responses.stream({ model, input: BROKEN_PROMPT }).finalResponse(),
      ]) {
        expect(await thrownBy(ask())).toMatchObject({ code: "provider_stream_broken", error: { hint: expect.any(String) as unknown } });
      }
    });
  });

  describe.each(can("tools"))("responses-node with tools against $id", ({ id, model }) => {
    test("calls one, and goes on with its result", async () => {
      const name = `responses-node-${id}-tool`;
      const asked: Input = [{ role: "user", content: TOOL_PROMPT }];
      const first = await client(name).responses.create({ model, input: asked, tools: [TOOL] }).withResponse();
      const told: Told[] = [toldBy(first.data, first.response)];
      const calls = callsOf(first.data);
      expect(calls.map(({ name: called }) => called)).toEqual([WEATHER.name]);
      const input: Input = [...asked, ...(first.data.output as Input), ...calls.map(resultOf)];
      const second = await client(name).responses.create({ model, input, tools: [TOOL] }).withResponse();
      expect(second.data).toMatchObject({ status: "completed", output_text: echo(TOOL_PROMPT) });
      await expectCharged(running().records, name, id, [...told, toldBy(second.data, second.response)]);
    });

    test("calls several at once, streamed", async () => {
      const stream = client(`responses-node-${id}-tools`).responses.stream({ model, input: `${TOOL_PROMPT} [[sim: tool_calls=2]]`, tools: [TOOL] });
      const types = (await Array.fromAsync(stream)).map(({ type }) => type);
      expect(types).toContain("response.function_call_arguments.done");
      const calls = callsOf(await stream.finalResponse());
      expect(calls.map(({ name: called }) => called)).toEqual([WEATHER.name, WEATHER.name]);
      expect(new Set(calls.map(({ call_id: callId }) => callId)).size).toBe(2);
    });
  });

  test.each(can("schemas"))("responses-node parses what $id answers in a form that is asked for", async ({ id, model }) => {
    const text = { format: zodTextFormat(REPORT, "report") };
    const answer = await client(`responses-node-${id}-parse`).responses.parse({ model, input: "Weather?", text });
    expect(REPORT.safeParse(answer.output_parsed).success).toBe(true);
    const streamed = await client(`responses-node-${id}-parse`).responses.stream({ model, input: "Weather?", text }).finalResponse();
    expect(streamed.output_parsed).toEqual(answer.output_parsed);
  });

  test.each(WITHOUT_SCHEMAS)("responses-node is told that $id answers in no form that is asked for", async ({ model }) => {
    const error = await thrownBy(client("refused").responses.parse({ model, input: "Weather?", text: { format: zodTextFormat(REPORT, "report") } }));
    expect(error).toMatchObject({ status: 400, code: "feature_unsupported", param: "text.format" });
  });

  test.each(WITHOUT_TOOLS)("responses-node is told that $id calls no tools, before it is asked", async ({ model }) => {
    const error = await thrownBy(client("refused").responses.create({ model, input: TOOL_PROMPT, tools: [TOOL] }));
    expect(error).toMatchObject({ status: 400, code: "feature_unsupported", param: "tools" });
  });

  describe("responses-node that has its answers stored", () => {
    const model = "openai/gpt-4o-mini";

    test("goes on from them by their ids, whole and streamed, and pays for what is read again", async () => {
      const name = "responses-node-openai-stored";
      const ask = client(name);
      const first = await ask.responses.create({ model, input: "One" }).withResponse();
      const second = await ask.responses.stream({ model, input: "Two", previous_response_id: first.data.id }).finalResponse();
      const third = await ask.responses.create({ model, input: "Three", previous_response_id: second.id }).withResponse();
      expect([first.data, second, third.data]).toMatchObject([{ previous_response_id: null }, { previous_response_id: first.data.id }, { previous_response_id: second.id, output_text: echo("Three") }]);
      const told = [toldBy(first.data, first.response), { input: second.usage?.input_tokens ?? 0, output: second.usage?.output_tokens ?? 0 }, toldBy(third.data, third.response)];
      expect(told.map(({ input }) => input)).toEqual(told.map(({ input }) => input).toSorted((left, right) => left - right));
      await expectCharged(running().records, name, "openai", told);
    });

    test("is shown them, and what they were asked, names all of that again, and deletes them", async () => {
      const { responses } = client("stored-kept");
      const first = await responses.create({ model, input: ["One", "Two"].map((content) => ({ role: "user" as const, content })) });
      const second = await responses.stream({ model, input: "Three", previous_response_id: first.id }).finalResponse();
      expect(await responses.retrieve(first.id)).toEqual(first);
      const shown = await responses.retrieve(second.id, { include: ["message.output_text.logprobs"] });
      expect(shown).toMatchObject({ id: second.id, output_text: echo("Three") });
      // What it went on from has another id now, which is as good.
      expect(await responses.retrieve(shown.previous_response_id ?? "")).toMatchObject({ output_text: echo("Two") });
      expect((await responses.create({ model, input: "Four", previous_response_id: shown.previous_response_id ?? null })).usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0);
      const items = await Array.fromAsync(responses.inputItems.list(first.id, { limit: 1, order: "asc" }));
      expect(items).toMatchObject(["One", "Two"].map((content) => ({ role: "user", content })));
      const named = [...items, ...first.output].map(({ id = "" }) => ({ type: "item_reference" as const, id }));
      expect((await responses.stream({ model, input: [...named, { role: "user", content: "Again" }] }).finalResponse()).output_text).toBe(echo("Again"));
      await responses.delete(first.id);
      for (const gone of [first.id, "resp_somebodys"]) {
        for (const ask of [responses.retrieve(gone), responses.delete(gone), responses.inputItems.list(gone)]) {
          const error = await thrownBy(ask);
          expect(error).toBeInstanceOf(NotFoundError);
          expect(error).toMatchObject({ type: "invalid_request_error", error: { message: `Response with id '${gone}' not found.` } });
        }
      }
      expect(await thrownBy(responses.create({ model, input: "Five", previous_response_id: first.id }))).toMatchObject({ status: 400, code: "previous_response_not_found" });
      expect(await thrownBy(responses.retrieve(second.id, { stream: true }))).toMatchObject({ status: 400, code: "feature_unsupported", param: "stream" });
    });

    test("answers the call of a tool with nothing but its result", async () => {
      const ask = client("stored-tool");
      const first = await ask.responses.create({ model, input: TOOL_PROMPT, tools: [TOOL], reasoning: { effort: "low" } });
      const second = await ask.responses.create({ model, input: callsOf(first).map(resultOf), tools: [TOOL], previous_response_id: first.id });
      expect(second).toMatchObject({ status: "completed", output_text: echo(TOOL_PROMPT) });
      // Who sends all of it again instead is understood, too.
      const again = await ask.responses.create({ model, input: [{ role: "user", content: TOOL_PROMPT }, ...(first.output as Input), ...callsOf(first).map(resultOf)], tools: [TOOL] });
      expect(again.output_text).toBe(echo(TOOL_PROMPT));
    });

    test.each(["resp_somebodys", "resp_0123456789abcdef0123456789abcdef0123456789abcdef"])("is told as OpenAI tells it that there is none of the id %s", async (id) => {
      for (const stream of [false, true]) {
        const error = await thrownBy(client("refused").responses.create({ model, input: "Hello", previous_response_id: id, stream }));
        expect(error).toBeInstanceOf(BadRequestError);
        expect(error).toMatchObject({ code: "previous_response_not_found", type: "invalid_request_error", param: "previous_response_id", error: { message: `Previous response with id '${id}' not found.` } });
      }
    });
  });

  test.each(PROVIDERS.filter(({ id }) => !keeps(id)))("responses-node is told that nothing is kept for it at $id, or has that left out", async ({ model }) => {
    const odd = { model, input: "Hello", previous_response_id: "resp_somebodys" };
    const error = await thrownBy(client("refused").responses.create(odd));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ code: "feature_unsupported", param: "previous_response_id", error: { hint: expect.stringContaining("`store`") as unknown } });
    const tolerant = Object.assign(odd, { drop_unsupported: true });
    expect((await client("refused").responses.create(tolerant)).output_text).toBe(echo("Hello"));
  });

  describe("responses-node", () => {
    test.each(["openai/gpt-4o-mini", "claude-haiku-4-5"])("is told what %s would be charged for beside its tokens", async (model) => {
      const error = await thrownBy(client("refused").responses.create({ model, input: "Hello", tools: [{ type: "web_search" }] }));
      expect(error).toMatchObject({ status: 400, param: "tools" });
    });

    test.each([
      [401, "invalid_api_key", AuthenticationError, "gpt-4o-mini", "sk-wrong-wrong-wrong-wrong-wrong-wrong"],
      [404, "model_not_found", NotFoundError, "no-such-model", undefined],
    ] as const)("gets a typed error %i %s", async (status, code, type, model, key) => {
      for (const stream of [false, true]) {
        const error = await thrownBy(client("refused", key).responses.create({ model, input: "Hello", stream }));
        expect(error).toBeInstanceOf(type);
        expect(error).toMatchObject({ status, code });
      }
    });

    test.each([
      ["openai/gpt-4o-mini", { effort: "low", summary: "auto" }],
      ["claude-haiku-4-5", { effort: "low" }],
      ["gemini/gemini-3-pro-preview", { effort: "low" }],
    ] as const)("has the thoughts of %s come, and go back as they came", async (model, reasoning) => {
      const asked: Input = [{ role: "user", content: `${TOOL_PROMPT} [[sim: reasoning_tokens=5]]` }];
      const more = { model, tools: [TOOL], reasoning, include: ["reasoning.encrypted_content" as const], store: false };
      const first = await client("thinking").responses.stream({ ...more, input: asked }).finalResponse();
      expect(first.output.map(({ type }) => type).toSorted()).toEqual(["function_call", "reasoning"]);
      const second = await client("thinking").responses.create({ ...more, input: [...asked, ...(first.output as Input), ...callsOf(first).map(resultOf)] });
      expect(second.status).toBe("completed");
    });
  });
}

function toldBy({ usage }: Response, { headers }: globalThis.Response): Told {
  return { input: usage?.input_tokens ?? 0, output: usage?.output_tokens ?? 0, costUsd: headers.get("x-alfred-cost-usd") };
}

/** The calls of an answer, whose arguments have to satisfy the tool. */
function callsOf({ output }: Pick<Response, "output">): OpenAI.Responses.ResponseFunctionToolCall[] {
  return output.flatMap((item) => {
    if (item.type !== "function_call") return [];
    WEATHER.input.parse(JSON.parse(item.arguments));
    return [item];
  });
}

function resultOf({ call_id: callId }: OpenAI.Responses.ResponseFunctionToolCall): Input[number] {
  return { type: "function_call_output", call_id: callId, output: '{"celsius":21}' };
}
