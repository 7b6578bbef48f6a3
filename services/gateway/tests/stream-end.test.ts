import { AttemptOutcome, UsageSource } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { type Answer, DONE, RawProvider, STREAM_HEAD, frameOf, usageFrame, usageOf } from "./raw-provider.ts";
import { Rig, chatOf, failureOf, hear, textOf } from "./rig.ts";

const { ATTEMPT_OUTCOME_ANSWERED: ANSWERED, ATTEMPT_OUTCOME_BROKEN: BROKEN, ATTEMPT_OUTCOME_FAILED: FAILED } = AttemptOutcome;
const { USAGE_SOURCE_REPORTED: REPORTED, USAGE_SOURCE_ESTIMATED: ESTIMATED, USAGE_SOURCE_NONE: NONE } = UsageSource;

const FINISHED = frameOf("Hello") + frameOf(undefined, { finish: "stop" });
const USAGE = usageFrame(usageOf(9, 3));

const CHUNKED_HEAD = STREAM_HEAD.replace("connection: close", "transfer-encoding: chunked");
const chunkedOf = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** Says this after the head of a stream, and ends the connection as it should be. */
const saying = (...texts: readonly (string | Buffer)[]): Answer => (socket) => {
  socket.write(STREAM_HEAD);
  for (const text of texts) socket.write(text);
  socket.end();
};

async function streamed(answer: Answer, fields: Readonly<Record<string, unknown>> = {}) {
  await using provider = await RawProvider.start(answer);
  await using rig = await Rig.start({ baseUrl: () => provider.url, env: { ALFRED_UPSTREAM_IDLE_TIMEOUT_MS: "200" } });
  const heard = await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi", { stream_options: { include_usage: true }, ...fields }) }));
  const [record] = await rig.peers.recorded(1);
  await rig.peers.wallet.settled();
  expect(record?.cost?.value).toBe(rig.peers.wallet.posted);
  expect(rig.peers.wallet.held).toBe(0n);
  expect(provider.requests).toHaveLength(1);
  const chunks = heard.events.flatMap((event) => (event.$case === "chunk" ? [event.value] : []));
  const finish = chunks.flatMap(({ choices }) => choices.flatMap(({ finishReason }) => finishReason ?? []));
  return { ...heard, record, finish, last: heard.events.at(-1), usage: chunks.at(-1)?.usage };
}

describe("a stream that is whole", () => {
  test.each<[string, Answer, UsageSource]>([
    ["with all that OpenAI says", saying(FINISHED, USAGE, DONE), REPORTED],
    ["without [DONE]", saying(FINISHED, USAGE), REPORTED],
    ["without usage", saying(FINISHED, DONE), ESTIMATED],
    ["with a reason to stop and nothing after it", saying(FINISHED), ESTIMATED],
    ["with something after [DONE]", saying(FINISHED, USAGE, DONE, "data: {not json\n\n", frameOf("more")), REPORTED],
    ["with bytes that are nothing after [DONE]", saying(FINISHED, USAGE, DONE, Buffer.from([0xff, 0x00, 0x0d])), REPORTED],
    ["with [DONE] in the same piece as what follows", saying(FINISHED + USAGE + DONE + frameOf("more")), REPORTED],
    ["whose connection is reset after its reason to stop", (socket) => {
      socket.write(STREAM_HEAD + FINISHED + USAGE, () => setImmediate(() => socket.resetAndDestroy()));
    }, REPORTED],
    ["whose connection is never closed", (socket) => socket.write(STREAM_HEAD + FINISHED + USAGE), REPORTED],
  ])("%s ends as such", async (_, answer, source) => {
    const heard = await streamed(answer);
    expect(heard.error).toBeUndefined();
    expect([textOf(heard), heard.finish, heard.last?.$case]).toEqual(["Hello", ["stop"], "ended"]);
    expect(heard.usage).toBeDefined();
    expect(heard.record).toMatchObject({ outcome: ANSWERED, source, reason: "" });
  });

  test("by [DONE], though it gave no reason to stop, gets one", async () => {
    const heard = await streamed(saying(frameOf("Hello"), DONE));
    expect([heard.error, heard.finish, heard.last?.$case]).toEqual([undefined, ["stop"], "ended"]);
  });
});

