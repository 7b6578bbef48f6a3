import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, defaultSettingsMiddleware, embedMany, type EmbeddingModel, generateText, type LanguageModel, type LanguageModelUsage, Output, stepCountIs, streamText, tool, wrapLanguageModel } from "ai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { BROKEN_PROMPT, caseHeader, echo, REPORT, type Running, simUsage, thrownBy, TOOL_PROMPT, WEATHER } from "./asked.ts";
import { expectCharged, type Told } from "./charge.ts";
import { can, EMBEDDING, keeps, PROVIDERS, REFUSING, WITHOUT_SCHEMAS } from "./providers.ts";

/** What a package of the AI SDK makes of an address and a key. */
interface Models {
  chat(model: string): LanguageModel;
  embedding(model: string): EmbeddingModel;
}
type Connect = (settings: { baseURL: string; apiKey: string; headers: Record<string, string> }) => Models;

/** As the documentation of each package tells how to reach an API that is like OpenAI's. */
const PACKAGES: readonly [string, Connect][] = [
  ["ai-sdk-openai", (settings) => {
    const openai = createOpenAI(settings);
    return { chat: (model) => openai.chat(model), embedding: (model) => openai.embeddingModel(model) };
  }],
  ["ai-sdk-openai-responses", (settings) => {
    const openai = createOpenAI(settings);
    // Its later steps name what was said before, wherever that is not kept, unless it is told so.
    const middleware = defaultSettingsMiddleware({ settings: { providerOptions: { openai: { store: false } } } });
    return { chat: (model) => (keepsModel(model) ? openai(model) : wrapLanguageModel({ model: openai(model), middleware })), embedding: (model) => openai.embeddingModel(model) };
  }],
  ["ai-sdk-compatible", (settings) => {
    const compatible = createOpenAICompatible({ name: "alfred", includeUsage: true, supportsStructuredOutputs: true, ...settings });
    return { chat: (model) => compatible.chatModel(model), embedding: (model) => compatible.embeddingModel(model) };
  }],
];

