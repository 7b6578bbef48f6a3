import { describe, expect, test } from "vitest";
import { Broadcast, follow, watchStream } from "../src/index.ts";
import type { Delta, WatchEvent } from "../src/index.ts";
import { failureOf, LogBook } from "./harness.ts";

type Item = { $case: "item"; value: string };
const item = (value: string): Item => ({ $case: "item", value });
const delta = (revision: bigint, ...names: string[]): Delta<Item> => ({ revision, events: names.map(item) });

/** "started", "item a", "synced 3" */
function told({ event }: { event?: WatchEvent | undefined }): string {
  if (event?.$case === "synced") return `synced ${(event.value as { revision: bigint }).revision}`;
  return event?.$case === "item" ? `item ${String(event.value)}` : "started";
}

/** Takes so many messages, as text. */
async function take(stream: AsyncIterator<{ event: WatchEvent }>, count: number): Promise<string[]> {
  const messages: string[] = [];
  while (messages.length < count) {
    const step = await stream.next();
    if (step.done === true) break;
    messages.push(told(step.value));
  }
  return messages;
}

describe("a broadcast", () => {
  test("gives every subscriber every item from the subscription on, in order", async () => {
    const broadcast = new Broadcast<{ n: number }>();
    broadcast.publish({ n: 0 });
    const first = broadcast.subscribe();
    const second = broadcast.subscribe({ filter: ({ n }) => n > 1 });
    for (const n of [1, 2, 3]) broadcast.publish({ n });
    broadcast.close();
    expect(await Array.fromAsync(first, ({ n }) => n)).toEqual([1, 2, 3]);
    expect(await Array.fromAsync(second, ({ n }) => n)).toEqual([2, 3]);
    expect(await Array.fromAsync(broadcast.subscribe())).toEqual([]);
  });

  test("ends a subscriber that lags past its bound, and no other", async () => {
    const broadcast = new Broadcast<{ n: number }>({ capacity: 3 });
    const slow = broadcast.subscribe();
    const brisk = broadcast.subscribe();
    for (const n of [1, 2, 3, 4]) {
      broadcast.publish({ n });
      await brisk.next();
    }
    expect(await failureOf(slow.next())).toMatchObject({ code: "UNAVAILABLE" });
    expect(await slow.next()).toEqual({ done: true, value: undefined });
    expect(broadcast.size).toBe(1);
  });

  test("forgets a subscriber that leaves, breaks off or is told to", async () => {
    const broadcast = new Broadcast<{ n: number }>();
    const controller = new AbortController();
    const waiting = broadcast.subscribe({ signal: controller.signal }).next();
    const left = broadcast.subscribe();
    {
      using _ = broadcast.subscribe();
      expect(broadcast.size).toBe(3);
    }
    controller.abort();
    await left.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(broadcast.size).toBe(0);
    broadcast.subscribe({ signal: AbortSignal.abort() });
    expect(broadcast.size).toBe(0);
  });
});

describe("a watch stream", () => {
  const live = (): Broadcast<Delta<Item>> => new Broadcast<Delta<Item>>();

  test("starts with a snapshot and goes on with deltas, each followed by synced", async () => {
    const broadcast = live();
    const stream = watchStream<Item>({ revision: 0n, subscribe: () => broadcast.subscribe(), snapshot: async () => delta(4n, "a", "b") });
    expect(await take(stream, 4)).toEqual(["started", "item a", "item b", "synced 4"]);
    broadcast.publish(delta(5n, "c", "d"));
    broadcast.publish(delta(6n, "e"));
    expect(await take(stream, 5)).toEqual(["item c", "item d", "synced 5", "item e", "synced 6"]);
    await stream.return();
    expect(broadcast.size).toBe(0);
  });

  test("neither misses nor repeats what happens while the snapshot is read", async () => {
    const broadcast = live();
    const snapshot = async (): Promise<Delta<Item>> => {
      broadcast.publish(delta(4n, "in the snapshot"));
      broadcast.publish(delta(5n, "after it"));
      return delta(4n, "in the snapshot");
    };
    const stream = watchStream<Item>({ revision: 0n, subscribe: () => broadcast.subscribe(), snapshot });
    expect(await take(stream, 5)).toEqual(["started", "item in the snapshot", "synced 4", "item after it", "synced 5"]);
  });

  test("resumes without a snapshot where the revision is known", async () => {
    const since = async (revision: bigint): Promise<Delta<Item>[]> => [delta(revision + 1n, "b"), delta(revision + 2n, "c")];
    const broadcast = live();
    const stream = watchStream<Item>({ revision: 7n, subscribe: () => broadcast.subscribe(), snapshot: async () => delta(9n), since });
    expect(await take(stream, 4)).toEqual(["item b", "synced 8", "item c", "synced 9"]);
  });

  test("says synced at once where nothing happened since", async () => {
    const broadcast = live();
    const stream = watchStream<Item>({ revision: 7n, subscribe: () => broadcast.subscribe(), since: async () => [] });
    expect(await take(stream, 1)).toEqual(["synced 7"]);
  });

  test("falls back to a snapshot where the revision is not known any more, or says so if it has none", async () => {
    const broadcast = live();
    const parts = { revision: 7n, subscribe: () => broadcast.subscribe(), since: async () => undefined };
    expect(await take(watchStream<Item>({ ...parts, snapshot: async () => delta(9n, "a") }), 3)).toEqual(["started", "item a", "synced 9"]);
    expect(await failureOf(watchStream<Item>(parts).next())).toMatchObject({ code: "FAILED_PRECONDITION" });
  });

  test("repeats synced while nothing happens", async () => {
    const broadcast = live();
    const stream = watchStream<Item>({ revision: 0n, subscribe: () => broadcast.subscribe(), snapshot: async () => delta(4n), heartbeatMs: 5 });
    expect(await take(stream, 4)).toEqual(["started", "synced 4", "synced 4", "synced 4"]);
    broadcast.publish(delta(5n, "a"));
    const rest = await take(stream, 3);
    expect(rest.filter((line) => line !== "synced 4").slice(0, 1)).toEqual(["item a"]);
  });

  test("ends with its subscription, and fails with it", async () => {
    const broadcast = new Broadcast<Delta<Item>>({ capacity: 1 });
    const parts = { revision: 0n, subscribe: () => broadcast.subscribe(), snapshot: async () => delta(1n) };
    const ended = watchStream<Item>(parts);
    const slow = watchStream<Item>(parts);
    await take(ended, 2);
    await take(slow, 2);
    broadcast.publish(delta(2n, "a"));
    expect(await take(ended, 2)).toEqual(["item a", "synced 2"]);
    broadcast.publish(delta(3n, "b"));
    expect(await failureOf(take(slow, 9))).toMatchObject({ code: "UNAVAILABLE" });
    broadcast.close();
    expect(await take(ended, 9)).toEqual(["item b", "synced 3"]);
  });
});

