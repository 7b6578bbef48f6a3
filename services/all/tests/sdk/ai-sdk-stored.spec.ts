import { createOpenAI, type OpenAIProvider } from "@ai-sdk/openai";
import { APICallError, generateText, type ModelMessage, stepCountIs, streamText, tool } from "ai";
import { describe, expect, test } from "vitest";
import { caseHeader, echo, type Running, thrownBy, TOOL_PROMPT, WEATHER } from "./asked.ts";
import { expectCharged } from "./charge.ts";

const MODEL = "openai/gpt-4o-mini";
const REASONING = "gpt-5-mini";
/** Says something before it calls, and thinks. */
const THINKING = { openai: { reasoningEffort: "low", reasoningSummary: "auto" } };

const weather = { [WEATHER.name]: tool({ description: WEATHER.description, inputSchema: WEATHER.input, execute: ({ city }) => Promise.resolve({ city, celsius: 21 }) }) };
const user = (content: string): ModelMessage => ({ role: "user", content });

/** What was sent, by its kind. */
type Sent = readonly { readonly type?: string; readonly id?: string }[];

/** Vercel's AI SDK as it comes: its models speak Responses, and name what was stored by ids of items. */
export function aiSdkStoredSpec(running: () => Running): void {
  /** The provider, and the items of each request that it sends. */
  const connect = (name: string): { openai: OpenAIProvider; sent: Sent[] } => {
    const sent: Sent[] = [];
    const openai = createOpenAI({
      apiKey: running().mesh.demoKey, baseURL: `${running().mesh.edgeUrl}/v1`, headers: caseHeader(name),
      fetch: (url, init) => {
        if (typeof init?.body === "string") sent.push((JSON.parse(init.body) as { input: Sent }).input);
        return fetch(url, init);
      },
    });
    return { openai, sent };
  };
  const references = (items: Sent = []): string[] => items.filter(({ type }) => type === "item_reference").map(({ id = "" }) => id.slice(0, id.indexOf("_")));

  describe("ai-sdk whose answers are stored", () => {
    test("calls tools, and goes on for several turns, whole and streamed", async () => {
      const name = "ai-sdk-stored";
      const { openai, sent } = connect(name);
      const model = openai(MODEL);
      const first = await generateText({ model, prompt: TOOL_PROMPT, tools: weather, stopWhen: stepCountIs(3) });
      const said = [user(TOOL_PROMPT), ...first.responseMessages, user("And then?")];
      const second = streamText({ model, messages: said, tools: weather });
      expect(await second.text).toBe(echo("And then?"));
      const third = await generateText({ model, messages: [...said, ...(await second.responseMessages), user("And now?")] });
      expect([first.text, third.text]).toEqual([echo(TOOL_PROMPT), echo("And now?")]);
      expect(sent.map(references)).toEqual([[], [], ["msg"], ["msg", "msg"]]);
      const told = [...first.steps, ...(await second.steps), third].map(({ usage }) => ({ input: usage.inputTokens ?? 0, output: usage.outputTokens ?? 0 }));
      await expectCharged(running().records, name, "openai", told);
    });

    test.each([false, true])("has its thoughts read again between calls, and after them, streamed: %s", async (streamed) => {
      const { openai, sent } = connect("ai-sdk-stored-thoughts");
      const asked = { model: openai(REASONING), tools: weather, stopWhen: stepCountIs(3), providerOptions: THINKING };
      const answer = async (messages: ModelMessage[]): Promise<{ text: string; messages: ModelMessage[] }> => {
        if (!streamed) return generateText({ ...asked, messages }).then(({ text, responseMessages }) => ({ text, messages: responseMessages }));
        const result = streamText({ ...asked, messages });
        return { text: await result.text, messages: await result.responseMessages };
      };
      const first = await answer([user(TOOL_PROMPT)]);
      const second = await answer([user(TOOL_PROMPT), ...first.messages, user("And then?")]);
      expect([first.text, second.text]).toEqual([echo(TOOL_PROMPT), echo("And then?")]);
      expect(sent.map(references)).toEqual([[], ["rs"], ["rs", "rs", "msg"]]);
    });

    test("calls a tool of OpenAI's own kind, whose calls it names, too", async () => {
      const { openai, sent } = connect("ai-sdk-stored-custom");
      const write = openai.tools.customTool({ description: "Writes a text.", execute: (text: unknown) => Promise.resolve(`Written: ${String(text)}`) });
      const { text } = await generateText({ model: openai(MODEL), prompt: "Use write_text.", tools: { write_text: write }, stopWhen: stepCountIs(2) });
      expect([text, ...sent.map(references)]).toEqual([echo("Use write_text."), [], ["ctc"]]);
    });

    test("is told as OpenAI tells it that there is no such item", async () => {
      const { openai } = connect("refused");
      const part = { type: "text" as const, text: "a", providerOptions: { openai: { itemId: "msg_somebodys" } } };
      const error = await thrownBy(generateText({ model: openai(MODEL), messages: [user("One"), { role: "assistant", content: [part] }, user("Two")] }));
      expect(APICallError.isInstance(error)).toBe(true);
      expect(error).toMatchObject({ statusCode: 404, isRetryable: false, data: { error: { type: "invalid_request_error", param: "input", message: "Item with id 'msg_somebodys' not found." } } });
    });

    test("is told where nothing is kept, and sends what was said where it is told not to store", async () => {
      const { openai, sent } = connect("refused");
      const model = openai("claude-haiku-4-5");
      const first = await generateText({ model, prompt: "One" });
      const messages = [user("One"), ...first.responseMessages, user("Two")];
      const error = await thrownBy(generateText({ model, messages }));
      expect(APICallError.isInstance(error)).toBe(true);
      expect(error).toMatchObject({ statusCode: 400, data: { error: { code: "feature_unsupported", param: "input[1]" } }, responseBody: expect.stringContaining("`store`") as unknown });
      const { text } = await generateText({ model, messages, providerOptions: { openai: { store: false } } });
      expect([text, references(sent.at(-1))]).toEqual([echo("Two"), []]);
    });
  });
}
