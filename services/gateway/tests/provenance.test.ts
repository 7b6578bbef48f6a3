import { UsageSource } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { type Answer, DONE, RawProvider, STREAM_HEAD, frameOf, usageFrame, usageOf } from "./raw-provider.ts";
import { Rig, chatOf, hear } from "./rig.ts";

const { USAGE_SOURCE_REPORTED: REPORTED, USAGE_SOURCE_ESTIMATED: ESTIMATED } = UsageSource;
const INPUT_NANOS = 1_000n;
const OUTPUT_NANOS = 2_000n;

const END = frameOf(undefined, { finish: "stop" });
const ZERO = usageOf(0, 0);

/** What stands in the records where this was streamed. */
async function recordOf(...texts: readonly string[]) {
  await using provider = await RawProvider.start((socket) => socket.end(STREAM_HEAD + texts.join("")));
  await using rig = await Rig.start({ baseUrl: () => provider.url });
  const heard = await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi", { stream_options: { include_usage: true } }) }));
  const [record] = await rig.peers.recorded(1);
  const chunks = heard.events.flatMap((event) => (event.$case === "chunk" ? [event.value] : []));
  return { record, shown: chunks.at(-1)?.usage, told: chunks.filter(({ usage }) => usage !== undefined).length };
}

describe("the usage of a stream", () => {
  test.each<[string, string[], bigint, bigint]>([
    ["told once, at the end", [frameOf("Hello"), END, usageFrame(usageOf(9, 3))], 9n, 3n],
    ["told with the reason to stop", [frameOf("Hello"), frameOf(undefined, { finish: "stop", usage: usageOf(9, 3) })], 9n, 3n],
    ["told with every piece, of all so far", [frameOf("Hel", { usage: usageOf(9, 1) }), frameOf("lo", { usage: usageOf(9, 2) }), END, usageFrame(usageOf(9, 3))], 9n, 3n],
    ["told early, and not again", [frameOf("Hello", { usage: usageOf(9, 3) }), END], 9n, 3n],
    ["told at the end without the prompt that was told before", [frameOf("Hello", { usage: usageOf(9, 0) }), END, usageFrame(usageOf(0, 3))], 9n, 3n],
    ["that falls", [frameOf("Hello", { usage: usageOf(9, 7) }), END, usageFrame(usageOf(9, 3))], 9n, 7n],
    ["that erases itself", [frameOf("Hello", { usage: usageOf(9, 3) }), END, usageFrame({})], 9n, 3n],
    ["of nothing, said so", [frameOf("Hello"), END, usageFrame(ZERO)], 0n, 0n],
    ["of an answer of nothing", [frameOf("Hello"), END, usageFrame(usageOf(9, 0))], 9n, 0n],
  ])("%s is reported", async (_, texts, prompt, answer) => {
    const { record, shown, told } = await recordOf(...texts, DONE);
    expect(record).toMatchObject({ source: REPORTED, cost: { value: prompt * INPUT_NANOS + answer * OUTPUT_NANOS } });
    expect(shown).toMatchObject({ promptTokens: prompt, completionTokens: answer });
    expect(told).toBe(1);
  });

  test.each<[string, string]>([
    ["that is not told", ""],
    ["that is null", usageFrame({}).replace('"usage":{}', '"usage":null')],
    ["without counts", usageFrame({ total_time: 0.5 })],
    ["with counts that are null", usageFrame({ prompt_tokens: null, completion_tokens: null })],
    ["without a count of the prompt", usageFrame({ completion_tokens: 3, total_tokens: 12 })],
    ["without a count of the answer", usageFrame({ prompt_tokens: 9, total_tokens: 9 })],
    ["that is negative", usageFrame({ prompt_tokens: -9, completion_tokens: 3, total_tokens: -6 })],
    ["that no model takes", usageFrame(usageOf(2_000_000_000, 3))],
    ["in fractions", usageFrame({ prompt_tokens: 1.5, completion_tokens: 3, total_tokens: 4.5 })],
  ])("%s is estimated", async (_, text) => {
    const { record, shown } = await recordOf(frameOf("Hello"), END, text, DONE);
    expect(record).toMatchObject({ source: ESTIMATED });
    expect(record?.quantities).toContainEqual({ meter: "output_tokens", quantity: 1n });
    expect(record?.cost?.value).toBeGreaterThan(OUTPUT_NANOS);
    expect(shown).toMatchObject({ completionTokens: 1n });
  });

  test("beyond what is known of the model's context is believed, as what a provider bills", async () => {
    const { record } = await recordOf(frameOf("Hello"), END, usageFrame(usageOf(300_000, 50_000)), DONE);
    expect(record).toMatchObject({ source: REPORTED, cost: { value: 300_000n * INPUT_NANOS + 50_000n * OUTPUT_NANOS } });
  });

  test("that no request to the model can have is counted here", async () => {
    const { record } = await recordOf(frameOf("Hello"), END, usageFrame(usageOf(900_000_000, 1)), DONE);
    expect(record).toMatchObject({ source: ESTIMATED, cost: { value: 8n * INPUT_NANOS + OUTPUT_NANOS } });
  });
});

