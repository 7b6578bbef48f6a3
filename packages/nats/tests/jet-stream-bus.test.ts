import { randomUUID } from "node:crypto";
import { createLogger } from "@alfred/telemetry";
import { jetstreamManager } from "@nats-io/jetstream";
import type { JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FlakyProxy } from "../../../scripts/servers/flaky-proxy.ts";
import { JetStreamBus } from "../src/index.ts";
import type { JetStreamBusOptions } from "../src/index.ts";
import { Received, event, specifyEventBus } from "./event-bus-spec.ts";

const log = createLogger({ name: "test", level: "silent" });

let connection: NatsConnection;
let manager: JetStreamManager;
const streams = new Set<string>();
beforeAll(async () => {
  connection = await connect({ servers: natsUrl() });
  manager = await jetstreamManager(connection);
});
afterAll(async () => {
  for (const stream of streams) await manager.streams.delete(stream).catch(() => false);
  await connection.close();
});

function natsUrl(): string {
  const url = process.env["NATS_URL"];
  if (url === undefined) throw new Error("NATS_URL must name a NATS server with JetStream for these tests; npm test starts one");
  return url;
}

/** A bus with a stream of its own, unless one is named. */
function open(options: Partial<JetStreamBusOptions> = {}): JetStreamBus {
  const { stream = `TEST_${randomUUID()}` } = options;
  streams.add(stream);
  return new JetStreamBus({ url: natsUrl(), name: "test", log, maxBytes: 8_000_000, ...options, stream, subject: stream.toLowerCase() });
}

function newStream(): string {
  return `TEST_${randomUUID()}`;
}

async function infoOf(stream: string): Promise<StreamInfo> {
  return await manager.streams.info(stream);
}

describe("the bus over JetStream", () => {
  specifyEventBus(() => open());

  test("makes its stream once, whoever else makes it at the same time", async () => {
    const stream = newStream();
    const buses = Array.from({ length: 8 }, () => open({ stream }));
    await Promise.all(buses.map((bus) => bus.publish(event())));
    expect((await infoOf(stream)).state.messages).toBe(buses.length);
    await Promise.all(buses.map((bus) => bus[Symbol.asyncDispose]()));
  });

  test("keeps events on disk, bounded, until they are handled, and drops what comes twice", async () => {
    const stream = newStream();
    await using bus = open({ stream });
    const sent = event();
    await bus.publish(sent);
    await bus.publish(sent);
    const { config, state } = await infoOf(stream);
    expect(config).toMatchObject({ storage: "file", retention: "workqueue", discard: "new", max_bytes: 8_000_000, subjects: [`${stream.toLowerCase()}.>`] });
    expect(state.messages).toBe(1);
    const received = new Received();
    const consumer = bus.consume(received.handle);
    await received.count(1);
    await consumer[Symbol.asyncDispose]();
    expect(received.ids).toEqual([sent.eventId]);
    expect((await infoOf(stream)).state.messages).toBe(0);
  });

  test("survives its process: another one goes on where the first stopped", async () => {
    const stream = newStream();
    const sent = Array.from({ length: 10 }, () => event());
    const first = new Received();
    await using publisher = open({ stream });
    for (const each of sent) await publisher.publish(each);
    const crashed = open({ stream });
    const entered = Promise.withResolvers<void>();
    crashed.consume(async (each) => {
      await first.handle(each);
      if (first.events.length < 4) return;
      entered.resolve();
      throw new Error("about to die");
    });
    await entered.promise;
    await crashed[Symbol.asyncDispose]();
    await using next = open({ stream });
    const second = new Received();
    next.consume(second.handle);
    await second.count(7);
    expect(second.ids).toEqual(sent.slice(3).map(({ eventId }) => eventId));
  });

  test("refuses when it is full, and accepts again when there is room", async () => {
    const stream = newStream();
    await using bus = open({ stream, maxBytes: 20_000 });
    const large = (): Promise<void> => bus.publish(event({ bytes: new Uint8Array(6_000) }));
    for (let sent = 0; sent < 3; sent += 1) await large();
    await expect(large()).rejects.toThrow(/maximum bytes exceeded/);
    const received = new Received();
    bus.consume(received.handle);
    await received.count(3);
    await expect.poll(() => large().then(() => "accepted", () => "refused")).toBe("accepted");
  });

  test("passes over what is no event", async () => {
    const stream = newStream();
    await using bus = open({ stream });
    await bus.publish(event());
    connection.publish(`${stream.toLowerCase()}.foreign`, "not an event");
    await connection.flush();
    const last = event();
    await bus.publish(last);
    const received = new Received();
    bus.consume(received.handle);
    await received.count(2);
    expect(received.ids.at(-1)).toBe(last.eventId);
  });

  test("goes on in order when the connection is cut", async () => {
    await using proxy = await FlakyProxy.start(natsUrl());
    const stream = newStream();
    await using bus = open({ stream, url: proxy.url });
    const received = new Received();
    bus.consume(received.handle);
    await bus.publish(event());
    await received.count(1);
    proxy.cut();
    const refused = await bus.publish(event()).then(() => undefined, (error: unknown) => error);
    expect(refused).toBeInstanceOf(Error);
    proxy.restore();
    const sent = Array.from({ length: 50 }, () => event());
    for (const each of sent) await expect.poll(() => bus.publish(each).then(() => "ok", () => "no"), { timeout: 20_000 }).toBe("ok");
    await expect.poll(() => received.ids.includes(sent.at(-1)?.eventId ?? ""), { timeout: 45_000 }).toBe(true);
    // What was refused may have got through after all; those that were accepted are there, once each, in order.
    const accepted = new Set(sent.map(({ eventId }) => eventId));
    expect([...new Set(received.ids)].filter((id) => accepted.has(id))).toEqual([...accepted]);
  });

  test("makes its stream anew when the server has lost it", async () => {
    const stream = newStream();
    await using bus = open({ stream });
    const received = new Received();
    bus.consume(received.handle);
    await bus.publish(event());
    await received.count(1);
    await manager.streams.delete(stream);
    const sent = event();
    await expect.poll(() => bus.publish(sent).then(() => "ok", () => "no"), { timeout: 20_000 }).toBe("ok");
    await expect.poll(() => received.ids.includes(sent.eventId), { timeout: 45_000 }).toBe(true);
  });

  test("can be made and closed while there is no server", async () => {
    const bus = open({ url: "nats://127.0.0.1:1" });
    bus.consume(() => Promise.resolve());
    const publishing = bus.publish(event());
    await Promise.all([expect(publishing).rejects.toThrow("the event bus is closed"), bus[Symbol.asyncDispose]()]);
  });
});
