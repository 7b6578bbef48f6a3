import { type MediaFile, ModelPrice } from "@alfred/contracts";
import { readTranscriptionRequest, readTranslationRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import type { ProviderKind } from "../domain/route.ts";
import { StreamedText } from "../domain/streamed-text.ts";
import { dialectOf } from "../providers/dialects.ts";
import { Sound } from "../media/sound-use.ts";
import { Tokenizer } from "../tokens/tokenizer.ts";
import { consumption } from "./outcome.ts";
import { planTranscription, planTranslation } from "./plan-hearing.ts";
import type { Plan } from "./plan.ts";

/** Dollars for a million. */
type Prices = Readonly<Record<string, number>>;
const BY_TOKENS: Prices = { input_tokens: 2, output_tokens: 10, input_audio_tokens: 6 };
const BY_SECONDS: Prices = { audio_seconds: 100, input_audio_seconds: 100 };
const REPORTED = 1;
const ESTIMATED = 2;

/** A WAV of two seconds. */
const WAVE = Buffer.alloc(44 + 4_000);
WAVE.write("RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\xe8\x03\0\0\xd0\x07\0\0\x02\0\x10\0data", "latin1");
const file = (content = WAVE): MediaFile => ({ filename: "speech.wav", contentType: "audio/wav", content });
const route = (prices: Prices, kind: ProviderKind) => {
  const meters = Object.entries(prices).map(([meter, usd]) => ({ meter, nanos: BigInt(usd) * 1_000_000_000n, per: 1_000_000n, tiers: [] }));
  return { upstream: { id: kind, kind, baseUrl: "https://api.test", secret: "s", priceBook: kind }, model: "n", price: ModelPrice.create({ meters, free: meters.length === 0 }) };
};

interface Case {
  readonly prices?: Prices;
  readonly kind?: ProviderKind;
  readonly content?: typeof WAVE;
  readonly streamed?: boolean;
}

function plan(fields: Readonly<Record<string, unknown>> = {}, { prices = BY_SECONDS, kind = "openai", content = WAVE, streamed = false }: Case = {}): Plan {
  return planTranscription(readTranscriptionRequest({ model: "m", ...fields }).transcription, new Sound(file(content)), route(prices, kind), streamed);
}

const formOf = ({ request: { upload } }: Plan): string => Buffer.concat(upload?.pieces ?? []).toString("latin1");
const consumed = (planned: Plan, answer?: object, kind: ProviderKind = "openai") =>
  consumption(new Tokenizer(), planned, answer && dialectOf({ kind }).hearing?.read({ text: "Hello", ...answer }).usage, new StreamedText());

describe("transcriptions", () => {
  test("are sent as a form, with the file as it came", () => {
    const planned = plan({ language: "en", timestamp_granularities: ["word"], chunking_strategy: { type: "server_vad" }, own: "x" });
    expect(planned.request).toMatchObject({ url: "https://api.test/audio/transcriptions", form: "transcription", upload: { contentType: expect.stringMatching(/^multipart\/form-data; boundary=/) as unknown } });
    expect(planned.request.upload?.pieces).toContain(WAVE);
    for (const said of ['name="model"\r\n\r\nn\r\n', 'name="timestamp_granularities[]"\r\n\r\nword\r\n', 'name="chunking_strategy[type]"\r\n\r\nserver_vad\r\n', 'name="own"\r\n\r\nx\r\n', 'name="file"; filename="speech.wav"\r\ncontent-type: audio/wav']) {
      expect(formOf(planned)).toContain(said);
    }
    expect(formOf(planned)).not.toContain('name="stream"');
    expect(formOf(plan({}, { streamed: true }))).toContain('name="stream"\r\n\r\ntrue');
  });

  test("are as long as their file says when it is first asked", () => {
    const content = Buffer.from(WAVE);
    const sound = new Sound(file(content));
    expect([sound.seconds, content.fill(0) && sound.seconds]).toEqual([2, 2]);
  });

  test("are the same request only with the same file", () => {
    expect(plan().asked()).toBe(plan().asked());
    expect(plan({}, { content: Buffer.from(WAVE).fill(1, 100) }).asked()).not.toBe(plan().asked());
  });

  test("by the second are held for with the length of the file, and a second more", () => {
    expect(plan().worst).toEqual({ nanos: 3n * 100_000n, tokens: 0n });
    expect(plan({ known_speaker_references: ["data:a", "data:b"] }).worst.nanos).toBe(23n * 100_000n);
    expect(plan({}, { kind: "groq" }).worst.nanos).toBe(11n * 100_000n);
  });

  test("whose length nobody knows are held for with a second for 750 bytes", () => {
    expect(plan({}, { content: Buffer.alloc(7_500) }).worst.nanos).toBe(11n * 100_000n);
  });

  test("by the second cost what is reported, whatever it is called", async () => {
    expect(await consumed(plan(), { usage: { type: "duration", seconds: 1.2 } })).toMatchObject({ source: REPORTED, charge: { nanos: 200_000n } });
    expect(await consumed(plan(), { duration: 1.2 })).toMatchObject({ source: REPORTED, charge: { nanos: 200_000n } });
    expect(await consumed(plan({}, { kind: "mistral" }), { usage: { prompt_audio_seconds: 3, prompt_tokens: 4, completion_tokens: 9, total_tokens: 13 } }, "mistral")).toMatchObject({ source: REPORTED, charge: { nanos: 300_000n } });
  });

  test("cost ten seconds at Groq, however short they are", async () => {
    expect(await consumed(plan({}, { kind: "groq" }), { duration: 1.2 }, "groq")).toMatchObject({ source: REPORTED, charge: { nanos: 1_000_000n } });
    expect(await consumed(plan({}, { kind: "groq" }), {}, "groq")).toMatchObject({ source: ESTIMATED, charge: { nanos: 1_000_000n } });
  });

  test("by the second cost the length of the file where nothing is reported, or tokens are", async () => {
    const tokens = { usage: { type: "tokens", input_tokens: 1, output_tokens: 1, total_tokens: 2 } };
    for (const answer of [undefined, {}, { usage: { type: "duration", seconds: -1 } }, tokens]) {
      expect(await consumed(plan(), answer)).toMatchObject({ source: ESTIMATED, charge: { nanos: 200_000n }, quantities: [{ meter: "input_audio_seconds", quantity: 2n }, { meter: "requests", quantity: 1n }] });
    }
  });

  test("by the token cost what is reported, sound apart from text", async () => {
    const usage = { type: "tokens", input_tokens: 25, output_tokens: 7, total_tokens: 32, input_token_details: { text_tokens: 5, audio_tokens: 20 } };
    const { quantities, charge } = await consumed(plan({}, { prices: BY_TOKENS }), { usage });
    expect(quantities).toEqual(expect.arrayContaining([{ meter: "input_audio_tokens", quantity: 20n }, { meter: "input_tokens", quantity: 5n }, { meter: "output_tokens", quantity: 7n }]));
    expect(charge.nanos).toBe(20n * 6_000n + 5n * 2_000n + 7n * 10_000n);
  });

  test("by the token are held for with more than is usual, and taken for what is where no tokens are reported", async () => {
    const planned = plan({ prompt: "x" }, { prices: BY_TOKENS });
    expect(planned.bound.usage).toMatchObject({ inputTokens: BigInt(planned.body.length) + 60n, outputTokens: 316n });
    for (const answer of [{}, { usage: { type: "duration", seconds: 2 } }]) {
      const { source, quantities, charge } = await consumed(planned, answer);
      expect([source, charge.nanos <= planned.worst.nanos]).toEqual([ESTIMATED, true]);
      expect(quantities).toEqual(expect.arrayContaining([{ meter: "input_audio_tokens", quantity: 20n }, { meter: "output_tokens", quantity: 8n }]));
    }
  });

  test.each<[ProviderKind, object, string]>([
    ["groq", { include: ["logprobs"] }, "include"],
    ["groq", { response_format: "srt" }, "response_format"],
    ["groq", { url: "https://x.test/a.wav" }, "url"],
    ["mistral", { response_format: "verbose_json" }, "response_format"],
    ["mistral", { prompt: "p" }, "prompt"],
    ["mistral", { file_id: "f" }, "file_id"],
    ["openai", { file_url: "https://x.test/a.wav" }, "file_url"],
  ])("of %s are refused for %j, or sent without it", (kind, fields, field) => {
    expect(() => plan({ ...fields }, { kind })).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED", metadata: expect.objectContaining({ field }) as unknown }));
    expect(formOf(plan({ ...fields, drop_unsupported: true }, { kind }))).not.toMatch(new RegExp(`name="(?:${field}|drop_unsupported)`));
  });

  test("of Mistral are asked for without the form that it answers in anyway, and not as a stream", () => {
    const form = formOf(plan({ response_format: "json", diarize: "true" }, { kind: "mistral", streamed: true }));
    expect(form).toContain('name="diarize"');
    expect(form).not.toMatch(/response_format|"stream"/);
  });

  test("are nothing that others have, and translations not all of them", () => {
    for (const kind of ["anthropic", "gemini", "cohere", "deepseek", "ollama"] as const) expect(() => plan({}, { kind })).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED" }));
    const translation = readTranslationRequest({ model: "m", prompt: "p", response_format: "text" });
    const planned = planTranslation(translation, new Sound(file()), route(BY_SECONDS, "groq"));
    expect([planned.request.url, planned.operation]).toEqual(["https://api.test/audio/translations", "translation"]);
    expect(() => planTranslation(translation, new Sound(file()), route(BY_SECONDS, "mistral"))).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED" }));
  });

  test("without a price are held for by nobody", () => {
    expect(() => plan({}, { prices: { input_tokens: 1 } })).toThrow(expect.objectContaining({ code: "PRICE_UNKNOWN" }));
    expect(plan({}, { prices: {} }).worst.nanos).toBe(0n);
  });
});
