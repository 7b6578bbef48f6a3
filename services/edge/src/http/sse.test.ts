import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test, vi } from "vitest";
import { SseWriter } from "./sse.ts";

/** A client that never keeps up: each write waits for "drain". */
class SlowClient extends EventEmitter {
  readonly headersSent = true;
  readonly closed = false;
  write(): boolean {
    return false;
  }
}

function writerTo(client: SlowClient, signal: AbortSignal, timeoutMs = 60_000): SseWriter {
  return new SseWriter(client as unknown as ServerResponse, { silenceMs: 60_000, timeoutMs, signal });
}

describe("a stream whose client does not keep up", () => {
  afterEach(() => vi.restoreAllMocks());

  test("waits with one signal, however often it waits, and leaves nothing at the client's", async () => {
    const made = [vi.spyOn(AbortSignal, "timeout"), vi.spyOn(AbortSignal, "any")];
    const client = new SlowClient();
    using sse = writerTo(client, new AbortController().signal);
    for (let wait = 0; wait < 5; wait += 1) {
      const room = sse.data("more");
      client.emit("drain");
      await room;
    }
    expect(made.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    expect(client.eventNames()).toEqual([]);
  });

  test("is given up at the end of its time, and where its client goes away", async () => {
    using late = writerTo(new SlowClient(), new AbortController().signal, 1);
    await expect(late.data("more")).rejects.toThrow("aborted");
    const leaving = new AbortController();
    using left = writerTo(new SlowClient(), leaving.signal);
    const room = left.data("more");
    leaving.abort();
    await expect(room).rejects.toThrow("aborted");
  });
});
