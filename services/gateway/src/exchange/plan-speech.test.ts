import { ModelPrice } from "@alfred/contracts";
import { readSpeechEvent, readSpeechRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import type { ProviderKind } from "../domain/route.ts";
import { StreamedText } from "../domain/streamed-text.ts";
import { tokenUsageOf } from "../media/usage.ts";
import { Tokenizer } from "../tokens/tokenizer.ts";
import { consumption } from "./outcome.ts";
import { planSpeech } from "./plan-speech.ts";
import type { Plan } from "./plan.ts";

/** Dollars for a million. */
type Prices = Readonly<Record<string, number>>;
const BY_TOKENS: Prices = { input_tokens: 1, output_tokens: 12 };

function plan(fields: Readonly<Record<string, unknown>>, prices = BY_TOKENS, kind: ProviderKind = "openai", priceBook = "openai"): Plan {
  const meters = Object.entries(prices).map(([meter, usd]) => ({ meter, nanos: BigInt(usd) * 1_000_000_000n, per: 1_000_000n, tiers: [] }));
  const upstream = { id: kind, kind, baseUrl: "https://api.test", secret: "s", priceBook };
  return planSpeech(readSpeechRequest({ model: "m", input: "Hello 🌿", voice: "alloy", ...fields }), { upstream, model: "n", price: ModelPrice.create({ meters, free: meters.length === 0 }) });
}

const bodyOf = ({ request }: Plan): Record<string, unknown> => JSON.parse(request.body) as Record<string, unknown>;

describe("speech", () => {
  test("by the token is asked for in events, which tell its usage", () => {
    const planned = plan({ speed: 2, unknown: 1 });
    expect(planned.request).toMatchObject({ url: "https://api.test/audio/speech", form: "speech" });
    expect(bodyOf(planned)).toEqual({ model: "n", input: "Hello 🌿", voice: "alloy", speed: 2, unknown: 1, stream_format: "sse" });
  });

  test.each([{ input_characters: 15 }, {} as Prices])("priced as %j is asked for as the client asked", (prices) => {
    expect(bodyOf(plan({}, prices))["stream_format"]).toBeUndefined();
    expect(bodyOf(plan({ stream_format: "audio" }, prices))["stream_format"]).toBe("audio");
  });

  test("by the token is held for with half a second for each character, and taken for what is usual where nothing is told", async () => {
    const planned = plan({ input: "x".repeat(150) });
    // 78 seconds, and 13.
    expect(planned.bound.usage.outputTokens).toBe(1_625n);
    expect(plan({ input: "x".repeat(150), speed: 0.5 }).bound.usage.outputTokens).toBe(3_250n);
    const { quantities, source } = await consumption(new Tokenizer(), planned, undefined, new StreamedText());
    expect(quantities).toEqual(expect.arrayContaining([{ meter: "output_audio_tokens", quantity: 271n }]));
    expect(source).toBe(2);
  });

  test("by the token costs what is reported", async () => {
    const { usage } = readSpeechEvent({ type: "speech.audio.done", usage: { input_tokens: 10, output_tokens: 100, total_tokens: 110 } });
    const { quantities, charge } = await consumption(new Tokenizer(), plan({}), usage && tokenUsageOf(usage, "audio"), new StreamedText());
    expect(quantities).toEqual(expect.arrayContaining([{ meter: "output_audio_tokens", quantity: 100n }]));
    expect(charge.nanos).toBe(10n * 1_000n + 100n * 12_000n);
  });

  test("by the character costs what is said, each character once", async () => {
    const planned = plan({}, { input_characters: 15 });
    expect(planned.worst).toEqual({ nanos: 7n * 15_000n, tokens: 0n });
    expect((await consumption(new Tokenizer(), planned, undefined, new StreamedText())).charge.nanos).toBe(planned.worst.nanos);
  });

  test.each([0, 5])("is not said at speed %j", (speed) => {
    expect(() => plan({ speed })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", metadata: { field: "speed" } }));
  });

  test.each([["anthropic", "anthropic"], ["gemini", "google"], ["cohere", "cohere"], ["mistral", "mistral"]] as const)("is nothing that %s of %s has", (kind, priceBook) => {
    expect(() => plan({}, BY_TOKENS, kind, priceBook)).toThrow(expect.objectContaining({ code: "FEATURE_UNSUPPORTED" }));
  });
});