describe("the usage of what is not streamed", () => {
  const json = (body: object): Answer => (socket) => {
    const text = JSON.stringify(body);
    socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`);
  };
  const chat = (usage?: object) => ({ id: "x", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }], ...(usage && { usage }) });
  const vectors = (usage?: object) => ({ object: "list", model: "text-embedding-3-small", data: [{ object: "embedding", index: 0, embedding: [0.5] }], ...(usage && { usage }) });

  test.each<[string, object, UsageSource, bigint]>([
    ["a chat, told", chat(usageOf(9, 3)), REPORTED, 9n * INPUT_NANOS + 3n * OUTPUT_NANOS],
    ["a chat, of nothing", chat(ZERO), REPORTED, 0n],
    ["a chat, not told", chat(), ESTIMATED, 8n * INPUT_NANOS + OUTPUT_NANOS],
    ["a chat, without counts", chat({}), ESTIMATED, 8n * INPUT_NANOS + OUTPUT_NANOS],
  ])("as %s, is on record as such", async (_, body, source, cost) => {
    await using provider = await RawProvider.start(json(body));
    await using rig = await Rig.start({ baseUrl: () => provider.url });
    const { receipt } = await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });
    expect((await rig.peers.recorded(1))[0]).toMatchObject({ source, cost: { value: cost }, outputTokensPerSecond: undefined });
    expect(receipt).toMatchObject({ usageSource: source, cost: { value: cost } });
  });

  test.each<[string, object, UsageSource, bigint]>([
    ["vectors, told", vectors({ prompt_tokens: 50, total_tokens: 50 }), REPORTED, 1_000n],
    ["vectors, of nothing", vectors({ prompt_tokens: 0, total_tokens: 0 }), REPORTED, 0n],
    ["vectors, not told", vectors(), ESTIMATED, 20n],
  ])("as %s, is on record as such", async (_, body, source, cost) => {
    await using provider = await RawProvider.start(json(body));
    await using rig = await Rig.start({ baseUrl: () => provider.url });
    const embedding = { model: "text-embedding-3-small", input: { $case: "text" as const, value: "Hi" }, extra: {} };
    await rig.gateway.createEmbedding({ call: undefined, embedding });
    expect((await rig.peers.recorded(1))[0]).toMatchObject({ source, cost: { value: cost }, outputTokensPerSecond: undefined });
  });
});

test("a streamed answer has its time to the first byte and its pace on record, and in the metrics", async () => {
  await using rig = await Rig.start();
  await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi [[sim: tokens=20 chunk_delay_ms=5]]") }));
  const [record] = await rig.peers.recorded(1);
  expect(record?.firstByteMs).toBeGreaterThanOrEqual(0n);
  expect(record?.outputTokensPerSecond).toBeGreaterThan(0);
  const metrics = await rig.registry.metrics();
  expect(metrics).toContain('alfred_gateway_output_tokens_per_second_count{provider="openai"} 1');
  expect(metrics).toContain('alfred_gateway_provider_first_byte_seconds_count{provider="openai"} 1');
});
