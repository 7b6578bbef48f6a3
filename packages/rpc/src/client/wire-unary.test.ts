import type { Client, StatusObject } from "@grpc/grpc-js";
import { Metadata, status as codes } from "@grpc/grpc-js";
import { expect, test, vi } from "vitest";
import type { MethodDefinition } from "../call/definition.ts";
import { wireUnary } from "./wire-unary.ts";

interface Listener {
  onReceiveMessage(message: Buffer): void;
  onReceiveStatus(status: StatusObject): void;
}

/** A channel whose calls are answered so; the number of its calls so far. */
function channel(answer: (listener: Listener) => void) {
  const wire = { start: (_: Metadata, listener: Listener) => setImmediate(answer, listener), sendMessageWithContext: () => 0, halfClose: () => 0, startRead: () => 0, cancelWithStatus: () => 0 };
  const createCall = vi.fn<() => typeof wire>(() => wire);
  return { client: { getChannel: () => ({ createCall }) } as unknown as Client, createCall };
}

const OK = { code: codes.OK, details: "", metadata: new Metadata() };
const METHOD = { path: "/a/B", requestSerialize: () => Buffer.of(), responseDeserialize: (bytes: Buffer) => bytes.toString() } as unknown as MethodDefinition;

function ask(client: Client, changes: Partial<MethodDefinition> = {}): Promise<unknown> {
  return wireUnary(client, { ...METHOD, ...changes }, {}, new Metadata(), { deadline: Date.now() + 1_000, signals: [], metadata: {} });
}

function refuses(): never {
  throw new TypeError("It has no such field.");
}

test("the answer is the message", async () => {
  const { client } = channel((listener) => (listener.onReceiveMessage(Buffer.from("yes")), listener.onReceiveStatus(OK)));
  expect(await ask(client)).toBe("yes");
});

test("a request that cannot be written opens no call", async () => {
  const { client, createCall } = channel(() => undefined);
  await expect(ask(client, { requestSerialize: refuses })).rejects.toMatchObject({ code: "INTERNAL" });
  expect(createCall).not.toHaveBeenCalled();
});

test("an answer that cannot be read, and none at all, is INTERNAL", async () => {
  const { client } = channel((listener) => (listener.onReceiveMessage(Buffer.from("yes")), listener.onReceiveStatus(OK)));
  await expect(ask(client, { responseDeserialize: refuses })).rejects.toMatchObject({ code: "INTERNAL" });
  await expect(ask(channel((listener) => listener.onReceiveStatus(OK)).client)).rejects.toMatchObject({ code: "INTERNAL" });
});

test("a status that is not OK says why, whatever came before it", async () => {
  const lost = { ...OK, code: codes.UNAVAILABLE, details: "connection lost" };
  const { client } = channel((listener) => (listener.onReceiveMessage(Buffer.from("yes")), listener.onReceiveStatus(lost)));
  await expect(ask(client)).rejects.toMatchObject({ code: "UNAVAILABLE" });
});
