import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { type Answer, DONE, RawProvider, STREAM_HEAD, frameOf } from "./raw-provider.ts";
import { Rig, chatOf, hear } from "./rig.ts";

const MIB = 1024 * 1024;

/** Says something again and again, as fast as it is read, and counts what the socket took. */
class Endless {
  /** Bytes that were given to the system; what it holds is not told from what was read. */
  bytes = 0;

  readonly answer: Answer = async (socket) => {
    socket.write(STREAM_HEAD + this.#before);
    while (!socket.closed) if (!this.#write(socket)) await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => undefined);
  };

  readonly #before: string;
  readonly #piece: string;

  constructor(before: string, piece: string) {
    this.#before = before;
    this.#piece = piece;
  }

  #write(socket: Socket): boolean {
    this.bytes += this.#piece.length;
    return socket.write(this.#piece);
  }
}

async function streamed(answer: Answer, env: Readonly<Record<string, string>> = {}) {
  await using provider = await RawProvider.start(answer);
  await using rig = await Rig.start({ baseUrl: () => provider.url, env });
  const heard = await hear(rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi", { max_tokens: 100 }) }));
  await provider.closed();
  await rig.peers.wallet.settled();
  expect(rig.peers.wallet.held).toBe(0n);
  return heard;
}

describe("what a provider says without end", () => {
  test.each([
    ["a line", 'data: {"', "x".repeat(64 * 1024)],
    ["a line of small pieces", 'data: {"', "x".repeat(499)],
    ["a remark", ": ", "x".repeat(64 * 1024)],
    ["one event of many lines", "", `data: ${"x".repeat(1_000)}\n`.repeat(60)],
    ["one event of empty lines", "", "data:\n".repeat(10_000)],
  ])("as %s is given up", async (_, before, piece) => {
    const endless = new Endless(frameOf("Hello") + before, piece);
    const heard = await streamed(endless.answer);
    expect(heard.error).toMatchObject({ code: "PROVIDER_MALFORMED" });
    expect(endless.bytes).toBeGreaterThan(4 * MIB);
    // What the system had taken meanwhile counts.
    expect(endless.bytes).toBeLessThan(40 * MIB);
  });

  test("as remarks is taken for a sign of life, but not beyond the time for the whole request", async () => {
    const endless = new Endless(frameOf("Hello"), ": still here\n\n".repeat(1_000));
    const heard = await streamed(endless.answer, { ALFRED_GATEWAY_REQUEST_TIMEOUT_MS: "1500" });
    expect(heard.error).toMatchObject({ code: "PROVIDER_TIMEOUT", metadata: { timeout: "whole" } });
  });

  test("as answers that were not asked for is given up", async () => {
    const heard = await streamed((socket) => {
      socket.write(STREAM_HEAD);
      for (let index = 0; index < 1_000; index += 1) socket.write(frameOf("x", { index }));
      socket.end(DONE);
    });
    expect(heard.error).toMatchObject({ code: "PROVIDER_MALFORMED", message: expect.stringContaining("128 answers") as string });
  });
});

describe("a reader that does not read", () => {
  const call = (piece: string): string => {
    const calls = [{ index: 0, id: "call_1", type: "function", function: { name: "f", arguments: piece } }];
    return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { tool_calls: calls }, finish_reason: null }] })}\n\n`;
  };

  test.each([
    ["a million tiny frames", frameOf("x")],
    ["large frames", frameOf("x".repeat(100_000))],
    ["arguments of a tool that grow", call("1".repeat(1_000))],
  ])("holds back its provider, who sends %s", async (_, frame) => {
    const endless = new Endless("", frame);
    await using provider = await RawProvider.start(endless.answer);
    await using rig = await Rig.start({ baseUrl: () => provider.url, env: { ALFRED_GATEWAY_DRAIN_MS: "0" } });
    const stream = rig.gateway.streamChatCompletion({ call: undefined, chat: chatOf("Hi", { max_tokens: 16_000 }) })[Symbol.asyncIterator]();
    await stream.next();
    await stream.next();
    let before = -1;
    // The provider has come to rest when it could say nothing more between two looks.
    await expect.poll(() => before === (before = endless.bytes), { interval: 300, timeout: 30_000 }).toBe(true);
    // The buffers of two connections, a window of 4 MiB, and what is being read.
    expect(endless.bytes).toBeLessThan(24 * MIB);
    await stream.return?.();
    await provider.closed();
  });
});