/** A watch whose openings are scripted: each entry is what one opening sends before it ends or fails. */
function scripted(script: readonly (readonly (WatchEvent | Error)[])[], stop: AbortController) {
  const openings: bigint[] = [];
  const applied: string[] = [];
  async function* open(revision: bigint): AsyncGenerator<{ event: WatchEvent }> {
    const events = script[openings.length];
    openings.push(revision);
    if (events === undefined) return stop.abort();
    for (const event of events) {
      if (event instanceof Error) throw event;
      yield { event };
    }
  }
  return { open, openings, applied, apply: (event: WatchEvent) => void applied.push(told({ event })) };
}

const started: WatchEvent = { $case: "snapshotStarted", value: {} };
const synced = (revision: bigint): WatchEvent => ({ $case: "synced", value: { revision } });

describe("following a watch", () => {
  test("opens it again when it ends or fails, from the last revision that was synced", async () => {
    const stop = new AbortController();
    const watch = scripted([[started, item("a"), synced(3n), item("b")], [item("b"), synced(4n), new Error("reset")], []], stop);
    const book = new LogBook();
    await follow({ name: "items", ...watch, signal: stop.signal, log: book.log });
    expect(watch.openings).toEqual([0n, 3n, 4n, 4n]);
    expect(watch.applied).toEqual(["started", "item a", "synced 3", "item b", "item b", "synced 4"]);
    expect(book.of("the watch broke off and is opened again")).toHaveLength(1);
  });

  test("asks for everything again when a snapshot breaks off", async () => {
    const stop = new AbortController();
    const watch = scripted([[synced(3n), started, item("a"), new Error("reset")], [started, synced(5n)]], stop);
    await follow({ name: "items", ...watch, signal: stop.signal, log: new LogBook().log });
    expect(watch.openings).toEqual([0n, 0n, 5n]);
  });

  test("starts from the revision given", async () => {
    const stop = new AbortController();
    const watch = scripted([], stop);
    await follow({ name: "items", ...watch, signal: stop.signal, log: new LogBook().log, revision: 8n });
    expect(watch.openings).toEqual([8n]);
  });

  test("tries again what could not be applied, from before it", async () => {
    const stop = new AbortController();
    const watch = scripted([[synced(3n), item("a"), synced(4n)], [item("a"), synced(4n)]], stop);
    let failures = 1;
    const apply = (event: WatchEvent): void => {
      if (event.$case === "item" && failures-- > 0) throw new Error("database away");
      watch.apply(event);
    };
    await follow({ name: "items", ...watch, apply, signal: stop.signal, log: new LogBook().log });
    expect(watch.openings).toEqual([0n, 3n, 4n]);
    expect(watch.applied).toEqual(["synced 3", "item a", "synced 4"]);
  });

  test("opens a watch anew that falls silent", async () => {
    const stop = new AbortController();
    let openings = 0;
    async function* open(_: bigint, signal: AbortSignal): AsyncGenerator<{ event: WatchEvent }> {
      openings += 1;
      if (openings === 2) stop.abort();
      yield { event: synced(1n) };
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      throw signal.reason;
    }
    await follow({ name: "items", open, apply: () => undefined, signal: stop.signal, log: new LogBook().log, silenceMs: 10 });
    expect(openings).toBe(2);
  });

  test("ends at once when it is told to, also while it waits", async () => {
    const stop = new AbortController();
    const book = new LogBook();
    const open = (): never => {
      setImmediate(() => stop.abort());
      throw new Error("down");
    };
    await follow({ name: "items", open, apply: () => undefined, signal: stop.signal, log: book.log });
    expect(book.of("the watch broke off and is opened again")).toHaveLength(1);
  });
});
