import { AttemptOutcome, type StreamSpeechResponse, UsageSource } from "@alfred/contracts";
import type { AlfredError } from "@alfred/errors";
import { readCompletionRequest, readImageRequest, readSpeechRequest } from "@alfred/openai";
import { describe, expect, test, vi } from "vitest";
import { price } from "./peers.ts";
import { type Answer, RawProvider, STREAM_HEAD } from "./raw-provider.ts";
import { Rig } from "./rig.ts";

const { USAGE_SOURCE_REPORTED: REPORTED, USAGE_SOURCE_ESTIMATED: ESTIMATED, USAGE_SOURCE_NONE: NONE } = UsageSource;
const { ATTEMPT_OUTCOME_ANSWERED: ANSWERED, ATTEMPT_OUTCOME_BROKEN: BROKEN, ATTEMPT_OUTCOME_CANCELLED: CANCELLED, ATTEMPT_OUTCOME_FAILED: FAILED } = AttemptOutcome;

const TOKENS = [price("input_tokens", 1_000_000_000n), price("output_tokens", 2_000_000_000n)];
const PRICES = [
  { provider: "openai", model: "gpt-3.5-turbo-instruct", meters: TOKENS },
  { provider: "openai", model: "draws", meters: [...TOKENS, price("output_image_tokens", 30_000_000_000n)] },
  { provider: "openai", model: "draws-by-image", meters: [price("images", 40_000_000n, 1n)] },
  { provider: "openai", model: "speaks", meters: TOKENS },
  { provider: "openai", model: "speaks-by-character", meters: [price("input_characters", 15_000_000_000n)] },
];

const SOUND_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ntransfer-encoding: chunked\r\n\r\n";
const speech = (model: string, input = "Good day") => ({ call: undefined, speech: readSpeechRequest({ model, input, voice: "alloy" }) });
const image = (model: string, fields = {}) => ({ call: undefined, image: readImageRequest({ model, prompt: "A cat", quality: "low", size: "1024x1024", ...fields }).image });
const event = (type: string, fields: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const usage = { input_tokens: 5, output_tokens: 100, total_tokens: 105 };

/** A gateway before a provider by hand. */
async function rigBefore(answer: Answer, env: Readonly<Record<string, string>> = {}) {
  const provider = await RawProvider.start(answer);
  const rig = await Rig.start({ baseUrl: () => provider.url, peers: { prices: PRICES }, env: { ALFRED_UPSTREAM_MAX_ATTEMPTS: "1", ...env } });
  return { rig, provider, async [Symbol.asyncDispose]() { await rig[Symbol.asyncDispose](); await provider[Symbol.asyncDispose](); } };
}

/** The one record, after everything is settled: what is charged is what it says, and nothing is held any more. */
async function settled({ peers }: Rig) {
  const [record] = await peers.recorded(1);
  await peers.wallet.settled();
  expect([peers.wallet.posted, peers.wallet.held]).toEqual([record?.cost?.value, 0n]);
  return record;
}

async function soundOf(stream: AsyncIterable<StreamSpeechResponse>): Promise<{ readonly text: string; readonly error: AlfredError | undefined }> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const { event: each } of stream) if (each?.$case === "audio") pieces.push(each.value);
    return { text: Buffer.concat(pieces).toString(), error: undefined };
  } catch (error) {
    return { text: Buffer.concat(pieces).toString(), error: error as AlfredError };
  }
}

