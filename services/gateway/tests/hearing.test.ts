import { AttemptOutcome, UsageSource } from "@alfred/contracts";
import { readTranscriptionRequest, readTranslationRequest } from "@alfred/openai";
import { describe, expect, test } from "vitest";
import { price } from "./peers.ts";
import { type Answer, RawProvider, STREAM_HEAD } from "./raw-provider.ts";
import { Rig } from "./rig.ts";

const { USAGE_SOURCE_REPORTED: REPORTED, USAGE_SOURCE_ESTIMATED: ESTIMATED, USAGE_SOURCE_NONE: NONE } = UsageSource;
const { ATTEMPT_OUTCOME_ANSWERED: ANSWERED, ATTEMPT_OUTCOME_BROKEN: BROKEN, ATTEMPT_OUTCOME_FAILED: FAILED } = AttemptOutcome;

const PRICES = [
  { provider: "openai", model: "by-token", meters: [price("input_tokens", 1_000_000_000n), price("output_tokens", 2_000_000_000n), price("input_audio_tokens", 3_000_000_000n)] },
  { provider: "openai", model: "by-second", meters: [price("input_audio_seconds", 100_000n, 1n)] },
];
const file = { filename: "speech.opus", contentType: "audio/opus", content: Buffer.alloc(3_000, "sound ") };
const heard = (model: string, fields: object = {}) => ({ call: undefined, transcription: readTranscriptionRequest({ model, ...fields }).transcription, file });

