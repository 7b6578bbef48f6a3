import { AzureOpenAI, toFile } from "openai";
import { describe, expect, test } from "vitest";
import { startSim } from "./sim-client.ts";

/** A WAV of 16-bit samples at 1,000 Hz. */
function wave(seconds: number): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF");
  head.writeUInt32LE(2_000, 28);
  return Buffer.concat([head, Buffer.alloc(seconds * 2_000)]);
}

const file = (seconds = 2, name = "speech.wav") => toFile(wave(seconds), name, { type: "audio/wav" });

describe("transcriptions", () => {
  test("tell what was heard, and what it took: tokens", async () => {
    const { client } = await startSim();
    const told = await client.audio.transcriptions.create({ model: "gpt-4o-transcribe", file: await file() });
    expect(told).toMatchObject({ text: "I heard 2 seconds of sound.", usage: { type: "tokens", input_tokens: 20, output_tokens: 7, input_token_details: { audio_tokens: 20 } } });
  });

  test("tell what was heard, and what it took: seconds", async () => {
    const { client } = await startSim();
    const told = await client.audio.transcriptions.create({ model: "whisper-1", file: await file(1.5), response_format: "verbose_json", timestamp_granularities: ["segment"] });
    expect(told).toMatchObject({ text: "I heard 2 seconds of sound.", duration: 1.5, language: "english", usage: { type: "duration", seconds: 2 }, segments: [{ end: 1.5 }] });
  });

  test.each([["text", /^I heard 2 seconds of sound\.\n$/], ["srt", /^1\n00:00:00,000 --> 00:00:02,000\nI heard/], ["vtt", /^WEBVTT\n\n00:00:00\.000 --> 00:00:02\.000\n/]] as const)("are %s", async (format, expected) => {
    const { client } = await startSim();
    expect(await client.audio.transcriptions.create({ model: "whisper-1", file: await file(), response_format: format })).toMatch(expected);
  });

  test("are refused of a WAV that has no bytes in a second", async () => {
    const { client } = await startSim();
    const broken = wave(2).fill(0, 28, 32);
    const asked = client.audio.transcriptions.create({ model: "whisper-1", file: await toFile(broken, "speech.wav") });
    await expect(asked).rejects.toMatchObject({ status: 400, param: "file" });
  });

  test("stream, unless the model ignores that", async () => {
    const { client } = await startSim();
    const events = await Array.fromAsync(await client.audio.transcriptions.create({ model: "gpt-4o-mini-transcribe", file: await file(), stream: true }));
    expect(events.map(({ type }) => type)).toEqual([...Array.from({ length: 7 }, () => "transcript.text.delta"), "transcript.text.done"]);
    expect(events.at(-1)).toMatchObject({ text: "I heard 2 seconds of sound.", usage: { type: "tokens" } });
    const answer = await client.audio.transcriptions.create({ model: "whisper-1", file: await file(), stream: true }).asResponse();
    expect(answer.headers.get("content-type")).toBe("application/json");
  });

  test.each([
    [{ response_format: "srt" }, 400], [{ model: "whisper-1", timestamp_granularities: ["word"] }, 400], [{ temperature: 2 }, 400], [{ unknown: "x" }, 400], [{ model: "" }, 400],
    [{ prompt: "[[sim: status=429]]" }, 429],
  ])("are refused for %j", async (fields, status) => {
    const { client } = await startSim();
    await expect(client.audio.transcriptions.create({ model: "gpt-4o-transcribe", file: await file(), ...fields } as never)).rejects.toMatchObject({ status });
  });

  test("are refused without a file, and for one of another kind", async () => {
    const { client } = await startSim();
    await expect(client.audio.transcriptions.create({ model: "whisper-1", file: await file(1, "speech.txt") })).rejects.toMatchObject({ status: 400, param: "file" });
    await expect(client.audio.transcriptions.create({ model: "whisper-1" } as never)).rejects.toMatchObject({ status: 400, param: "file" });
  });

  test("are Azure's, by the deployment in the address", async () => {
    const { url } = await startSim();
    const azure = new AzureOpenAI({ endpoint: `${url}/azure`, apiKey: "any", apiVersion: "2024-10-21", deployment: "whisper" });
    expect(await azure.audio.transcriptions.create({ model: "x", file: await file() })).toMatchObject({ usage: { type: "duration", seconds: 2 } });
  });

  test("into English tell as little as is documented", async () => {
    const { client } = await startSim();
    expect((await client.audio.translations.create({ model: "whisper-1", file: await file() })).text).toBe("I heard 2 seconds of English.");
    await expect(client.audio.translations.create({ model: "whisper-1", file: await file(), language: "en" } as never)).rejects.toMatchObject({ status: 400, param: "language" });
  });
});