describe("speech", () => {
  test("that its client leaves is read on to its end, and charged as reported", async () => {
    const go = Promise.withResolvers<void>();
    await using made = await rigBefore(async (socket) => {
      socket.write(STREAM_HEAD + event("speech.audio.delta", { audio: "AQID" }));
      await go.promise;
      socket.end(event("speech.audio.delta", { audio: "AQID" }) + event("speech.audio.done", { usage }));
    });
    const stream = made.rig.gateway.streamSpeech(speech("speaks"))[Symbol.asyncIterator]();
    await stream.next();
    await stream.next();
    await stream.return?.();
    await vi.waitUntil(async () => (await made.rig.registry.metrics()).includes("alfred_gateway_draining 1"));
    go.resolve();
    expect(await settled(made.rig)).toMatchObject({ operation: "speech", outcome: CANCELLED, source: REPORTED, cost: { value: 5n * 1_000n + 100n * 2_000n } });
  });

  test.each([["speaks", 51_000n], ["speaks-by-character", 120_000n]] as const)("of %s that breaks off is told so, and charged as it is taken to be", async (model, least) => {
    await using made = await rigBefore((socket) => socket.end(`${SOUND_HEAD}3\r\nabc\r\n`));
    const { text, error } = await soundOf(made.rig.gateway.streamSpeech(speech(model)));
    expect([text, error?.code]).toEqual(["abc", "PROVIDER_STREAM_BROKEN"]);
    const record = await settled(made.rig);
    expect(record).toMatchObject({ outcome: BROKEN, source: ESTIMATED });
    expect(record?.cost?.value).toBeGreaterThanOrEqual(least);
  });

  test("in bytes is told as it came, and as broken where there was none", async () => {
    await using made = await rigBefore((socket) => socket.end(`${SOUND_HEAD}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`));
    expect(await soundOf(made.rig.gateway.streamSpeech(speech("speaks-by-character")))).toEqual({ text: "abcde", error: undefined });
    expect(await settled(made.rig)).toMatchObject({ outcome: ANSWERED, cost: { value: 120_000n } });
    await using silent = await rigBefore((socket) => socket.end(`${SOUND_HEAD}0\r\n\r\n`));
    expect((await soundOf(silent.rig.gateway.streamSpeech(speech("speaks-by-character")))).error?.code).toBe("PROVIDER_STREAM_BROKEN");
  });

  test("that is a page is malformed, and costs nothing", async () => {
    await using made = await rigBefore((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi"));
    expect((await soundOf(made.rig.gateway.streamSpeech(speech("speaks")))).error?.code).toBe("PROVIDER_MALFORMED");
    expect(await settled(made.rig)).toMatchObject({ outcome: FAILED, source: NONE, cost: { value: 0n } });
  });
});

describe("images", () => {
  test("that stream and break off are charged as they were held", async () => {
    await using made = await rigBefore((socket) => socket.end(STREAM_HEAD + event("image_generation.partial_image", { b64_json: "AA==", partial_image_index: 0 })));
    await expect(Array.fromAsync(made.rig.gateway.streamImage(image("draws")))).rejects.toMatchObject({ code: "PROVIDER_STREAM_BROKEN" });
    const record = await settled(made.rig);
    expect(record).toMatchObject({ operation: "image", outcome: BROKEN, source: ESTIMATED });
    expect(record?.quantities).toContainEqual({ meter: "output_image_tokens", quantity: 272n + 1_024n });
  });

  test("by the image cost as many as came", async () => {
    const body = JSON.stringify({ created: 1, data: [{ url: "https://x.test/1" }, { url: "https://x.test/2" }] });
    await using made = await rigBefore((socket) => socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`));
    const { list, receipt } = await made.rig.gateway.createImage(image("draws-by-image", { n: 3 }));
    expect([list?.data.length, receipt?.cost?.value]).toEqual([2, 80_000_000n]);
    expect(await settled(made.rig)).toMatchObject({ outcome: ANSWERED, source: REPORTED, quantities: [{ meter: "images", quantity: 2n }, { meter: "requests", quantity: 1n }] });
  });
});

describe("before the simulator", () => {
  const start = () => Rig.start({ peers: { prices: PRICES } });

  test("completions without a report are counted", async () => {
    await using rig = await start();
    const { completion } = readCompletionRequest({ model: "gpt-3.5-turbo-instruct", prompt: "Once upon a time [[sim: no_usage]]", max_tokens: 64 });
    const answer = await rig.gateway.createCompletion({ call: undefined, completion });
    expect(answer.completion?.usage).toMatchObject({ promptTokens: expect.any(BigInt) as unknown, completionTokens: expect.any(BigInt) as unknown });
    expect(await settled(rig)).toMatchObject({ operation: "completion", outcome: ANSWERED, source: ESTIMATED });
  });

  test.each(["createCompletion", "createImage", "createModeration"] as const)("nothing is asked by %s of nothing", async (method) => {
    await using rig = await start();
    await expect(rig.gateway[method]({ call: undefined } as never)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(rig.sim.requests.entries()).toEqual([]);
  });
});
