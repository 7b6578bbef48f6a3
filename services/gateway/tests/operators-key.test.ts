import { readMessageRequest } from "@alfred/anthropic";
import { AttemptOutcome, ProviderKind, UsageSource } from "@alfred/contracts";
import { AlfredError } from "@alfred/errors";
import { readEmbeddingRequest } from "@alfred/openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DONE, RawProvider, STREAM_HEAD, frameOf } from "./raw-provider.ts";
import { Rig, UPSTREAM_SECRET, chatOf, failureOf } from "./rig.ts";

const SAYS = `Invalid key ${UPSTREAM_SECRET}`;
/** What stands in the place of an answer, each form as somebody has it. */
const ERRORS: readonly (readonly [string, object])[] = [
  ["as a text", { error: SAYS }],
  ["as an object of its own", { object: "error", message: SAYS, code: 40_303 }],
  ["as details", { detail: SAYS }],
  ["as a list of details", { detail: [{ loc: ["body", "model"], msg: SAYS, type: UPSTREAM_SECRET }] }],
  ["as a message", { message: SAYS }],
  ["in OpenAI's form", { error: { message: SAYS, type: UPSTREAM_SECRET, code: UPSTREAM_SECRET, param: UPSTREAM_SECRET } }],
  ["in OpenAI's form with a status", { error: { message: SAYS, type: UPSTREAM_SECRET, code: 422, param: UPSTREAM_SECRET } }],
  ["beside an empty answer", { error: { message: SAYS }, choices: [], data: [] }],
  ["beside what is none", { error: { message: SAYS }, choices: [null], data: [{}] }],
];

