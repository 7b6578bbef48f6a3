import OpenAI, { type APIError, AuthenticationError, BadRequestError, NotFoundError } from "openai";
import { describe, expect, test } from "vitest";
import { createTenant } from "./admin.ts";
import type { Mesh } from "./mesh.ts";

const MODEL = "gpt-4o-mini";
const WEATHER = {
  type: "function",
  function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
} as const;

/** What an application's developer does on the first day, with the official client. */
export function openAiClientSpec(mesh: () => Mesh): void {
  const client = (key = mesh().demoKey): OpenAI =>
    new OpenAI({ apiKey: key, baseURL: `${mesh().edgeUrl}/v1`, maxRetries: 0 });
  const say = <More extends object>(content: string, more?: More) => ({ model: MODEL, messages: [{ role: "user" as const, content }], ...(more as More) });

  describe("the official openai client", () => {
    test("completes a chat and is told the cost", async () => {
      const { data, response } = await client().chat.completions.create(say("Good morning")).withResponse();
      expect(data.object).toBe("chat.completion");
      expect(data.choices[0]?.message.content).toContain("Good morning");
      expect(data.usage?.total_tokens).toBe((data.usage?.prompt_tokens ?? 0) + (data.usage?.completion_tokens ?? 0));
      expect(response.headers.get("x-request-id")).toMatch(/^req_/);
      expect(Number(response.headers.get("x-alfred-cost-usd"))).toBeGreaterThan(0);
      expect(Number(response.headers.get("x-alfred-remaining-usd"))).toBeGreaterThan(0);
      expect(response.headers.get("x-alfred-provider")).toBe("openai");
      expect(response.headers.get("x-alfred-attempts")).toBe("1");
    });

    test("streams a chat, with its usage and cost where asked", async () => {
      const stream = await client().chat.completions.create(say("Good evening", { stream: true as const, stream_options: { include_usage: true } }));
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toContain("Good evening");
      const last = chunks.at(-1) as OpenAI.ChatCompletionChunk & { alfred?: { cost_usd: string } };
      expect(last.choices).toEqual([]);
      expect(last.usage?.completion_tokens).toBeGreaterThan(0);
      expect(Number(last.alfred?.cost_usd)).toBeGreaterThan(0);
    });

    test("is told no usage that it did not ask for", async () => {
      const stream = await client().chat.completions.create(say("Good night", { stream: true as const }));
      for await (const chunk of stream) expect(chunk.usage ?? null).toBeNull();
    });

    test("gets tool calls, whole and streamed", async () => {
      const request = say("Weather in Oslo?", { tools: [WEATHER], tool_choice: "required" as const });
      const whole = await client().chat.completions.create(request);
      const call = whole.choices[0]?.message.tool_calls?.[0];
      expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
      expect(call?.type === "function" && call.function.name).toBe("get_weather");
      const final = await client().chat.completions.stream(request).finalChatCompletion();
      const streamed = final.choices[0]?.message.tool_calls?.[0];
      expect(streamed?.type === "function" && JSON.parse(streamed.function.arguments)).toBeTypeOf("object");
    });

    test("embeds texts", async () => {
      const request = { model: "text-embedding-3-small", input: ["one", "two"] };
      const { data, usage } = await client().embeddings.create(request);
      expect(data.map(({ index }) => index)).toEqual([0, 1]);
      expect(data[0]?.embedding.length).toBeGreaterThan(100);
      expect(usage.total_tokens).toBeGreaterThan(0);
    });

    test("lists and tells of models", async () => {
      const models = await client().models.list();
      expect(models.data.map(({ id }) => id)).toContain(MODEL);
      expect((await client().models.retrieve(MODEL)).object).toBe("model");
    });

    test.each([
      [AuthenticationError, "invalid_api_key", (openai: OpenAI) => openai.chat.completions.create(say("hi")), "sk-wrong-wrong-wrong-wrong-wrong-wrong"],
      [NotFoundError, "model_not_found", (openai: OpenAI) => openai.chat.completions.create({ ...say("hi"), model: "no-such-model" }), undefined],
      [NotFoundError, "model_not_found", (openai: OpenAI) => openai.models.retrieve("no-such-model"), undefined],
      [BadRequestError, "invalid_argument", (openai: OpenAI) => openai.chat.completions.create(say("hi", { temperature: "warm" as unknown as number })), undefined],
    ] as const)("gets a typed %o with code %s", async (type, code, ask, key) => {
      const error = await ask(client(key)).then(() => undefined, (thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(type);
      const { error: body, requestID } = error as APIError;
      expect(body).toMatchObject({ code, request_id: requestID });
      expect((body as { hint: string }).hint.length).toBeGreaterThan(10);
    });

    test("is told 402 insufficient_quota, not to be retried, where the money is spent", async () => {
      const { key, keyId } = await createTenant(mesh(), { key: 1n });
      const error = await client(key).chat.completions.create(say("hi")).then(() => undefined, (thrown: unknown) => thrown);
      const { status, code, headers, error: body } = error as APIError;
      expect([status, code, headers?.get("x-should-retry")]).toEqual([402, "insufficient_quota", "false"]);
      expect(body).toMatchObject({ details: { account: keyId, left: "1" } });
    });
  });
}