const answered = (type: string, body: string) => `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const json = (body: object): string => answered("application/json", JSON.stringify(body));

async function rigBefore(answer: Answer, env: Readonly<Record<string, string>> = {}) {
  const provider = await RawProvider.start(answer);
  const rig = await Rig.start({ baseUrl: () => provider.url, peers: { prices: PRICES }, env: { ALFRED_UPSTREAM_MAX_ATTEMPTS: "1", ...env } });
  return { rig, provider, async [Symbol.asyncDispose]() { await rig[Symbol.asyncDispose](); await provider[Symbol.asyncDispose](); } };
}

/** The record that costs something, or the one that there is, after everything is settled. */
async function settled({ peers }: Rig, records = 1) {
  const all = await peers.recorded(records);
  await peers.wallet.settled();
  expect(peers.wallet.held).toBe(0n);
  return all.at(-1);
}

describe("a transcription", () => {
  test("is sent again with all of its file", async () => {
    let calls = 0;
    await using made = await rigBefore((socket) => {
      calls += 1;
      socket.write(calls === 1 ? "HTTP/1.1 503 Unavailable\r\nretry-after-ms: 1\r\ncontent-length: 0\r\n\r\n" : json({ text: "Hello", usage: { type: "duration", seconds: 2.5 } }));
    }, { ALFRED_UPSTREAM_MAX_ATTEMPTS: "2" });
    const { answer, receipt } = await made.rig.gateway.createTranscription(heard("by-second"));
    expect([answer, receipt?.attempts]).toMatchObject([{ $case: "transcription", value: { text: "Hello" } }, 2]);
    for (const request of made.provider.requests) expect(request).toContain(file.content.toString());
    expect(await settled(made.rig, 2)).toMatchObject({ operation: "transcription", outcome: ANSWERED, source: REPORTED, cost: { value: 300_000n } });
  });

  test("whose file nobody can read costs what was held where nothing is reported", async () => {
    await using made = await rigBefore((socket) => socket.write(json({ text: "Hello" })));
    await made.rig.gateway.createTranscription(heard("by-second"));
    expect(await settled(made.rig)).toMatchObject({ source: ESTIMATED, cost: { value: 400_000n } });
  });

  test.each([["text/plain", "Hello\n", "Hello\n"], ["application/json", "Hello", "Hello"], ["text/vtt", "{ no error }", "{ no error }"]])("in text is what it is, as %s", async (type, body, text) => {
    await using made = await rigBefore((socket) => socket.write(answered(type, body)));
    expect((await made.rig.gateway.createTranscription(heard("by-second", { response_format: "text" }))).answer).toEqual({ $case: "text", value: text });
    expect(await settled(made.rig)).toMatchObject({ outcome: ANSWERED, source: ESTIMATED });
  });

  test.each([
    ["text/html", "<!DOCTYPE html><html></html>", "PROVIDER_MALFORMED"],
    ["text/plain", '{"error":{"message":"no","type":"server_error"}}', "PROVIDER_UNAVAILABLE"],
    ["application/json", '{"error":{"message":"slow down","code":429}}', "PROVIDER_RATE_LIMITED"],
  ])("in text is none where %s says %s", async (type, body, code) => {
    await using made = await rigBefore((socket) => socket.write(answered(type, body)));
    await expect(made.rig.gateway.createTranscription(heard("by-second", { response_format: "srt" }))).rejects.toMatchObject({ code });
    expect(await settled(made.rig)).toMatchObject({ outcome: FAILED, source: NONE, cost: { value: 0n } });
  });

  test("without a text is none, and is charged: a model has listened", async () => {
    await using made = await rigBefore((socket) => socket.write(json({ segments: [] })));
    await expect(made.rig.gateway.createTranscription(heard("by-second"))).rejects.toMatchObject({ code: "PROVIDER_MALFORMED" });
    expect(await settled(made.rig)).toMatchObject({ source: ESTIMATED, cost: { value: 400_000n } });
  });

  test("that streams and breaks off is charged as it is taken to be", async () => {
    await using made = await rigBefore((socket) => socket.end(`${STREAM_HEAD}data: {"type":"transcript.text.delta","delta":"Hel"}\n\n`));
    await expect(Array.fromAsync(made.rig.gateway.streamTranscription(heard("by-token")))).rejects.toMatchObject({ code: "PROVIDER_STREAM_BROKEN" });
    const record = await settled(made.rig);
    expect(record).toMatchObject({ outcome: BROKEN, source: ESTIMATED });
    expect(record?.quantities).toEqual(expect.arrayContaining([{ meter: "input_audio_tokens", quantity: 40n }, { meter: "output_tokens", quantity: 16n }]));
  });

  test.each([["application/json", '{"text":"Hello","usage":{"type":"duration","seconds":1}}', REPORTED], ["text/plain; charset=utf-8", "Hello", ESTIMATED]])("that is no stream is told as one, from %s", async (type, body, source) => {
    await using made = await rigBefore((socket) => socket.write(answered(type, body)));
    const events = await Array.fromAsync(made.rig.gateway.streamTranscription(heard("by-second")));
    expect(events.map(({ event }) => (event?.$case === "piece" ? event.value.type : event?.$case))).toEqual(["started", "transcript.text.delta", "transcript.text.done", "ended"]);
    expect(events[2]).toMatchObject({ event: { value: { text: "Hello", alfred: { cost: { value: source === REPORTED ? 100_000n : 400_000n } } } } });
    expect(await settled(made.rig)).toMatchObject({ outcome: ANSWERED, source });
  });

  test("is nothing without a file, or with one whose name is too long", async () => {
    await using rig = await Rig.start({ peers: { prices: PRICES } });
    const asked = heard("by-second");
    for (const wrong of [undefined, { ...file, content: Buffer.alloc(0) }, { ...file, filename: "x".repeat(513) }, { ...file, contentType: "x".repeat(257) }]) {
      await expect(rig.gateway.createTranscription({ ...asked, file: wrong })).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "file" } });
      await expect(rig.gateway.createTranslation({ call: undefined, translation: readTranslationRequest({ model: "m" }), file: wrong })).rejects.toMatchObject({ metadata: { field: "file" } });
    }
    await expect(rig.gateway.createTranscription({ ...asked, transcription: undefined })).rejects.toMatchObject({ metadata: { field: "transcription" } });
  });
});
