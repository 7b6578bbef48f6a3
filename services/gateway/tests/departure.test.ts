import { AttemptOutcome, GatewayServiceService, UsageSource } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import { describe, expect, test, vi } from "vitest";
import { SECRET, keyOf } from "./peers.ts";
import { type Answer, DONE, RawProvider, STREAM_HEAD, frameOf, usageFrame, usageOf } from "./raw-provider.ts";
import { Rig, type RigOptions, chatOf, failureOf, hear } from "./rig.ts";

const { USAGE_SOURCE_REPORTED: REPORTED, USAGE_SOURCE_ESTIMATED: ESTIMATED, USAGE_SOURCE_NONE: NONE } = UsageSource;
const CANCELLED = { outcome: AttemptOutcome.ATTEMPT_OUTCOME_CANCELLED, reason: "CANCELLED" };

/** A provider that says its first words at once, and the rest when it is let. */
async function halting(rest: Answer) {
  const go = Promise.withResolvers<void>();
  const provider = await RawProvider.start(async (socket, request) => {
    socket.write(STREAM_HEAD + frameOf("Hello"));
    await go.promise;
    await rest(socket, request);
  });
  return { provider, go: () => go.resolve(), [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose]() };
}

const ending: Answer = (socket) => socket.end(frameOf(" and goodbye") + frameOf(undefined, { finish: "stop" }) + usageFrame(usageOf(900, 400)) + DONE);

const rigOn = (provider: RawProvider, env: RigOptions["env"] = {}, more: RigOptions = {}): Promise<Rig> =>
  Rig.start({ baseUrl: () => provider.url, env, ...more });

/** Asks for a stream, reads its first words, and goes away. */
async function leave(rig: Rig, fields: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const stream = rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi", fields) })[Symbol.asyncIterator]();
  await stream.next();
  await stream.next();
  await stream.return?.();
}