describe("a stream that is not whole", () => {
  const error = { message: "The engine is on fire.", type: "server_error", code: "on_fire" };
  test.each<[string, Answer, string, string]>([
    ["ends without a word of its end", saying(frameOf("Hello")), "PROVIDER_STREAM_BROKEN", "before it was complete"],
    ["ends in the midst of a frame", saying(frameOf("Hello"), 'data: {"id":"c","choi'), "PROVIDER_STREAM_BROKEN", "before it was complete"],
    ["ends in the midst of a character", saying(frameOf("Hello"), Buffer.from(frameOf("🌿")).subarray(0, -26)), "PROVIDER_STREAM_BROKEN", "before it was complete"],
    ["is reset", (socket) => socket.write(CHUNKED_HEAD + chunkedOf(frameOf("Hello")), () => setTimeout(() => socket.resetAndDestroy(), 50)), "PROVIDER_STREAM_BROKEN", "broke off"],
    ["tells an error in a frame", saying(frameOf("Hello"), `data: ${JSON.stringify({ error })}\n\n`, DONE), "PROVIDER_STREAM_BROKEN", "on fire"],
    ["tells an error after its reason to stop", saying(FINISHED, `data: ${JSON.stringify({ error })}\n\n`, DONE), "PROVIDER_STREAM_BROKEN", "on fire"],
    ["tells an error that is a text", saying(frameOf("Hello"), `data: ${JSON.stringify({ error: "gone" })}\n\n`), "PROVIDER_STREAM_BROKEN", "gone"],
    ["has a frame that is no JSON", saying(frameOf("Hello"), "data: {oh\n\n", DONE), "PROVIDER_MALFORMED", "cannot be understood"],
    ["has a frame that is no object", saying(frameOf("Hello"), "data: 7\n\n", DONE), "PROVIDER_MALFORMED", "cannot be understood"],
    ["falls silent", (socket) => socket.write(STREAM_HEAD + frameOf("Hello")), "PROVIDER_TIMEOUT", "fell silent in the midst"],
  ])("because it %s ends with an error, and what was said is charged", async (_, answer, code, words) => {
    const heard = await streamed(answer);
    expect(heard.error).toMatchObject({ code, message: expect.stringContaining(words) as string });
    expect([textOf(heard), heard.last?.$case]).toEqual(["Hello", "chunk"]);
    expect(heard.record).toMatchObject({ outcome: BROKEN, reason: code, source: ESTIMATED });
    expect(heard.record?.quantities).toContainEqual({ meter: "output_tokens", quantity: 1n });
  });

  test.each<[string, Answer, AttemptOutcome]>([
    ["says nothing at all", saying(), BROKEN],
    ["says nothing but remarks", saying(": hello\n\n: hello\n\n"), BROKEN],
    ["says that it is done before it began", saying(DONE), BROKEN],
  ])("because it %s ends with an error, and the prompt is charged", async (_, answer, outcome) => {
    const heard = await streamed(answer);
    expect(heard.error).toMatchObject({ code: "PROVIDER_STREAM_BROKEN" });
    expect(heard.record).toMatchObject({ outcome, source: ESTIMATED });
    expect(heard.record?.quantities.map(({ meter }) => meter)).toEqual(["input_tokens", "requests"]);
  });
});

describe("something else in the place of an answer", () => {
  const json = (body: unknown): Answer => (socket) => {
    const text = JSON.stringify(body);
    socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`);
  };
  const cases: [string, unknown, string, string][] = [
    ["an error", { error: { message: "No room today.", type: "overloaded" } }, "PROVIDER_UNAVAILABLE", "No room today."],
    ["an error with a status for a code", { error: { message: "Slow down.", code: 429 }, choices: [] }, "PROVIDER_RATE_LIMITED", "Slow down."],
    ["an error that is the request's", { error: { message: "Too hot.", code: 400 } }, "PROVIDER_REJECTED", "Too hot."],
  ];

  test.each(cases)("of a stream: %s is told as it is, and costs nothing", async (_, body, code, words) => {
    await using provider = await RawProvider.start(json(body));
    await using rig = await Rig.start({ baseUrl: () => provider.url, env: { ALFRED_UPSTREAM_MAX_ATTEMPTS: "1" } });
    const heard = await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") }));
    expect(heard.error).toMatchObject({ code, message: expect.stringContaining(words) as string });
    expect((await rig.peers.recorded(1))[0]).toMatchObject({ outcome: FAILED, source: NONE, cost: { value: 0n } });
  });

  test.each(cases)("of a whole answer: %s is told as it is, and costs nothing", async (_, body, code, words) => {
    await using provider = await RawProvider.start(json(body));
    await using rig = await Rig.start({ baseUrl: () => provider.url, env: { ALFRED_UPSTREAM_MAX_ATTEMPTS: "1" } });
    const failure = await failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") }));
    expect(failure).toMatchObject({ code, message: expect.stringContaining(words) as string });
    expect((await rig.peers.recorded(1))[0]).toMatchObject({ outcome: FAILED, source: NONE, cost: { value: 0n } });
  });
});

describe("a stream in any framing", () => {
  const text = "Grüße aus 北京 🌿";
  const lines = [
    "\uFEFF: a remark", "", "retry: 5", "id: 1", "event: chunk", ...frameOf(text).trimEnd().split("\n"), "",
    `data:${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}`, "",
    ...usageFrame(usageOf(9, 3)).trimEnd().replace(',"usage"', '\ndata: ,"usage"').split("\n"), "", "data:[DONE]", "", "",
  ];
  test.each([["LF", "\n"], ["CRLF", "\r\n"], ["CR", "\r"]])("with lines that end in %s, split at every byte, is the same", async (_, end) => {
    const bytes = Buffer.from(lines.join(end));
    const heard = await streamed(async (socket) => {
      socket.setNoDelay(true);
      socket.write(STREAM_HEAD);
      for (const byte of bytes) await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
      socket.end();
    });
    expect(heard.error).toBeUndefined();
    expect([textOf(heard), heard.finish, heard.usage?.totalTokens]).toEqual([text, ["stop"], 12n]);
    expect(heard.record).toMatchObject({ outcome: ANSWERED, source: REPORTED });
  });
});
