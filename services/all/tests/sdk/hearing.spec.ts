import OpenAI, { BadRequestError, RateLimitError } from "openai";
import { describe, expect, test } from "vitest";
import { caseHeader, type Running, thrownBy } from "./asked.ts";
import { costOf, expectCharged } from "./charge.ts";
import type { UsageRecord } from "./records.ts";
import { silence } from "./wave.ts";

const HEARD = "I heard 2 seconds of sound.";

/** Where sound is written down by the second, at how much an hour in nano-dollars, and how many seconds are billed of two. */
const BY_SECONDS = [["openai", "whisper-1", 360_000_000n, 2n], ["groq", "whisper-large-v3", 111_000_000n, 10n], ["mistral", "voxtral-mini-latest", 180_000_000n, 2n]] as const;

/** What OpenAI's official client for Node can have written down. */
export function hearingSpec(running: () => Running): void {
  const client = (name: string): OpenAI =>
    new OpenAI({ apiKey: running().mesh.demoKey, baseURL: `${running().mesh.edgeUrl}/v1`, maxRetries: 0, defaultHeaders: caseHeader(name) });
  const refused = (fields: object, seconds = 2): Promise<unknown> =>
    thrownBy(client("refused").audio.transcriptions.create({ model: "openai/gpt-4o-transcribe", file: silence(seconds), ...fields } as never));

  describe.each(["openai", "azure"])("what %s hears by the token", (provider) => {
    const model = `${provider}/gpt-4o-transcribe`;

    test("is written down", async () => {
      const name = `hearing-${provider}`;
      const { data, response } = await client(name).audio.transcriptions.create({ model, file: silence(2), language: "en", prompt: "Silence.", temperature: 0.5 }).withResponse();
      expect(data).toMatchObject({ text: HEARD, usage: { type: "tokens", input_tokens: 20, output_tokens: 7, input_token_details: { audio_tokens: 20 } } });
      await expectCharged(running().records, name, provider, [{ input: 20, output: 7, costUsd: response.headers.get("x-alfred-cost-usd") }]);
    });

    test("streams, and tells its cost at the end", async () => {
      const name = `hearing-${provider}-stream`;
      const events = await Array.fromAsync(await client(name).audio.transcriptions.create({ model, file: silence(2), stream: true }));
      expect(events.map((event) => (event.type === "transcript.text.delta" ? event.delta : "")).join("")).toBe(HEARD);
      const last = events.at(-1) as unknown as { alfred: { cost_usd: string } };
      expect(last).toMatchObject({ type: "transcript.text.done", text: HEARD, usage: { output_tokens: 7 }, alfred: { provider } });
      await expectCharged(running().records, name, provider, [{ input: 20, output: 7, costUsd: last.alfred.cost_usd }]);
    });
  });

  describe.each(BY_SECONDS)("what %s hears by the second", (provider, model, hourNanos, seconds) => {
    const costNanos = (hourNanos * seconds + 3_599n) / 3_600n;
    const charged = async (name: string, source: string): Promise<void> => {
      const [record] = await running().records.of(name);
      expect(record).toMatchObject({ provider, operation: "transcription", source, quantities: expect.arrayContaining([{ meter: "input_audio_seconds", quantity: String(seconds) }]) as unknown });
      expect(costOf(record as UsageRecord)).toBe(costNanos);
    };

    test("is written down", async () => {
      const name = `hearing-${provider}-seconds`;
      const { data, response } = await client(name).audio.transcriptions.create({ model: `${provider}/${model}`, file: silence(2) }).withResponse();
      expect(data.text).toBe(HEARD);
      expect(Number(response.headers.get("x-alfred-cost-usd"))).toBeCloseTo(Number(costNanos) / 1e9, 9);
      await charged(name, provider === "groq" ? "USAGE_SOURCE_ESTIMATED" : "USAGE_SOURCE_REPORTED");
    });

    test("is told as a stream, though it comes at once", async () => {
      const name = `hearing-${provider}-told`;
      const events = await Array.fromAsync(await client(name).audio.transcriptions.create({ model: `${provider}/${model}`, file: silence(2), stream: true }));
      expect(events).toMatchObject([{ type: "transcript.text.delta", delta: HEARD }, { type: "transcript.text.done", text: HEARD, alfred: { provider } }]);
      await charged(name, provider === "groq" ? "USAGE_SOURCE_ESTIMATED" : "USAGE_SOURCE_REPORTED");
    });
  });

  test.each([["text", `${HEARD}\n`], ["srt", `1\n00:00:00,000 --> 00:00:02,000\n${HEARD}\n\n`], ["vtt", `WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n${HEARD}\n\n`]] as const)("what is heard is %s, and costs its length", async (format, text) => {
    const name = `hearing-${format}`;
    const { data, response } = await client(name).audio.transcriptions.create({ model: "openai/whisper-1", file: silence(2), response_format: format }).withResponse();
    expect([data, response.headers.get("content-type")]).toEqual([text, "text/plain; charset=utf-8"]);
    const [record] = await running().records.of(name);
    expect(record).toMatchObject({ source: "USAGE_SOURCE_ESTIMATED", quantities: expect.arrayContaining([{ meter: "input_audio_seconds", quantity: "2" }]) as unknown });
  });

  test("what is heard has segments where it is verbose, of whoever has them", async () => {
    for (const model of ["openai/whisper-1", "groq/whisper-large-v3"]) {
      const told = await client("verbose").audio.transcriptions.create({ model, file: silence(2), response_format: "verbose_json", timestamp_granularities: ["segment"] });
      expect(told).toMatchObject({ text: HEARD, duration: 2, segments: [{ text: HEARD }] });
    }
  });

  test.each(["openai/whisper-1", "azure/whisper-1", "groq/whisper-large-v3"])("what is heard is translated by %s", async (model) => {
    const name = `hearing-translated-${model.replace("/", "-")}`;
    expect(await client(name).audio.translations.create({ model, file: silence(3), prompt: "Silence." })).toMatchObject({ text: "I heard 3 seconds of English." });
    const [record] = await running().records.of(name);
    expect(record).toMatchObject({ operation: "translation", outcome: "ATTEMPT_OUTCOME_ANSWERED" });
    expect(costOf(record as UsageRecord)).toBeGreaterThan(0n);
  });

  test("what cannot be heard is a typed error", async () => {
    expect(await refused({ prompt: "[[sim: status=429]]" })).toBeInstanceOf(RateLimitError);
    expect(await refused({ file: new File([], "empty.wav") })).toMatchObject({ status: 400, code: "invalid_argument", param: "file" });
    expect(await refused({ file: undefined })).toMatchObject({ status: 400, code: "invalid_argument", param: "file" });
    expect(await refused({ temperature: "hot" })).toMatchObject({ status: 400, param: "temperature" });
    expect(await refused({ mask: silence(1) })).toMatchObject({ status: 400, param: "mask" });
    expect(await refused({ response_format: "srt" })).toMatchObject({ status: 400, param: "response_format" });
    expect(await refused({ model: "groq/whisper-large-v3", response_format: "srt" })).toMatchObject({ status: 400, code: "feature_unsupported", param: "response_format" });
    expect(await refused({ model: "mistral/voxtral-mini-latest", prompt: "x" })).toMatchObject({ code: "feature_unsupported", param: "prompt" });
    expect(await refused({ model: "anthropic/claude-haiku-4-5" })).toBeInstanceOf(BadRequestError);
    expect(await refused({ model: "groq/no-such-model" })).toMatchObject({ code: "price_unknown" });
  });

  test("a stream that breaks is a typed error", async () => {
    const stream = await client("refused").audio.transcriptions.create({ model: "openai/gpt-4o-transcribe", file: silence(2), prompt: "[[sim: cut_after=3]]", stream: true });
    expect(await thrownBy(Array.fromAsync(stream))).toMatchObject({ code: "provider_stream_broken" });
  });
}