async function drains(rig: Rig): Promise<Record<string, number>> {
  const lines = (await rig.registry.metrics()).matchAll(/^alfred_gateway_drains_total\{end="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, end = "", count]) => [end, Number(count)]));
}

const untilDraining = (rig: Rig): Promise<boolean> => vi.waitUntil(async () => (await draining(rig)) === 1);

const draining = async (rig: Rig): Promise<number> => Number(/^alfred_gateway_draining (\d+)$/m.exec(await rig.registry.metrics())?.[1]);

describe("a stream whose client goes away", () => {
  test("is read on to its end, and charged as its provider reports", async () => {
    await using halted = await halting(ending);
    const { provider, go } = halted;
    await using rig = await rigOn(provider);
    await leave(rig);
    await untilDraining(rig);
    go();
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ ...CANCELLED, source: REPORTED, cost: { value: 900n * 1_000n + 400n * 2_000n } });
    await rig.peers.wallet.settled();
    expect([rig.peers.wallet.posted, rig.peers.wallet.held]).toEqual([record?.cost?.value, 0n]);
    expect(await drains(rig)).toEqual({ learned: 1 });
    expect(await draining(rig)).toBe(0);
  });

  test.each<[string, Answer]>([
    ["takes too long", () => undefined],
    ["breaks off", (socket) => socket.end()],
    ["tells no usage", (socket) => socket.end(frameOf(undefined, { finish: "stop" }) + DONE)],
    ["tells an error", (socket) => socket.end('data: {"error":{"message":"No."}}\n\n')],
  ])("and whose provider %s, is charged for what was said, counted", async (_, rest) => {
    await using halted = await halting(rest);
    const { provider, go } = halted;
    await using rig = await rigOn(provider, { ALFRED_GATEWAY_DRAIN_MS: "1000" });
    await leave(rig);
    await untilDraining(rig);
    go();
    await provider.closed();
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ ...CANCELLED, source: ESTIMATED });
    expect(record?.quantities).toContainEqual({ meter: "output_tokens", quantity: 1n });
    await rig.peers.wallet.settled();
    expect([rig.peers.wallet.posted, rig.peers.wallet.held]).toEqual([record?.cost?.value, 0n]);
    expect(await drains(rig)).toEqual({ gave_up: 1 });
  });

  test("is not read on further than what is held pays for, and no more is held for it", async () => {
    await using halted = await halting((socket) => {
      const more = (): void => {
        while (socket.writable && socket.write(frameOf(" word".repeat(10))));
      };
      socket.on("drain", more);
      more();
    });
    const { provider, go } = halted;
    await using rig = await rigOn(provider, { ALFRED_GATEWAY_DRAIN_MS: "60000" });
    await leave(rig, { max_tokens: 100 });
    await untilDraining(rig);
    const asked = rig.peers.wallet.acquires.length;
    go();
    await provider.closed();
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ ...CANCELLED, source: ESTIMATED });
    expect(record?.quantities.find(({ meter }) => meter === "output_tokens")?.quantity).toBeGreaterThan(100n);
    await rig.peers.wallet.settled();
    // All that was said is charged, what is beyond the hold as overrun; nothing more was asked of the wallet for it.
    expect([rig.peers.wallet.posted, rig.peers.wallet.acquires.length]).toEqual([record?.cost?.value, asked]);
    expect(await drains(rig)).toEqual({ gave_up: 1 });
  });

  test("is not read on where as many are as may be", async () => {
    await using halted = await halting(() => undefined);
    const { provider } = halted;
    await using rig = await rigOn(provider, { ALFRED_GATEWAY_MAX_DRAINS: "1", ALFRED_GATEWAY_DRAIN_MS: "60000" });
    await leave(rig);
    await untilDraining(rig);
    await leave(rig);
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ ...CANCELLED, source: ESTIMATED });
    expect([await drains(rig), await draining(rig)]).toEqual([{ refused: 1 }, 1]);
  });

  test("is not read on where its key was revoked", async () => {
    await using halted = await halting(() => undefined);
    const { provider } = halted;
    await using rig = await rigOn(provider, { ALFRED_GATEWAY_DRAIN_MS: "60000" });
    const stream = rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") })[Symbol.asyncIterator]();
    await stream.next();
    await stream.next();
    rig.peers.keys.push({ $case: "key", value: keyOf("key_1", SECRET, { revokeTime: new Date() }) });
    await expect.poll(() => rig.gateway.listModels({}).catch(({ code }: AlfredError) => code)).toBe("KEY_REVOKED");
    await stream.return?.();
    expect((await rig.peers.recorded(1))[0]).toMatchObject({ ...CANCELLED, source: ESTIMATED });
    expect(await drains(rig)).toEqual({});
  });

  test("is not read on by a gateway that stops", async () => {
    await using halted = await halting(() => undefined);
    const { provider } = halted;
    await using rig = await rigOn(provider, { ALFRED_GATEWAY_DRAIN_MS: "600000" });
    await leave(rig);
    await untilDraining(rig);
    await rig.service[Symbol.asyncDispose]();
    expect([...rig.peers.records.values()]).toMatchObject([{ ...CANCELLED, source: ESTIMATED }]);
    expect(await drains(rig)).toEqual({ gave_up: 1 });
  });

  test("is not read on past the caller's own deadline", async () => {
    await using halted = await halting(() => undefined);
    const { provider } = halted;
    await using rig = await rigOn(provider, { ALFRED_GATEWAY_DRAIN_MS: "600000" });
    const stream = rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") }, { timeoutMs: 500 })[Symbol.asyncIterator]();
    await stream.next();
    await stream.next();
    await expect(stream.next()).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await provider.closed();
    expect((await rig.peers.recorded(1))[0]).toMatchObject({ outcome: CANCELLED.outcome });
    expect((await drains(rig))["learned"]).toBeUndefined();
  });
});