/** Vercel's AI SDK, by both of its packages that may be pointed elsewhere. */
export function aiSdkSpec(running: () => Running): void {
  test.each(REFUSING)("ai-sdk-compatible is told what $id cannot do, or has it left out", async ({ model, refuses }) => {
    const alfred = createOpenAICompatible({ name: "alfred", baseURL: `${running().mesh.edgeUrl}/v1`, apiKey: running().mesh.demoKey });
    const ask = (fields: object) =>
      generateText({ model: alfred.chatModel(model), prompt: "Hello", maxRetries: 0, providerOptions: { alfred: { ...fields } } });
    const error = await thrownBy(ask(refuses));
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ statusCode: 400, data: { error: { code: "feature_unsupported", param: Object.keys(refuses)[0] } } });
    expect((await ask({ ...refuses, drop_unsupported: true })).text).toBe(echo("Hello"));
  });

  test.each(WITHOUT_SCHEMAS)("ai-sdk-compatible has $id answer in JSON where it is not told that schemas are served", async ({ model }) => {
    const alfred = createOpenAICompatible({ name: "alfred", baseURL: `${running().mesh.edgeUrl}/v1`, apiKey: running().mesh.demoKey });
    const asked = { model: alfred.chatModel(model), prompt: "Answer in JSON.", output: Output.object({ schema: z.object({ answer: z.string() }) }) };
    expect((await generateText(asked)).output.answer).not.toBe("");
  });

  describe.each(PACKAGES)("%s", (sdk, connect) => {
    const models = (name: string, apiKey = running().mesh.demoKey): Models =>
      connect({ baseURL: `${running().mesh.edgeUrl}/v1`, apiKey, headers: caseHeader(name) });

    describe.each(PROVIDERS)("against $id", (provider) => {
      const { id, model } = provider;
      const prompt = `Good evening to ${id} 🌿`;

      test("generates text", async () => {
        const name = `${sdk}-${id}-chat`;
        const { text, finishReason, usage, response } = await generateText({ model: models(name).chat(model), prompt });
        expect([text, finishReason]).toEqual([echo(prompt), "stop"]);
        expect(used(usage)).toEqual(simUsage(prompt, provider));
        await expectCharged(running().records, name, id, [toldBy({ usage, response })]);
      });

      test("streams text", async () => {
        const name = `${sdk}-${id}-stream`;
        const result = streamText({ model: models(name).chat(model), prompt });
        const pieces = await Array.fromAsync(result.textStream);
        expect(pieces.length).toBeGreaterThan(1);
        expect([pieces.join(""), await result.finishReason]).toEqual([echo(prompt), "stop"]);
        expect(used(await result.usage)).toEqual(simUsage(prompt, provider));
        await expectCharged(running().records, name, id, [used(await result.usage)]);
      });

      test("is told where a stream breaks", async () => {
        const error = await streamedError({ model: models("broken").chat(model), prompt: BROKEN_PROMPT });
        expect(error).toMatchObject({ code: "provider_stream_broken" });
      });

      test.each([[400, 400, false], [429, 429, true], [500, 503, true]])("gets a typed error where the provider answers %i", async (status, statusCode, isRetryable) => {
        const asked = { model: models("refused").chat(model), prompt: `[[sim: status=${status}]]`, maxRetries: 0 };
        for (const error of [await thrownBy(generateText(asked)), await streamedError(asked)]) {
          expect(APICallError.isInstance(error)).toBe(true);
          expect(error).toMatchObject({ statusCode, isRetryable, data: { error: { message: expect.stringMatching(/./) as unknown } } });
        }
      });
    });

    describe.each(can("tools"))("with tools against $id", ({ id, model }) => {
      const toolsOf = (cities: string[]) => {
        const execute = ({ city }: { city: string }): Promise<object> => {
          cities.push(city);
          return Promise.resolve({ city, celsius: 21 });
        };
        return { [WEATHER.name]: tool({ description: WEATHER.description, inputSchema: WEATHER.input, execute }) };
      };

      test("runs one, and goes on with its result", async () => {
        const name = `${sdk}-${id}-tool`;
        const cities: string[] = [];
        const { text, steps } = await generateText({ model: models(name).chat(model), prompt: TOOL_PROMPT, tools: toolsOf(cities), stopWhen: stepCountIs(3) });
        expect(cities).toHaveLength(1);
        expect(steps.map(({ finishReason }) => finishReason)).toEqual(["tool-calls", "stop"]);
        expect(text).toBe(echo(TOOL_PROMPT));
        await expectCharged(running().records, name, id, steps.map(toldBy));
      });

      test("runs several at once, streamed, and goes on with their results", async () => {
        const cities: string[] = [];
        const prompt = `${TOOL_PROMPT} [[sim: tool_calls=2]]`;
        const result = streamText({ model: models(`${sdk}-${id}-tools`).chat(model), prompt, tools: toolsOf(cities), stopWhen: stepCountIs(2) });
        await result.consumeStream();
        const [first] = await result.steps;
        expect(first?.finishReason).toBe("tool-calls");
        expect(first?.toolCalls.map(({ toolName, input }) => [toolName, WEATHER.input.safeParse(input).success])).toEqual([[WEATHER.name, true], [WEATHER.name, true]]);
        expect(cities).toHaveLength(2);
      });
    });

    test.each(EMBEDDING)("has $id embed texts", async ({ id, model }) => {
      const name = `${sdk}-${id}-embed`;
      const { embeddings, usage } = await embedMany({ model: models(name).embedding(model), values: ["one", "two"] });
      expect(embeddings.map(({ length }) => length > 100)).toEqual([true, true]);
      await expectCharged(running().records, name, id, [{ input: usage.tokens, output: 0 }]);
    });

    test.each(can("schemas"))("has $id answer in a form that is asked for", async ({ id, model }) => {
      const { output } = await generateText({ model: models(`${sdk}-${id}-object`).chat(model), prompt: "Weather?", output: Output.object({ schema: REPORT }) });
      expect(REPORT.safeParse(output).success).toBe(true);
      const streamed = streamText({ model: models(`${sdk}-${id}-object`).chat(model), prompt: "Weather?", output: Output.object({ schema: REPORT }) });
      await streamed.consumeStream();
      expect(await streamed.output).toEqual(output);
    });

    test.each([
      [401, "invalid_api_key", "gpt-4o-mini", "sk-wrong-wrong-wrong-wrong-wrong-wrong"],
      [404, "model_not_found", "no-such-model", undefined],
    ])("gets a typed error %i %s", async (statusCode, code, model, key) => {
      const error = await thrownBy(generateText({ model: models("refused", key).chat(model), prompt: "Hello", maxRetries: 0 }));
      expect(APICallError.isInstance(error)).toBe(true);
      expect(error).toMatchObject({ statusCode, isRetryable: false, data: { error: { code } } });
    });
  });
}

function keepsModel(model: string): boolean {
  return PROVIDERS.some((provider) => provider.model === model && keeps(provider.id));
}

function toldBy({ usage, response }: { usage: LanguageModelUsage; response: { headers?: Record<string, string> | undefined } }): Told {
  return Object.assign(used(usage), { costUsd: response.headers?.["x-alfred-cost-usd"] });
}

function used({ inputTokens, outputTokens }: LanguageModelUsage): { input: number; output: number } {
  return { input: inputTokens ?? 0, output: outputTokens ?? 0 };
}

/** The error that a stream tells as one of its parts. */
async function streamedError(asked: Parameters<typeof streamText>[0]): Promise<unknown> {
  const parts = await Array.fromAsync(streamText({ ...asked, onError: () => undefined }).fullStream);
  return parts.find((part) => part.type === "error")?.error;
}
