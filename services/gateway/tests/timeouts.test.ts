import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { setInterval as every } from "node:timers/promises";
import { AttemptOutcome } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { type Answer, RawProvider, STREAM_HEAD, frameOf } from "./raw-provider.ts";
import { Rig, chatOf, failureOf, hear } from "./rig.ts";

const { ATTEMPT_OUTCOME_BROKEN: BROKEN, ATTEMPT_OUTCOME_FAILED: FAILED } = AttemptOutcome;

const whole = (rig: Rig) => failureOf(rig.gateway.createChatCompletion({ call: undefined, chat: chatOf("Hi") }));
const streamed = async (rig: Rig) => (await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi") }))).error;

/** Connections that nobody takes: a process that stands still, with more of them than its system keeps for it. */
async function standingStill(stack: AsyncDisposableStack): Promise<number> {
  const program = 'const s=require("net").createServer().listen({port:0,host:"127.0.0.1",backlog:1},()=>console.log(s.address().port))';
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  stack.defer(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(line.toString());
  child.kill("SIGSTOP");
  for (let made = 0; made < 4; made += 1) {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    stack.defer(() => void socket.destroy());
  }
  return port;
}

describe("a connection that is not made in time", () => {
  test("to who takes none is PROVIDER_TIMEOUT, tried again, and costs nothing", async () => {
    await using stack = new AsyncDisposableStack();
    const port = await standingStill(stack);
    const env = { ALFRED_UPSTREAM_CONNECT_TIMEOUT_MS: "300", ALFRED_UPSTREAM_MAX_ATTEMPTS: "2" };
    const rig = stack.use(await Rig.start({ baseUrl: () => `http://127.0.0.1:${port}`, env }));
    expect(await whole(rig)).toMatchObject({ code: "PROVIDER_TIMEOUT", metadata: { timeout: "connect", attempts: "2" } });
    const records = await rig.peers.recorded(2);
    expect(records.map(({ outcome, cost }) => [outcome, cost?.value])).toEqual([[FAILED, 0n], [FAILED, 0n]]);
    await rig.peers.wallet.settled();
    expect([rig.peers.wallet.posted, rig.peers.wallet.held]).toEqual([0n, 0n]);
  });

  test("since the other side never says its part of TLS, is the same", async () => {
    const sockets = new Set<Socket>();
    await using silent = { server: createServer((socket) => sockets.add(socket)), [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      silent.server.close();
    } };
    await once(silent.server.listen(0, "127.0.0.1"), "listening");
    const { port } = silent.server.address() as AddressInfo;
    const env = { ALFRED_UPSTREAM_CONNECT_TIMEOUT_MS: "300", ALFRED_UPSTREAM_MAX_ATTEMPTS: "1" };
    await using rig = await Rig.start({ baseUrl: () => `https://127.0.0.1:${port}`, env });
    expect(await streamed(rig)).toMatchObject({ code: "PROVIDER_TIMEOUT", metadata: { timeout: "connect" } });
    await rig.peers.wallet.settled();
    expect([rig.peers.wallet.posted, rig.peers.wallet.held]).toEqual([0n, 0n]);
  });
});

describe("an answer that does not begin in time", () => {
  const JSON_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";
  test.each<[string, Answer, (rig: Rig) => Promise<unknown>]>([
    ["without a head", () => undefined, whole],
    ["without a head, streamed", () => undefined, streamed],
    ["with nothing after its head", (socket) => socket.write(JSON_HEAD), whole],
    ["with nothing after its head, streamed", (socket) => socket.write(STREAM_HEAD), streamed],
    ["with promises only", (socket) => socket.write("HTTP/1.1 103 Early Hints\r\n\r\n"), whole],
  ])("%s is PROVIDER_TIMEOUT, not tried again, and the prompt is charged", async (_, answer, ask) => {
    await using provider = await RawProvider.start(answer);
    // Silence within the answer may last, so that it is not what ends this.
    const env = { ALFRED_UPSTREAM_FIRST_BYTE_TIMEOUT_MS: "200", ALFRED_UPSTREAM_IDLE_TIMEOUT_MS: "30000" };
    await using rig = await Rig.start({ baseUrl: () => provider.url, env });
    expect(await ask(rig)).toMatchObject({ code: "PROVIDER_TIMEOUT", metadata: { timeout: "first_byte" } });
    await provider.closed();
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ outcome: FAILED, reason: "PROVIDER_TIMEOUT", firstByteMs: undefined });
    expect(record?.quantities.map(({ meter }) => meter)).toEqual(["input_tokens", "requests"]);
    await rig.peers.wallet.settled();
    expect(rig.peers.wallet.posted).toBe(record?.cost?.value);
    expect(provider.requests).toHaveLength(1);
  });

  test("may take longer for its first byte than it may be silent later", async () => {
    await using provider = await RawProvider.start((socket) => {
      socket.write(STREAM_HEAD);
      setTimeout(() => socket.end(frameOf("Hello") + frameOf(undefined, { finish: "stop" })), 1_000);
    });
    await using rig = await Rig.start({ baseUrl: () => provider.url, env: { ALFRED_UPSTREAM_IDLE_TIMEOUT_MS: "500" } });
    expect(await streamed(rig)).toBeUndefined();
  });
});

