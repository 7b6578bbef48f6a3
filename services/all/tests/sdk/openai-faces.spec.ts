import OpenAI, { BadRequestError, NotFoundError, RateLimitError } from "openai";
import { describe, expect, test } from "vitest";
import { caseHeader, echo, type Running, simUsage, thrownBy } from "./asked.ts";
import { costOf, expectCharged } from "./charge.ts";
import { PROVIDERS } from "./providers.ts";
import type { UsageRecord } from "./records.ts";

/** The models for completions, each where it is served. */
const INSTRUCT = ["openai/gpt-3.5-turbo-instruct", "azure/gpt-3.5-turbo-instruct"] as const;

/** What OpenAI's official client for Node can ask for beside chats and vectors. */
export function openAiFacesSpec(running: () => Running): void {
  const client = (name: string): OpenAI =>
    new OpenAI({ apiKey: running().mesh.demoKey, baseURL: `${running().mesh.edgeUrl}/v1`, maxRetries: 0, defaultHeaders: caseHeader(name) });

  describe.each(INSTRUCT)("completions of %s", (model) => {
    const [provider = ""] = model.split("/");

    test("are whole, with all that the model tells", async () => {
      const name = `faces-${provider}-completion`;
      const { data, response } = await client(name).completions.create({ model, prompt: ["Once upon", "a time"], n: 2, best_of: 3, logprobs: 1, echo: true, max_tokens: 4 }).withResponse();
      expect(data.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
      expect(data).toMatchObject({ object: "text_completion", choices: [{ text: "Once uponYou said: Once", finish_reason: "length", logprobs: { tokens: expect.any(Array) as unknown } }, {}, {}, {}] });
      const input = 4;
      expect(data.usage).toMatchObject({ prompt_tokens: input, completion_tokens: 24 });
      await expectCharged(running().records, name, provider, [{ input, output: 24, costUsd: response.headers.get("x-alfred-cost-usd") }]);
    });

    test("stream", async () => {
      const name = `faces-${provider}-completion-stream`;
      const stream = await client(name).completions.create({ model, prompt: "Once upon a time", max_tokens: 64, stream: true, stream_options: { include_usage: true } });
      const pieces = await Array.fromAsync(stream);
      expect(pieces.map(({ choices }) => choices[0]?.text ?? "").join("")).toBe(echo("Once upon a time"));
      expect(pieces.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(["stop"]);
      expect(pieces.at(-1)).toMatchObject({ object: "text_completion", choices: [], usage: { prompt_tokens: 4, completion_tokens: 7 }, alfred: { provider } });
      await expectCharged(running().records, name, provider, [{ input: 4, output: 7 }]);
    });
  });

  describe.each(PROVIDERS)("completions by way of a chat at $id", (provider) => {
    const { id, model } = provider;
    const prompt = `Once upon a time at ${id} 🌿`;
    const { input, output } = simUsage(prompt, provider);

    test("are whole", async () => {
      const name = `faces-${id}-across`;
      const { data, response } = await client(name).completions.create({ model, prompt, max_tokens: 256 }).withResponse();
      expect(data).toMatchObject({ object: "text_completion", choices: [{ text: echo(prompt), index: 0, logprobs: null, finish_reason: "stop" }], usage: { prompt_tokens: input, completion_tokens: output } });
      await expectCharged(running().records, name, id, [{ input, output, costUsd: response.headers.get("x-alfred-cost-usd") }]);
    });

    test("stream", async () => {
      const name = `faces-${id}-across-stream`;
      const stream = await client(name).completions.create({ model, prompt, max_tokens: 256, stream: true });
      const pieces = await Array.fromAsync(stream);
      expect(pieces.map(({ choices }) => choices[0]?.text ?? "").join("")).toBe(echo(prompt));
      expect(pieces.at(-1)?.choices[0]).toMatchObject({ text: "", finish_reason: "stop" });
      await expectCharged(running().records, name, id, [{ input, output }]);
    });

    test("are refused for what a chat cannot do", async () => {
      const error = await thrownBy(client("refused").completions.create({ model, prompt, suffix: "The end." }));
      expect(error).toBeInstanceOf(BadRequestError);
      expect(error).toMatchObject({ code: "feature_unsupported", param: "suffix" });
    });
  });

  test("completions are typed errors where they fail, before and after their first byte", async () => {
    const [model] = INSTRUCT;
    expect(await thrownBy(client("refused").completions.create({ model, prompt: "[[sim: status=429]]" }))).toBeInstanceOf(RateLimitError);
    expect(await thrownBy(client("refused").completions.create({ model: "no-such-model", prompt: "x" }))).toBeInstanceOf(NotFoundError);
    const stream = await client("refused").completions.create({ model, prompt: "[[sim: cut_after=3]]", max_tokens: 64, stream: true });
    expect(await thrownBy(Array.fromAsync(stream))).toMatchObject({ code: "provider_stream_broken" });
  });

  describe.each(["openai", "azure"])("images of %s", (provider) => {
    const model = `${provider}/gpt-image-1.5`;

    test("are drawn", async () => {
      const name = `faces-${provider}-image`;
      const { data, response } = await client(name).images.generate({ model, prompt: "A cat on a mat", n: 2, quality: "low", size: "1024x1024" }).withResponse();
      expect(data).toMatchObject({ data: [{ b64_json: expect.any(String) as unknown }, {}], usage: { input_tokens: 5, output_tokens: 544 }, output_format: "png" });
      await expectCharged(running().records, name, provider, [{ input: 5, output: 544, costUsd: response.headers.get("x-alfred-cost-usd") }]);
    });

    test("stream", async () => {
      const name = `faces-${provider}-image-stream`;
      const events = await Array.fromAsync(await client(name).images.generate({ model, prompt: "A cat", quality: "low", partial_images: 1, stream: true }));
      expect(events.map(({ type }) => type)).toEqual(["image_generation.partial_image", "image_generation.completed"]);
      await expectCharged(running().records, name, provider, [{ input: 2, output: 372 }]);
    });

    test("are typed errors where they fail, before and after their first byte", async () => {
      expect(await thrownBy(client("refused").images.generate({ model, prompt: "[[sim: status=429]]" }))).toBeInstanceOf(RateLimitError);
      const stream = await client("refused").images.generate({ model, prompt: "[[sim: cut_after=1]]", partial_images: 3, stream: true });
      expect(await thrownBy(Array.fromAsync(stream))).toMatchObject({ code: "provider_stream_broken" });
    });
  });

  test("images without usage cost what the operator says of an image, or are held to be refused", async () => {
    const name = "faces-old-image";
    const { data, response } = await client(name).images.generate({ model: "openai/dall-e-3", prompt: "A cat", quality: "hd", size: "1024x1024" }).withResponse();
    expect(data.data).toMatchObject([{ url: expect.any(String) as unknown, revised_prompt: "A cat" }]);
    expect(Number(response.headers.get("x-alfred-cost-usd"))).toBe(0.08);
    const [record] = await running().records.of(name);
    expect(record).toMatchObject({ source: "USAGE_SOURCE_REPORTED", quantities: expect.arrayContaining([{ meter: "images_hd_1024x1024", quantity: "1" }]) as unknown });
    expect(await thrownBy(client("refused").images.generate({ model: "openai/dall-e-3", prompt: "A cat", size: "1792x1024" }))).toMatchObject({ code: "price_unknown" });
    expect(await thrownBy(client("refused").images.generate({ model: "anthropic/claude-haiku-4-5", prompt: "A cat" }))).toMatchObject({ status: 400, code: "feature_unsupported" });
  });

  describe.each(["openai", "azure"])("speech of %s", (provider) => {
    const asked = { model: `${provider}/gpt-4o-mini-tts`, voice: "alloy", input: "Good day" } as const;

    test("is sound, whose usage is asked for beside it", async () => {
      const name = `faces-${provider}-speech`;
      const answer = await client(name).audio.speech.create({ ...asked, response_format: "wav" });
      expect([answer.headers.get("content-type"), answer.headers.get("x-alfred-provider")]).toEqual(["audio/wav", provider]);
      expect(Buffer.from(await answer.arrayBuffer()).toString()).toBe("G".repeat(480) + "d".repeat(480));
      await expectCharged(running().records, name, provider, [{ input: 2, output: 20 }]);
    });

    test("is events where those are asked for", async () => {
      const name = `faces-${provider}-speech-events`;
      const text = await (await client(name).audio.speech.create({ ...asked, stream_format: "sse" })).text();
      expect(text.match(/speech\.audio\.delta/g)).toHaveLength(2);
      expect(text).toContain('data: {"type":"speech.audio.done","usage":{"input_tokens":2,"output_tokens":20,"total_tokens":22}}');
      await expectCharged(running().records, name, provider, [{ input: 2, output: 20 }]);
    });

    test("is a typed error before its first byte, and breaks off after it", async () => {
      expect(await thrownBy(client("refused").audio.speech.create({ ...asked, input: "[[sim: status=429]]" }))).toBeInstanceOf(RateLimitError);
      const broken = await client("refused").audio.speech.create({ ...asked, input: "Good day [[sim: cut_after=1]]" });
      expect(await thrownBy(broken.arrayBuffer())).toBeInstanceOf(Error);
    });
  });

  test("speech of older models costs what the operator says of a character", async () => {
    const name = "faces-old-speech";
    const answer = await client(name).audio.speech.create({ model: "openai/tts-1", voice: "alloy", input: "Good day" });
    expect(Buffer.from(await answer.arrayBuffer())).toHaveLength(960);
    const [record] = await running().records.of(name);
    expect(record).toMatchObject({ operation: "speech", outcome: "ATTEMPT_OUTCOME_ANSWERED", source: "USAGE_SOURCE_ESTIMATED", quantities: expect.arrayContaining([{ meter: "input_characters", quantity: "8" }]) as unknown });
    expect(costOf(record as UsageRecord)).toBe(120_000n);
    expect(await thrownBy(client("refused").audio.speech.create({ model: "openai/tts-1-hd", voice: "alloy", input: "x" }))).toMatchObject({ code: "price_unknown" });
    expect(await thrownBy(client("refused").audio.speech.create({ model: "gemini/gemini-2.5-flash", voice: "alloy", input: "x" }))).toMatchObject({ code: "feature_unsupported" });
  });

  test("moderations are OpenAI's where no model is named, and cost nothing", async () => {
    const name = "faces-moderation";
    const { data, response } = await client(name).moderations.create({ input: ["I will kill them", "I love them"] }).withResponse();
    expect(data).toMatchObject({ model: "omni-moderation-latest", results: [{ flagged: true, categories: { violence: true } }, { flagged: false }] });
    expect([response.headers.get("x-alfred-provider"), Number(response.headers.get("x-alfred-cost-usd"))]).toEqual(["openai", 0]);
    const image = { type: "image_url" as const, image_url: { url: "https://images.test/cat.png" } };
    expect((await client("refused").moderations.create({ model: "openai/omni-moderation-latest", input: [image] })).results[0]?.category_applied_input_types.violence).toEqual(["image"]);
    const [record] = await running().records.of(name);
    expect(record).toMatchObject({ operation: "moderation", outcome: "ATTEMPT_OUTCOME_ANSWERED", source: "USAGE_SOURCE_ESTIMATED", quantities: expect.arrayContaining([{ meter: "requests", quantity: "1" }]) as unknown });
    expect(costOf(record as UsageRecord)).toBe(0n);
  });

  test("moderations of Mistral are charged at the operator's price", async () => {
    const name = "faces-mistral-moderation";
    const { data, response } = await client(name).moderations.create({ model: "mistral/mistral-moderation-latest", input: "attack them" }).withResponse();
    expect(data.results[0]).toMatchObject({ categories: { violence_and_threats: true } });
    await expectCharged(running().records, name, "mistral", [{ input: 2, output: 0, costUsd: response.headers.get("x-alfred-cost-usd") }]);
  });

  test.each(["azure/gpt-4o-mini", "anthropic/claude-haiku-4-5", "groq/llama-3.3-70b-versatile"])("moderations are nothing that %s can do", async (model) => {
    expect(await thrownBy(client("refused").moderations.create({ model, input: "x" }))).toMatchObject({ status: 400, code: "feature_unsupported" });
  });
}
