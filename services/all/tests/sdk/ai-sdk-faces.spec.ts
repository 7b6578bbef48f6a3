import { type AnthropicProvider, createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI, type OpenAIProvider } from "@ai-sdk/openai";
import { APICallError, experimental_generateSpeech as generateSpeech, experimental_transcribe as transcribe, generateImage, generateText, Output, stepCountIs, streamText, tool } from "ai";
import { describe, expect, test } from "vitest";
import { BROKEN_PROMPT, caseHeader, echo, REPORT, type Running, simUsage, thrownBy, TOOL_PROMPT, WEATHER } from "./asked.ts";
import { expectCharged } from "./charge.ts";
import { can, PROVIDERS } from "./providers.ts";
import { silence } from "./wave.ts";

/** Those that can be told which tool to call. */
const FORCED = can("tools").filter(({ lacks }) => !lacks.includes("choice"));

/** What Vercel's AI SDK knows beside OpenAI's conversations: Anthropic's Messages, completions, images, speech. */
export function aiSdkFacesSpec(running: () => Running): void {
  const settings = (name: string, apiKey = running().mesh.demoKey) => ({ baseURL: `${running().mesh.edgeUrl}/v1`, apiKey, headers: caseHeader(name) });
  const anthropic = (name: string, apiKey?: string): AnthropicProvider => createAnthropic(settings(name, apiKey));
  const openai = (name: string): OpenAIProvider => createOpenAI(settings(name));

  describe.each(PROVIDERS)("ai-sdk-anthropic against $id", (provider) => {
    const { id, model } = provider;
    const prompt = `Good night to ${id} 🌿`;
    const { input, output } = simUsage(prompt, provider);

    test("generates text", async () => {
      const name = `ai-sdk-anthropic-${id}-text`;
      const { text, finishReason, usage, response } = await generateText({ model: anthropic(name)(model), prompt });
      expect([text, finishReason, usage.inputTokens, usage.outputTokens]).toEqual([echo(prompt), "stop", input, output]);
      await expectCharged(running().records, name, id, [{ input, output, costUsd: response.headers?.["x-alfred-cost-usd"] }]);
    });

    test("streams text", async () => {
      const name = `ai-sdk-anthropic-${id}-stream`;
      const result = streamText({ model: anthropic(name)(model), prompt });
      expect((await Array.fromAsync(result.textStream)).join("")).toBe(echo(prompt));
      expect([await result.finishReason, (await result.usage).outputTokens]).toEqual(["stop", output]);
      await expectCharged(running().records, name, id, [{ input, output }]);
    });

    test("is told where a stream breaks", async () => {
      const result = streamText({ model: anthropic("broken")(model), prompt: BROKEN_PROMPT, onError: () => undefined });
      const parts = await Array.fromAsync(result.fullStream);
      expect(JSON.stringify(parts.find(({ type }) => type === "error"))).toContain("provider_stream_broken");
    });

    test.each([[400, 400, false], [429, 429, true], [500, 503, true]])("gets a typed error where the provider answers %i", async (status, statusCode, isRetryable) => {
      const error = await thrownBy(generateText({ model: anthropic("refused")(model), prompt: `[[sim: status=${status}]]`, maxRetries: 0 }));
      expect(APICallError.isInstance(error)).toBe(true);
      expect(error).toMatchObject({ statusCode, isRetryable });
    });
  });

  test.each(can("tools"))("ai-sdk-anthropic has $id call a tool, and goes on with its result", async ({ id, model }) => {
    const name = `ai-sdk-anthropic-${id}-tool`;
    const tools = { [WEATHER.name]: tool({ description: WEATHER.description, inputSchema: WEATHER.input, execute: () => Promise.resolve({ celsius: 21 }) }) };
    const { text, steps } = await generateText({ model: anthropic(name)(model), prompt: TOOL_PROMPT, tools, stopWhen: stepCountIs(3) });
    expect([text, ...steps.map(({ finishReason }) => finishReason)]).toEqual([echo(TOOL_PROMPT), "tool-calls", "stop"]);
    await expectCharged(running().records, name, id, steps.map(({ usage }) => ({ input: usage.inputTokens ?? 0, output: usage.outputTokens ?? 0 })));
  });

  // It calls a tool for the form, one call at a time, which not all can be told: they leave that out.
  test.each(FORCED)("ai-sdk-anthropic has $id answer in a form that is asked for", async ({ id, model }) => {
    const headers = { "x-alfred-drop-unsupported": "true" };
    const { output } = await generateText({ model: anthropic(`ai-sdk-anthropic-${id}-object`)(model), headers, prompt: "Weather?", output: Output.object({ schema: REPORT }) });
    expect(REPORT.safeParse(output).success).toBe(true);
  });

  test.each(PROVIDERS)("ai-sdk has $id complete a text", async ({ id, model }) => {
    const name = `ai-sdk-${id}-completion`;
    const { text, usage } = await generateText({ model: openai(name).completion(model), prompt: "Once upon a time" });
    expect(text).toContain("Once upon a time");
    await expectCharged(running().records, name, id, [{ input: usage.inputTokens ?? 0, output: usage.outputTokens ?? 0 }]);
    const streamed = streamText({ model: openai(`${name}-stream`).completion(model), prompt: "Once upon a time" });
    expect((await Array.fromAsync(streamed.textStream)).join("")).toBe(text);
  });

  test("ai-sdk has sound written down", async () => {
    const audio = new Uint8Array(await silence(2).arrayBuffer());
    for (const model of ["gpt-4o-transcribe", "whisper-1"]) {
      expect((await transcribe({ model: openai(`ai-sdk-${model}`).transcription(model), audio })).text).not.toBe("");
      expect(await running().records.of(`ai-sdk-${model}`)).toMatchObject([{ operation: "transcription", provider: "openai", outcome: "ATTEMPT_OUTCOME_ANSWERED" }]);
    }
  });

  test("ai-sdk has an image drawn, and a text said", async () => {
    const { image } = await generateImage({ model: openai("ai-sdk-image").image("gpt-image-1"), prompt: "A cat", size: "1024x1024" });
    expect(image.mediaType).toBe("image/png");
    expect(await running().records.of("ai-sdk-image")).toMatchObject([{ operation: "image", provider: "openai", outcome: "ATTEMPT_OUTCOME_ANSWERED" }]);
    const { audio } = await generateSpeech({ model: openai("ai-sdk-speech").speech("gpt-4o-mini-tts"), text: "Good day" });
    expect(audio.uint8Array).toHaveLength(960);
    expect(await running().records.of("ai-sdk-speech")).toMatchObject([{ operation: "speech", provider: "openai", outcome: "ATTEMPT_OUTCOME_ANSWERED" }]);
  });
}
