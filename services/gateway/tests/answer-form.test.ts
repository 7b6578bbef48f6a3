import { gzipSync } from "node:zlib";
import { readMessageRequest } from "@alfred/anthropic";
import { AttemptOutcome, UsageSource } from "@alfred/contracts";
import { readCompletionRequest, readEmbeddingRequest, readImageRequest, readModerationRequest, readResponseRequest } from "@alfred/openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { price } from "./peers.ts";
import { DONE, RawProvider, STREAM_HEAD, frameOf, usageFrame, usageOf } from "./raw-provider.ts";
import { Rig, chatOf, failureOf, hear, textOf } from "./rig.ts";

const { ATTEMPT_OUTCOME_ANSWERED: ANSWERED, ATTEMPT_OUTCOME_BROKEN: BROKEN } = AttemptOutcome;
const { USAGE_SOURCE_ESTIMATED: ESTIMATED } = UsageSource;

const HEAD = { id: "c", object: "chat.completion", created: 1, model: "gpt-4o-mini" };
const CHOICE = { index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" };
const chunk = (fields: object): string => `data: ${JSON.stringify({ ...HEAD, object: "chat.completion.chunk", ...fields })}\n\n`;
/** It is told as such, and the prompt is charged. */
const MALFORMED = {
  code: "PROVIDER_MALFORMED", message: "The answer of the provider openai cannot be understood.", used: ["input_tokens", "requests"],
  record: { outcome: BROKEN, reason: "PROVIDER_MALFORMED", source: ESTIMATED, firstByteMs: expect.any(BigInt) as bigint },
};
const DEEP = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

/** JSON that is no answer to a chat. */
const NO_CHATS: readonly (readonly [string, string])[] = [
  {}, { ...HEAD, choices: [] }, { choices: [1] }, { choices: [null] }, { choices: {} }, { choices: "Hello" }, { choices: [{}] },
  { choices: [{ delta: { content: "Hello" } }] }, { choices: [{ text: "Hello" }] }, { choices: [{ message: "Hello" }] }, { choices: [CHOICE, null] }, { object: "list", data: [] }, [], 7, "Hello", null,
].map((body) => [JSON.stringify(body), JSON.stringify(body)] as const);

describe("what has not the form of an answer", () => {
  let provider: RawProvider;
  let rig: Rig;
  let answer: string | Buffer = "";
  let count = 0;

  const respond = (body: string | Buffer, headers = "content-type: application/json"): void => {
    answer = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${headers}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`), Buffer.from(body)]);
  };
  const stream = (...frames: string[]): void => void (answer = STREAM_HEAD + frames.join(""));
  const lastRecord = async () => (await rig.peers.recorded(count + 1)).at(-1);

  beforeAll(async () => {
    provider = await RawProvider.start((socket) => socket.end(answer));
    const meters = [price("input_tokens", 1_000_000_000n), price("output_tokens", 2_000_000_000n)];
    const prices = ["gpt-4o-mini", "gpt-3.5-turbo-instruct", "text-embedding-3-small"].map((model) => ({ provider: "openai", model, meters }));
    const free = ["gpt-image-1", "omni-moderation-latest"].map((model) => ({ provider: "openai", model, free: true }));
    rig = await Rig.start({ peers: { prices: [...prices, ...free] }, baseUrl: () => provider.url });
  });
  beforeEach(async () => {
    // Each was asked for once, and leaves one.
    count = (await rig.peers.recorded(provider.requests.length)).length;
  });
  afterAll(async () => {
    await rig[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  /** What became of a call that should fail. */
  async function failed(call: Promise<unknown>) {
    const { code, message } = await failureOf(call);
    const record = await lastRecord();
    count = rig.peers.records.size;
    return { code, message, record, used: record?.quantities.map(({ meter }) => meter) };
  }

  const chat = () => rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });
  const { message } = readMessageRequest({ model: "gpt-4o-mini", max_tokens: 9, messages: [{ role: "user", content: "Hi" }] });
  const embedding = readEmbeddingRequest({ model: "text-embedding-3-small", input: "Hi" });
  const { completion } = readCompletionRequest({ model: "gpt-3.5-turbo-instruct", prompt: "Hi" });

  test.each([...NO_CHATS, ["lists in lists without end", `{"choices":${DEEP}}`] as const])("of a chat: %s is no answer", async (_, body) => {
    respond(body);
    expect(await failed(chat())).toMatchObject(MALFORMED);
    expect(await failed(rig.gateway.createMessage({ call: undefined, message }))).toMatchObject(MALFORMED);
  });

  test.each([{ choices: [] }, { ...HEAD, choices: [CHOICE] }, { choices: [{ text: 7 }] }, { choices: {} }])("of a text: %j is no answer", async (body) => {
    respond(JSON.stringify(body));
    expect(await failed(rig.gateway.createCompletion({ call: undefined, completion }))).toMatchObject(MALFORMED);
  });

  test.each([
    { ...HEAD, choices: [CHOICE] }, { data: [] }, { data: {} }, { data: [1] }, { data: [{}] }, { data: [{ embedding: [] }] }, { data: [{ embedding: "" }] }, { data: [{ embedding: ["a"] }] }, { data: [{ embedding: [1] }, null] },
  ])("of vectors: %j is no answer", async (body) => {
    respond(JSON.stringify(body));
    expect(await failed(rig.gateway.createEmbedding({ call: undefined, embedding }))).toMatchObject(MALFORMED);
  });

  test.each([{}, { ...HEAD, choices: [CHOICE] }, { data: [], results: [] }, { data: [{}], results: [1] }])("of judgements and images: %j is no answer", async (body) => {
    respond(JSON.stringify(body));
    const moderation = readModerationRequest({ input: "Hi" });
    expect(await failed(rig.gateway.createModeration({ call: undefined, moderation }))).toMatchObject(MALFORMED);
    const { image } = readImageRequest({ model: "gpt-image-1", prompt: "Hi" });
    expect(await failed(rig.gateway.createImage({ call: undefined, image }))).toMatchObject({ ...MALFORMED, used: expect.any(Array) as unknown });
  });

  test.each([{}, { ...HEAD, choices: [CHOICE] }, { output: {} }, { output: [1] }])("of Responses: %j is no answer", async (body) => {
    respond(JSON.stringify(body));
    const { response } = readResponseRequest({ model: "gpt-4o-mini", input: "Hi", max_output_tokens: 16, store: false });
    expect(await failed(rig.gateway.createResponse({ call: undefined, response }))).toMatchObject(MALFORMED);
  });

  test.each<[string, string]>([
    ["no list of answers", chunk({})],
    ["null for one, and no usage", chunk({ choices: null })],
    ["an object for one", chunk({ choices: {} })],
    ["numbers for answers", chunk({ choices: [1] })],
    ["null for an answer", chunk({ choices: [null] })],
    ["a text for a piece", chunk({ choices: [{ index: 0, delta: "Hello" }] })],
    ["an answer of another kind", chunk({ object: "list", data: [{ embedding: [1] }] })],
    ["lists in lists without end", chunk({ choices: [] }).replace("[]", `[], "large": 12345678901234567890, "more": ${DEEP}`)],
  ])("of a stream: a piece with %s is none", async (_, piece) => {
    stream(frameOf("Hello"), piece, DONE);
    const heard = await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") }));
    expect([textOf(heard), heard.error?.code]).toEqual(["Hello", "PROVIDER_MALFORMED"]);
    expect(await lastRecord()).toMatchObject({ outcome: BROKEN, reason: "PROVIDER_MALFORMED", source: ESTIMATED });
  });

  test("of a stream: a piece may tell the usage alone, or what a filter found", async () => {
    const filtered = chunk({ choices: [{ index: 0, finish_reason: null, content_filter_offsets: { check_offset: 1 } }] });
    stream(frameOf("Hello"), filtered, frameOf(undefined, { finish: "stop" }), usageFrame(usageOf(9, 3)).replace('"choices":[]', '"choices":null'), DONE);
    const heard = await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") }));
    expect([textOf(heard), heard.error]).toEqual(["Hello", undefined]);
    expect(await lastRecord()).toMatchObject({ outcome: ANSWERED, cost: { value: 9n * 1_000n + 3n * 2_000n } });
  });

  test("a reason to stop that is no text is none", async () => {
    respond(JSON.stringify({ ...HEAD, choices: [{ ...CHOICE, finish_reason: 7 }] }));
    const { completion: whole } = await chat();
    expect(whole?.choices).toMatchObject([{ finishReason: undefined, extra: {} }]);
    stream(frameOf("Hello"), chunk({ choices: [{ index: 0, delta: {}, finish_reason: 7 }] }), DONE);
    const { events } = await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") }));
    const choices = events.flatMap((event) => (event.$case === "chunk" ? event.value.choices : []));
    expect(choices.map(({ finishReason, extra }) => [finishReason, extra])).toEqual([[undefined, {}], [undefined, {}], ["stop", {}]]);
  });

  test("usage without a sum has the sum of its counts", async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 1 };
    respond(JSON.stringify({ ...HEAD, choices: [CHOICE], usage }));
    expect((await chat()).completion?.usage).toMatchObject({ totalTokens: 4n, extra: {} });
    stream(frameOf("Hello", { finish: "stop" }), usageFrame({ ...usage, total_tokens: null }), DONE);
    const { events } = await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi", { stream_options: { include_usage: true } }) }));
    expect(events.flatMap((event) => (event.$case === "chunk" ? event.value.usage ?? [] : []))).toMatchObject([{ totalTokens: 4n }]);
  });

  test("answers are not asked to be compressed, and told as such where they are", async () => {
    respond(gzipSync(JSON.stringify({ ...HEAD, choices: [CHOICE] })), "content-type: application/json\r\ncontent-encoding: gzip");
    expect(await failed(chat())).toMatchObject({ ...MALFORMED, message: expect.stringContaining("is compressed") as string });
    expect(provider.requests.at(-1)).toMatch(/\r\naccept-encoding: identity\r\n/i);
    answer = Buffer.concat([Buffer.from(STREAM_HEAD.replace("\r\n", "\r\ncontent-encoding: gzip\r\n")), gzipSync(frameOf("Hello") + DONE)]);
    const heard = await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") }));
    expect(heard.error).toMatchObject({ code: "PROVIDER_MALFORMED", message: expect.stringContaining("is compressed") as string });
    expect(await lastRecord()).toMatchObject({ outcome: BROKEN, source: ESTIMATED });
  });

  test("an answer that is too large is told as such, whole and streamed", async () => {
    respond(JSON.stringify({ ...HEAD, choices: [CHOICE], more: "x".repeat(32 * 1024 * 1024) }));
    expect(await failed(chat())).toMatchObject({ ...MALFORMED, message: expect.stringContaining("is larger than 32 MiB") as string });
    stream(frameOf("x".repeat(16 * 1024 * 1024)), DONE);
    const heard = await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") }));
    expect(heard.error).toMatchObject({ code: "PROVIDER_MALFORMED", message: expect.stringContaining("is too large") as string });
  });
});