describe("a whole answer whose client goes away", () => {
  const body = JSON.stringify({ id: "x", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }], usage: usageOf(7, 2) });
  const answering = (status: string, text: string): Answer => (socket) =>
    socket.end(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`);

  async function asked(answer: Answer, env: RigOptions["env"] = {}) {
    const go = Promise.withResolvers<void>();
    const came = Promise.withResolvers<void>();
    await using provider = await RawProvider.start(async (socket, request) => {
      came.resolve();
      await go.promise;
      await answer(socket, request);
    });
    await using rig = await rigOn(provider, env);
    const leaving = new AbortController();
    const failed = failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") }, { signal: leaving.signal }));
    await came.promise;
    leaving.abort(fail("CANCELLED", "Enough."));
    expect(await failed).toMatchObject({ code: "CANCELLED" });
    await (env["ALFRED_GATEWAY_DRAIN_MS"] === "0" ? rig.peers.recorded(1) : untilDraining(rig));
    go.resolve();
    const [record] = await rig.peers.recorded(1);
    await rig.peers.wallet.settled();
    expect([rig.peers.wallet.posted, rig.peers.wallet.held, provider.requests.length]).toEqual([record?.cost?.value, 0n, 1]);
    return { record, drains: await drains(rig) };
  }

  test("is read on, and charged as its provider reports", async () => {
    const { record, drains: ends } = await asked(answering("200 OK", body));
    expect(record).toMatchObject({ ...CANCELLED, source: REPORTED, cost: { value: 7n * 1_000n + 2n * 2_000n } });
    expect(ends).toEqual({ learned: 1 });
  });

  test("costs nothing where its provider then refuses it, and is not asked for again", async () => {
    const { record, drains: ends } = await asked(answering("503 Busy", "{}"));
    expect(record).toMatchObject({ ...CANCELLED, source: NONE, cost: { value: 0n } });
    expect(ends).toEqual({ gave_up: 1 });
  });

  test("costs its prompt where it takes too long", async () => {
    const { record, drains: ends } = await asked(() => undefined, { ALFRED_GATEWAY_DRAIN_MS: "1000" });
    expect(record).toMatchObject({ ...CANCELLED, source: ESTIMATED });
    expect(record?.quantities.map(({ meter }) => meter)).toEqual(["input_tokens", "requests"]);
    expect(ends).toEqual({ gave_up: 1 });
  });

  test("ends at once where nothing is read on", async () => {
    const { record, drains: ends } = await asked(answering("200 OK", body), { ALFRED_GATEWAY_DRAIN_MS: "0" });
    expect(record).toMatchObject({ ...CANCELLED, source: ESTIMATED });
    expect(ends).toEqual({});
  });
});

test("a client that goes away before its provider has the request pays nothing, and nothing is read on", async () => {
  // Its part of TLS is never said, so that the request waits for its connection.
  await using provider = await RawProvider.start(() => undefined);
  await using rig = await Rig.start({ baseUrl: () => provider.url.replace("http:", "https:"), env: { ALFRED_GATEWAY_DRAIN_MS: "60000" } });
  const leaving = new AbortController();
  const failed = failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") }, { signal: leaving.signal }));
  await vi.waitUntil(() => provider.connections > 0);
  leaving.abort();
  expect(await failed).toMatchObject({ code: "CANCELLED" });
  expect((await rig.peers.recorded(1))[0]).toMatchObject({ ...CANCELLED, source: NONE, cost: { value: 0n } });
  await rig.peers.wallet.settled();
  expect([rig.peers.wallet.posted, rig.peers.wallet.held, await drains(rig)]).toEqual([0n, 0n, {}]);
});

test("a client that goes away in the pause before another attempt pays nothing, and nothing is read on", async () => {
  await using provider = await RawProvider.start((socket) => socket.end("HTTP/1.1 503 Busy\r\nretry-after: 3\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"));
  await using rig = await rigOn(provider, { ALFRED_GATEWAY_DRAIN_MS: "60000" });
  const leaving = new AbortController();
  const failed = failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") }, { signal: leaving.signal }));
  await rig.peers.recorded(1);
  leaving.abort(fail("CANCELLED", "Enough."));
  expect(await failed).toMatchObject({ code: "CANCELLED" });
  await rig.peers.wallet.settled();
  expect([rig.peers.wallet.posted, rig.peers.wallet.held, provider.requests.length, await drains(rig)]).toEqual([0n, 0n, 1, {}]);
});

test("an answer that cannot be handed over is read on no longer than one whose client went away", async () => {
  await using halted = await halting(() => undefined);
  await using rig = await rigOn(halted.provider, { ALFRED_GATEWAY_DRAIN_MS: "100" });
  const definition = GatewayServiceService.streamChatCompletion;
  const serialize = vi.spyOn(definition, "responseSerialize").mockImplementation(() => {
    throw new TypeError("It cannot be written.");
  });
  const heard = await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") }));
  serialize.mockRestore();
  expect(heard.error).toMatchObject({ code: "INTERNAL" });
  expect((await rig.peers.recorded(1))[0]).toMatchObject({ ...CANCELLED, source: ESTIMATED });
  await halted.provider.closed();
  expect(await drains(rig)).toEqual({ gave_up: 1 });
});
