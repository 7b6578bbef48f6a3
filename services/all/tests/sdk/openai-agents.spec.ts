import { Agent, OpenAIProvider, Runner, tool } from "@openai/agents";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { BROKEN_PROMPT, caseHeader, echo, REPORT, type Running, thrownBy, WEATHER } from "./asked.ts";
import { expectCharged } from "./charge.ts";
import { can, type Provider } from "./providers.ts";

const PROMPT = `Use ${WEATHER.name} for Bern.`;
const INSTRUCTIONS = "Answer briefly.";

/** The two faces that it speaks. */
const FACES = [{ sdk: "openai-agents", useResponses: true }, { sdk: "openai-agents-chat", useResponses: false }] as const;
const onEach = (providers: readonly Provider[]) => FACES.flatMap((face) => providers.map(({ id, model }) => ({ ...face, id, model })));

/** OpenAI's Agents SDK, which speaks Responses or chats, as its documentation tells how to reach another address. */
export function openAiAgentsSpec(running: () => Running): void {
  const runner = (name: string, useResponses = true): Runner => {
    const client = new OpenAI({ apiKey: running().mesh.demoKey, baseURL: `${running().mesh.edgeUrl}/v1`, maxRetries: 0, defaultHeaders: caseHeader(name) });
    return new Runner({ modelProvider: new OpenAIProvider({ openAIClient: client, useResponses }), tracingDisabled: true });
  };

  describe.each(onEach(can("tools")))("$sdk against $id", ({ sdk, useResponses, id, model }) => {
    const agentFor = (cities: string[]) => {
      const execute = ({ city }: { city: string }): string => {
        cities.push(city);
        return "21 degrees";
      };
      const weather = tool({ name: WEATHER.name, description: WEATHER.description, parameters: z.object({ city: z.string() }), execute });
      return new Agent({ name: "Forecaster", instructions: INSTRUCTIONS, model, tools: [weather] });
    };

    test("runs a tool, answers, and goes on with all that was said", async () => {
      const name = `${sdk}-${id}`;
      const cities: string[] = [];
      const agent = agentFor(cities);
      const first = await runner(name, useResponses).run(agent, PROMPT);
      expect([first.finalOutput, cities.length]).toEqual([echo(PROMPT), 1]);
      const second = await runner(name, useResponses).run(agent, [...first.history, { role: "user", content: "And then?" }]);
      expect(second.finalOutput).toBe(echo("And then?"));
      const told = [...first.rawResponses, ...second.rawResponses].map(({ usage }) => ({ input: usage.inputTokens, output: usage.outputTokens }));
      expect(told).toHaveLength(3);
      await expectCharged(running().records, name, id, told);
    });

    test("streams", async () => {
      const cities: string[] = [];
      const result = await runner(`${sdk}-${id}-stream`, useResponses).run(agentFor(cities), PROMPT, { stream: true });
      const pieces = await Array.fromAsync(result.toTextStream());
      await result.completed;
      expect([pieces.join(""), result.finalOutput, cities.length]).toEqual([echo(PROMPT), echo(PROMPT), 1]);
    });

    test("is told where a stream breaks off", async () => {
      const result = await runner("broken", useResponses).run(agentFor([]), BROKEN_PROMPT, { stream: true });
      expect(String(await thrownBy(result.completed))).toMatch(/provider/i);
    });
  });

  test("openai-agents goes on from an answer that is stored, and sends nothing of what was said again", async () => {
    const name = "openai-agents-openai-stored";
    const execute = (): string => "21 degrees";
    const weather = tool({ name: WEATHER.name, description: WEATHER.description, parameters: z.object({ city: z.string() }), execute });
    const agent = new Agent({ name: "Forecaster", instructions: INSTRUCTIONS, model: "openai/gpt-4o-mini", tools: [weather] });
    const first = await runner(name).run(agent, PROMPT);
    const second = await runner(name).run(agent, "And then?", { previousResponseId: first.lastResponseId ?? "" });
    const third = await runner(name).run(agent, `And ${WEATHER.name} for Rome?`, { previousResponseId: second.lastResponseId ?? "", stream: true });
    await third.completed;
    expect([first.finalOutput, second.finalOutput, third.finalOutput]).toEqual([echo(PROMPT), echo("And then?"), echo(`And ${WEATHER.name} for Rome?`)]);
    const told = [first, second, third].flatMap(({ rawResponses }) => rawResponses).map(({ usage }) => ({ input: usage.inputTokens, output: usage.outputTokens }));
    expect(told).toHaveLength(5);
    expect(new Set(told.map(({ input }) => input)).size).toBe(5);
    await expectCharged(running().records, name, "openai", told);
  });

  test.each(onEach(can("schemas")))("$sdk has $id answer in a form that is asked for", async ({ sdk, useResponses, id, model }) => {
    const agent = new Agent({ name: "Reporter", instructions: INSTRUCTIONS, model, outputType: REPORT });
    const { finalOutput } = await runner(`${sdk}-${id}-object`, useResponses).run(agent, "Weather?");
    expect(REPORT.safeParse(finalOutput).success).toBe(true);
  });
}
