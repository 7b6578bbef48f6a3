import { ChatAnthropic } from "@langchain/anthropic";
import { HumanMessage, type ToolMessage } from "@langchain/core/messages";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAI } from "@langchain/openai";
import { describe, expect, test } from "vitest";
import { BROKEN_PROMPT, caseHeader, echo, REPORT, type Running, simUsage, thrownBy, TOOL_PROMPT, WEATHER } from "./asked.ts";
import { expectCharged, type Told } from "./charge.ts";
import { can, PROVIDERS } from "./providers.ts";

const weather = tool(({ city }) => Promise.resolve(JSON.stringify({ city, celsius: 21 })), {
  name: WEATHER.name,
  description: WEATHER.description,
  schema: WEATHER.input,
});

/** Those that can be told which tool to call. */
const FORCED = can("tools").filter(({ lacks }) => !lacks.includes("choice"));

/** LangChain for JavaScript on the faces beside chats: OpenAI's Responses, Anthropic's Messages, completions. */
export function langChainFacesSpec(running: () => Running): void {
  const configuration = (name: string) => ({ baseURL: `${running().mesh.edgeUrl}/v1`, defaultHeaders: caseHeader(name) });
  const settings = (model: string) => ({ model, apiKey: running().mesh.demoKey, maxRetries: 0 });
  const FACES = [
    ["langchain-responses", (name: string, model: string) => new ChatOpenAI({ ...settings(model), useResponsesApi: true, configuration: configuration(name) })],
    ["langchain-anthropic", (name: string, model: string) =>
      new ChatAnthropic({ ...settings(model), maxTokens: 1024, anthropicApiUrl: running().mesh.edgeUrl, clientOptions: { defaultHeaders: caseHeader(name) } })],
  ] as const satisfies readonly (readonly [string, (name: string, model: string) => BaseChatModel])[];

  describe.each(FACES)("%s", (face, chat) => {
    describe.each(PROVIDERS)("against $id", (provider) => {
      const { id, model } = provider;
      const prompt = `Good night to ${id} 🌿`;

      test("invokes, and streams", async () => {
        const answer = await chat(`${face}-${id}`, model).invoke(prompt);
        expect([answer.text, toldBy(answer)]).toEqual([echo(prompt), simUsage(prompt, provider)]);
        await expectCharged(running().records, `${face}-${id}`, id, [toldBy(answer)]);
        const chunks = await Array.fromAsync(await chat(`${face}-${id}-stream`, model).stream(prompt));
        expect(chunks.map(({ text }) => text).join("")).toBe(echo(prompt));
        await expectCharged(running().records, `${face}-${id}-stream`, id, [simUsage(prompt, provider)]);
      });

      test("is told where a stream breaks, and of what the provider refuses", async () => {
        expect(String(await thrownBy(Array.fromAsync(await chat("broken", model).stream(BROKEN_PROMPT))))).toMatch(/broke off/);
        expect(await thrownBy(chat("refused", model).invoke("[[sim: status=429]]"))).toMatchObject({ status: 429, lc_error_code: "MODEL_RATE_LIMIT" });
        expect(await thrownBy(chat("refused", model).invoke("[[sim: status=500]]"))).toMatchObject({ status: 503 });
      });
    });

    test.each(can("tools"))("has $id call a tool, and goes on with its result", async ({ id, model }) => {
      const name = `${face}-${id}-tool`;
      const bound = chat(name, model).bindTools([weather]);
      const asked = new HumanMessage(TOOL_PROMPT);
      const answer = await bound.invoke([asked]);
      expect(answer.tool_calls?.map((call) => [call.name, WEATHER.input.safeParse(call.args).success])).toEqual([[WEATHER.name, true]]);
      const results = await Promise.all((answer.tool_calls ?? []).map((call) => weather.invoke({ ...call, type: "tool_call" }) as Promise<ToolMessage>));
      const last = await bound.invoke([asked, answer, ...results]);
      expect(last.text).toBe(echo(TOOL_PROMPT));
      await expectCharged(running().records, name, id, [toldBy(answer), toldBy(last)]);
    });

    test.each(FORCED)("has $id answer in a form that is asked for", async ({ id, model }) => {
      const report = await chat(`${face}-${id}-report`, model).withStructuredOutput(REPORT, { method: "functionCalling" }).invoke("Weather?");
      expect(REPORT.safeParse(report).success).toBe(true);
    });
  });

  test.each(PROVIDERS)("langchain has $id complete a text", async ({ id, model }) => {
    const name = `langchain-${id}-completion`;
    const completions = new OpenAI({ ...settings(model), maxTokens: 64, configuration: configuration(name) });
    expect(await completions.invoke("Once upon a time")).toBe(echo("Once upon a time"));
    expect((await Array.fromAsync(await completions.stream("Once upon a time"))).join("")).toBe(echo("Once upon a time"));
    const answered = { provider: id, operation: "completion", outcome: "ATTEMPT_OUTCOME_ANSWERED" };
    expect(await running().records.of(name, 2)).toMatchObject([answered, answered]);
  });
}

function toldBy({ usage_metadata: usage }: { usage_metadata?: { input_tokens: number; output_tokens: number } | undefined }): Told {
  return { input: usage?.input_tokens ?? 0, output: usage?.output_tokens ?? 0 };
}
