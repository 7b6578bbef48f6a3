import type { Client } from "@grpc/grpc-js";
import { Metadata } from "@grpc/grpc-js";
import { expect, test, vi } from "vitest";
import type { MethodDefinition } from "../call/definition.ts";
import { wireStream } from "./wire-stream.ts";

test("a request that cannot be written opens no call", () => {
  const createCall = vi.fn<() => void>();
  const client = { getChannel: () => ({ createCall }) } as unknown as Client;
  const requestSerialize = (): Buffer => {
    throw new TypeError("It has no such field.");
  };
  const call = { deadline: Date.now() + 1_000, signals: [] };
  const stream = (): unknown => wireStream(client, { path: "/a/B", requestSerialize } as unknown as MethodDefinition, {}, new Metadata(), call as never);
  expect(stream).toThrow("It has no such field.");
  expect(createCall).not.toHaveBeenCalled();
});
