import { type AIMessageChunk, HumanMessage, type ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { APIError } from "openai";
import { describe, expect, test } from "vitest";
import { BROKEN_PROMPT, caseHeader, echo, REPORT, type Running, simUsage, thrownBy, TOOL_PROMPT, WEATHER } from "./asked.ts";
import { expectCharged, type Told } from "./charge.ts";
import { can, EMBEDDING, PROVIDERS, REFUSING, WITHOUT_SCHEMAS } from "./providers.ts";

const weather = tool(({ city }) => Promise.resolve(JSON.stringify({ city, celsius: 21 })), {
  name: WEATHER.name,
  description: WEATHER.description,
  schema: WEATHER.input,
});

/** LangChain for JavaScript, with the classes that its documentation points at an address. */
export function langChainSpec(running: () => Running): void {
  const configuration = (name: string) => ({ baseURL: `${running().mesh.edgeUrl}/v1`, defaultHeaders: caseHeader(name) });
  const chat = (name: string, model: string, apiKey = running().mesh.demoKey): ChatOpenAI =>
    new ChatOpenAI({ model, apiKey, maxRetries: 0, configuration: configuration(name) });

  describe.each(PROVIDERS)("langchain against $id", (provider) => {
    const { id, model } = provider;
    const prompt = `Good night to ${id} 🌿`;

    test("invokes a chat", async () => {
      const name = `langchain-${id}-chat`;
      const answer = await chat(name, model).invoke(prompt);
      expect([answer.text, answer.response_metadata["finish_reason"]]).toEqual([echo(prompt), "stop"]);
      expect(toldBy(answer)).toEqual(simUsage(prompt, provider));
      await expectCharged(running().records, name, id, [toldBy(answer)]);
    });

    test("streams a chat", async () => {
      const name = `langchain-${id}-stream`;
      const chunks = await Array.fromAsync(await chat(name, model).stream(prompt));
      const whole = joined(chunks);
      expect([whole.text, whole.response_metadata["finish_reason"]]).toEqual([echo(prompt), "stop"]);
      expect(toldBy(whole)).toEqual(simUsage(prompt, provider));
      await expectCharged(running().records, name, id, [toldBy(whole)]);
    });

    test("is told where a stream breaks", async () => {
      const error = await thrownBy(Array.fromAsync(await chat("broken", model).stream(BROKEN_PROMPT)));
      expect(error).toBeInstanceOf(APIError);
      expect(error).toMatchObject({ code: "provider_stream_broken" });
    });

    test.each([[400, 400, undefined], [429, 429, "MODEL_RATE_LIMIT"], [500, 503, undefined]])("gets a typed error where the provider answers %i", async (asked, status, code) => {
      for (const ask of ["invoke", "stream"] as const) {
        const error = await thrownBy(chat("refused", model)[ask](`[[sim: status=${asked}]]`));
        expect(error).toBeInstanceOf(APIError);
        expect(error).toMatchObject({ status, error: { details: { provider: id } } });
        expect((error as { lc_error_code?: string }).lc_error_code).toBe(code);
      }
    });
  });

  describe.each(can("tools"))("langchain with tools against $id", ({ id, model }) => {
    test("calls one, and goes on with its result", async () => {
      const name = `langchain-${id}-tool`;
      const bound = chat(name, model).bindTools([weather]);
      const asked = new HumanMessage(TOOL_PROMPT);
      const answer = await bound.invoke([asked]);
      expect(answer.response_metadata["finish_reason"]).toBe("tool_calls");
      expect(answer.tool_calls?.map((call) => [call.name, WEATHER.input.safeParse(call.args).success])).toEqual([[WEATHER.name, true]]);
      const results: ToolMessage[] = await Promise.all((answer.tool_calls ?? []).map((call) => weather.invoke({ ...call, type: "tool_call" }) as Promise<ToolMessage>));
      const last = await bound.invoke([asked, answer, ...results]);
      expect(last.text).toBe(echo(TOOL_PROMPT));
      await expectCharged(running().records, name, id, [toldBy(answer), toldBy(last)]);
    });

    test("calls several at once, streamed", async () => {
      const bound = chat(`langchain-${id}-tools`, model).bindTools([weather]);
      const { tool_calls: calls, response_metadata: metadata } = joined(await Array.fromAsync(await bound.stream(`${TOOL_PROMPT} [[sim: tool_calls=2]]`)));
      expect(metadata["finish_reason"]).toBe("tool_calls");
      expect(calls?.map((call) => [call.name, WEATHER.input.safeParse(call.args).success])).toEqual([[WEATHER.name, true], [WEATHER.name, true]]);
    });
  });

  test.each(EMBEDDING)("langchain has $id embed texts", async ({ id, model }) => {
    const name = `langchain-${id}-embed`;
    const embeddings = new OpenAIEmbeddings({ model, apiKey: running().mesh.demoKey, maxRetries: 0, configuration: configuration(name) });
    const vectors = await embeddings.embedDocuments(["one", "two"]);
    expect(vectors.map(({ length }) => length > 100)).toEqual([true, true]);
    expect(await running().records.of(name)).toMatchObject([{ provider: id, outcome: "ATTEMPT_OUTCOME_ANSWERED" }]);
  });

  test.each(REFUSING)("langchain is told what $id cannot do, or has it left out", async ({ model, refuses }) => {
    const settings = { model, apiKey: running().mesh.demoKey, maxRetries: 0, configuration: configuration("refused"), ...refuses };
    const error = await thrownBy(new ChatOpenAI({ ...settings, modelKwargs: refuses }).invoke("Hello"));
    expect(error).toMatchObject({ status: 400, code: "feature_unsupported", param: Object.keys(refuses)[0] });
    const tolerant = new ChatOpenAI({ ...settings, modelKwargs: { ...refuses, drop_unsupported: true } });
    expect((await tolerant.invoke("Hello")).text).toBe(echo("Hello"));
  });

  test.each(WITHOUT_SCHEMAS)("langchain has $id answer in a form by way of a tool", async ({ id, model }) => {
    const report = await chat(`langchain-${id}-report`, model).withStructuredOutput(REPORT, { method: "functionCalling" }).invoke("Weather?");
    expect(REPORT.safeParse(report).success).toBe(true);
  });

  test.each(can("schemas"))("langchain has $id answer in a form that is asked for", async ({ id, model }) => {
    const report = await chat(`langchain-${id}-report`, model).withStructuredOutput(REPORT).invoke("Weather?");
    expect(REPORT.safeParse(report).success).toBe(true);
  });

  test.each([
    [401, "invalid_api_key", "MODEL_AUTHENTICATION", "gpt-4o-mini", "sk-wrong-wrong-wrong-wrong-wrong-wrong"],
    [404, "model_not_found", "MODEL_NOT_FOUND", "no-such-model", undefined],
  ])("langchain gets a typed error %i %s", async (status, code, lcCode, model, key) => {
    const error = await thrownBy(chat("refused", model, key).invoke("Hello"));
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status, code, lc_error_code: lcCode });
  });
}

function joined([first, ...rest]: readonly AIMessageChunk[]): AIMessageChunk {
  if (first === undefined) throw new Error("Nothing was streamed.");
  return rest.reduce((whole, chunk) => whole.concat(chunk), first);
}

function toldBy({ usage_metadata: usage }: { usage_metadata?: { input_tokens: number; output_tokens: number } | undefined }): Told {
  return { input: usage?.input_tokens ?? 0, output: usage?.output_tokens ?? 0 };
}
