import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AuditEvent, EventBus } from "../src/index.ts";

let made = 0n;

/** A new event, numbered in the order in which they are made. */
export function event(fields: Partial<AuditEvent> = {}): AuditEvent {
  made += 1n;
  return {
    eventId: `evt_${randomUUID()}`,
    organisationId: "org_a",
    source: "wallet",
    sourceSeq: made,
    type: "settled",
    occurredAt: new Date(1_763_720_000_123),
    bytes: Buffer.from(`event ${made}`),
    ...fields,
  };
}

/** Keeps what a consumer is given, and tells when it has so many. */
export class Received {
  readonly events: AuditEvent[] = [];
  #changed = Promise.withResolvers<void>();

  readonly handle = (each: AuditEvent): Promise<void> => {
    this.events.push(each);
    this.#changed.resolve();
    return Promise.resolve();
  };

  get ids(): string[] {
    return this.events.map(({ eventId }) => eventId);
  }

  async count(wanted: number): Promise<void> {
    while (this.events.length < wanted) {
      this.#changed = Promise.withResolvers();
      await this.#changed.promise;
    }
  }
}

/** What every event bus holds. `make` gives one that carries nothing yet. */
export function specifyEventBus(make: () => EventBus): void {
  let bus: EventBus;
  beforeEach(() => void (bus = make()));
  afterEach(() => bus[Symbol.asyncDispose]());

  test("an event arrives as it was published, to the bit", async () => {
    const received = new Received();
    bus.consume(received.handle);
    const sent = event({ sourceSeq: 2n ** 62n + 1n, organisationId: "org.with*odd >signs", bytes: new Uint8Array([0, 255, 13, 10, 0]) });
    await bus.publish(sent);
    await received.count(1);
    const [arrived] = received.events;
    expect({ ...arrived, bytes: [...(arrived?.bytes ?? [])] }).toEqual({ ...sent, bytes: [...sent.bytes] });
  });

  test("events arrive in the order in which they were published", async () => {
    const received = new Received();
    bus.consume(received.handle);
    const sent = Array.from({ length: 500 }, () => event());
    await Promise.all(sent.map((each) => bus.publish(each)));
    await received.count(sent.length);
    expect(received.ids).toEqual(sent.map(({ eventId }) => eventId));
  });

  test("what is published before there is a consumer waits for one", async () => {
    const sent = [event(), event()];
    const publishing = Promise.all(sent.map((each) => bus.publish(each)));
    const received = new Received();
    bus.consume(received.handle);
    await publishing;
    await received.count(2);
    expect(received.ids).toEqual(sent.map(({ eventId }) => eventId));
  });

  test("an event that is not handled comes again, and none overtakes it", async () => {
    const received = new Received();
    let failures = 3;
    bus.consume(async (each) => {
      if (failures > 0) {
        failures -= 1;
        throw new Error("no database");
      }
      await received.handle(each);
    });
    const sent = [event(), event(), event()];
    await Promise.all(sent.map((each) => bus.publish(each)));
    await received.count(3);
    expect(failures).toBe(0);
    expect(received.ids).toEqual(sent.map(({ eventId }) => eventId));
  });

  test("one is handled at a time", async () => {
    let [running, most] = [0, 0];
    const done = Promise.withResolvers<void>();
    let left = 20;
    bus.consume(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      left -= 1;
      if (left === 0) done.resolve();
    });
    await Promise.all(Array.from({ length: 20 }, () => bus.publish(event())));
    await done.promise;
    expect(most).toBe(1);
  });

  test("a batch is what has arrived, up to its bound, in order", async () => {
    const received = new Received();
    const sizes: number[] = [];
    const sent = Array.from({ length: 100 }, () => event());
    const publishing = Promise.all(sent.map((each) => bus.publish(each)));
    const handle = async (batch: readonly AuditEvent[]): Promise<void> => {
      sizes.push(batch.length);
      for (const each of batch) await received.handle(each);
    };
    bus.consumeBatches(handle, { maxEvents: 30 });
    await publishing;
    await received.count(100);
    expect(received.ids).toEqual(sent.map(({ eventId }) => eventId));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(30);
    expect(sizes.length).toBeLessThan(100);
  });

  test("a consumer that goes leaves what it has not handled to the next, in order", async () => {
    const first = new Received();
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const consumer = bus.consume(async (each) => {
      await first.handle(each);
      if (first.events.length < 2) return;
      entered.resolve();
      await leave.promise;
    });
    const sent = Array.from({ length: 5 }, () => event());
    const publishing = Promise.all(sent.map((each) => bus.publish(each)));
    await entered.promise;
    const leaving = consumer[Symbol.asyncDispose]();
    leave.resolve();
    await leaving;
    const second = new Received();
    bus.consume(second.handle);
    await publishing;
    await second.count(3);
    expect([...first.ids, ...second.ids]).toEqual(sent.map(({ eventId }) => eventId));
  });

  test("there is one consumer at a time", () => {
    bus.consume(() => Promise.resolve());
    expect(() => bus.consume(() => Promise.resolve())).toThrow("has a consumer already");
  });

  test("a bus that is closed accepts nothing", async () => {
    await bus[Symbol.asyncDispose]();
    await expect(bus.publish(event())).rejects.toThrow("the event bus is closed");
  });
}