/** All that a client could see of it. */
function shown(told: unknown): string {
  if (told instanceof AlfredError) return JSON.stringify([told.message, told.hint, told.metadata, told.code]);
  return JSON.stringify(told, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

describe.each([["OpenAI", ProviderKind.PROVIDER_KIND_OPENAI], ["Azure", ProviderKind.PROVIDER_KIND_AZURE]] as const)("the operator's key, told by who speaks as %s", (_name, kind) => {
  let provider: RawProvider;
  let rig: Rig;
  let answer = "";
  let rest = "";
  let count = 0;

  const json = (body: unknown): void => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    answer = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`;
  };
  const stream = (...frames: string[]): void => void (answer = STREAM_HEAD + frames.join(""));

  beforeAll(async () => {
    // Two writes, each a read of its own.
    provider = await RawProvider.start((socket) => socket.write(answer, () => setImmediate(() => socket.end(rest))));
    const providers = [{ id: "upstream", kind, priceBook: "openai", baseUrl: provider.url, secret: UPSTREAM_SECRET }];
    rig = await Rig.start({ peers: { providers }, env: { ALFRED_UPSTREAM_MAX_ATTEMPTS: "1" } });
  });
  beforeEach(async () => {
    rest = "";
    // Each was asked for once, and leaves one.
    count = (await rig.peers.recorded(provider.requests.length)).length;
  });
  afterAll(async () => {
    await rig[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  const lastRecord = async () => (await rig.peers.recorded(count + 1)).at(-1);
  const { message } = readMessageRequest({ model: "gpt-4o-mini", max_tokens: 9, messages: [{ role: "user", content: "Hi" }] });
  const embedding = readEmbeddingRequest({ model: "text-embedding-3-small", input: "Hi" });

  /** Everything that a stream told, its error included. */
  const streamed = async (events: AsyncIterable<unknown>): Promise<unknown[]> => {
    const told: unknown[] = [];
    try {
      for await (const event of events) told.push(event);
    } catch (error) {
      told.push(error);
    }
    return told;
  };
  const WAYS: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["a chat", () => failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") }))],
    ["a streamed chat", async () => (await streamed(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") }))).at(-1)],
    ["a message", () => failureOf(rig.gateway.createMessage({ call: undefined, message }))],
    ["a streamed message", async () => (await streamed(rig.gateway.streamMessage({ call: undefined, message }))).at(-1)],
    ["vectors", () => failureOf(rig.gateway.createEmbedding({ call: undefined, embedding }))],
  ];

  test.each(WAYS.flatMap(([way, ask]) => ERRORS.map(([form, body]) => [way, form, body, ask] as const)))("in the place of %s, in an error %s, is not told, and nothing is charged", async (_way, _form, body, ask) => {
    json(body);
    const error = await ask();
    expect(error).toMatchObject({ code: expect.stringMatching(/^PROVIDER_(UNAVAILABLE|REJECTED)$/) as string, message: expect.stringContaining("Invalid key [hidden]") as string });
    expect(shown(error)).not.toContain(UPSTREAM_SECRET);
    expect(await lastRecord()).toMatchObject({ outcome: AttemptOutcome.ATTEMPT_OUTCOME_FAILED, source: UsageSource.USAGE_SOURCE_NONE, cost: { value: 0n } });
  });

  const FRAMES = [...ERRORS.map(([form, body]) => [`an error ${form}`, `data: ${JSON.stringify(body)}\n\n`] as const),
    ["an event that is an error", `event: error\ndata: ${JSON.stringify({ message: SAYS })}\n\n`],
    ["an event that is an error in words", `event: error\ndata: ${SAYS}\n\n`],
    ["an event that is an error, in a text", `event: error\ndata: ${JSON.stringify(SAYS)}\n\n`],
  ] as const;

  test.each(FRAMES)("in a frame that is %s is not told", async (_frame, text) => {
    stream(frameOf("Hello"), text, DONE);
    const told = await streamed(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") }));
    expect(told.at(-1)).toMatchObject({ code: "PROVIDER_STREAM_BROKEN", message: expect.stringMatching(/ended its answer with an error: .*Invalid key \[hidden\]/) as string });
    expect(told.map(shown).join("")).not.toContain(UPSTREAM_SECRET);
    expect(await lastRecord()).toMatchObject({ outcome: AttemptOutcome.ATTEMPT_OUTCOME_BROKEN, reason: "PROVIDER_STREAM_BROKEN" });
  });

  const escaped = JSON.stringify({ said: SAYS }).replace("sk-up", String.raw`\u0073\u006B-up`);
  const chatWith = (more: object) => ({ id: "c", object: "chat.completion", created: 1, model: "m", debug: SAYS, choices: [{ index: 0, message: { role: "assistant", content: "Hello", debug: [SAYS], ...more }, finish_reason: "stop", debug: { SAYS } }] });

  test("in an answer, be it escaped, is hidden, and the rest is as it was", async () => {
    json(JSON.stringify({ ...chatWith({ refusal: SAYS }), more: 0 }).replace('"more":0', `"more":${escaped}`));
    const { completion } = await rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") });
    expect(shown(completion)).not.toMatch(/upstream-0123|\\u0073/);
    expect(completion?.choices[0]?.message).toMatchObject({ content: { value: "Hello" }, refusal: "Invalid key [hidden]", extra: { debug: '["Invalid key [hidden]"]' } });
    expect(completion?.extra).toMatchObject({ debug: '"Invalid key [hidden]"', more: '{"said":"Invalid key [hidden]"}' });
  });

  test("in a message, and among vectors, is hidden", async () => {
    json(chatWith({ content: SAYS }));
    expect(shown(await rig.gateway.createMessage({ call: undefined, message }))).toContain("Invalid key [hidden]");
    json({ object: "list", model: "m", debug: SAYS, data: [{ object: "embedding", index: 0, embedding: [0.5], debug: SAYS }] });
    const vectors = shown(await rig.gateway.createEmbedding({ call: undefined, embedding }));
    expect(vectors).toContain("Invalid key [hidden]");
    expect(vectors).not.toContain(UPSTREAM_SECRET);
  });

  test("in the pieces of a stream, split where it stands, is hidden", async () => {
    const piece = frameOf("Hello", { finish: "stop" }).replace('"object"', `"debug":${JSON.stringify(SAYS)},"more":${escaped},"object"`);
    stream(piece, DONE);
    const whole = answer;
    for (const at of [whole.indexOf(UPSTREAM_SECRET) + 5, whole.length]) {
      [answer, rest] = [whole.slice(0, at), whole.slice(at)];
      const told = (await streamed(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") }))).map(shown).join("");
      expect(told).toContain("Hello");
      expect(told).toContain("Invalid key [hidden]");
      expect(told).not.toMatch(/upstream-0123|u0073/);
    }
  });
});