describe("an answer that does not come to its end", () => {
  test.each<[string, string, Answer]>([
    ["between_chunks", "falls silent", (socket) => socket.write(STREAM_HEAD + frameOf("Hello"))],
    ["whole", "says remarks and no more", async (socket) => {
      socket.write(STREAM_HEAD + frameOf("Hello"));
      for await (const _ of every(20)) if (!socket.write(": still here\n\n") || socket.closed) return;
    }],
  ])("is PROVIDER_TIMEOUT (%s) where it %s, and what was said is charged", async (timeout, _, answer) => {
    await using provider = await RawProvider.start(answer);
    const env = { ALFRED_UPSTREAM_IDLE_TIMEOUT_MS: "800", ALFRED_GATEWAY_REQUEST_TIMEOUT_MS: "2000" };
    await using rig = await Rig.start({ baseUrl: () => provider.url, env });
    expect(await streamed(rig)).toMatchObject({ code: "PROVIDER_TIMEOUT", metadata: { timeout } });
    await provider.closed();
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ outcome: BROKEN, reason: "PROVIDER_TIMEOUT" });
    expect(record?.quantities).toContainEqual({ meter: "output_tokens", quantity: 1n });
    await rig.peers.wallet.settled();
    expect([rig.peers.wallet.posted, rig.peers.wallet.held]).toEqual([record?.cost?.value, 0n]);
  });

  const HALF = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"id":"c","cho';
  test.each<[string, Answer, string]>([
    ["falls silent", (socket) => socket.write(HALF), "PROVIDER_TIMEOUT"],
    ["is cut off", (socket) => socket.end(HALF), "PROVIDER_STREAM_BROKEN"],
    ["goes wrong", (socket) => socket.end(HALF.replace("content-length: 100", "connection: close")), "PROVIDER_MALFORMED"],
  ])("though it had begun, and %s, is on record as broken, with its first byte", async (_, answer, code) => {
    await using provider = await RawProvider.start(answer);
    await using rig = await Rig.start({ baseUrl: () => provider.url, env: { ALFRED_UPSTREAM_IDLE_TIMEOUT_MS: "200" } });
    expect(await whole(rig)).toMatchObject({ code });
    const [record] = await rig.peers.recorded(1);
    expect(record).toMatchObject({ outcome: BROKEN, reason: code, firstByteMs: expect.any(BigInt) as bigint });
    expect(record?.quantities.map(({ meter }) => meter)).toEqual(["input_tokens", "requests"]);
  });
});
