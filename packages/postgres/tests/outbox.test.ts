import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OutboxRelay, appendEvents, createPool, migrate, transaction } from "../src/index.ts";
import type { DatabasePlace, DatabasePool, NewEvent, OutboxEvent, OutboxRelayOptions } from "../src/index.ts";
import { TestDatabase, TestMigrations, log } from "./test-database.ts";

let database: TestDatabase;
let place: DatabasePlace;
let pool: DatabasePool;
beforeAll(async () => {
  database = await TestDatabase.create();
  await using migrations = await TestMigrations.create({ "0001_nothing.sql": "SELECT 1;" });
  place = database.place("wallet");
  await migrate({ ...place, directory: migrations.directory, outbox: true, log });
  pool = createPool({ ...place, log });
});
beforeEach(async () => void (await pool.query("TRUNCATE outbox, outbox_counters")));
afterAll(async () => {
  await pool[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function happened(organisationId: string): NewEvent {
  return {
    eventId: `evt_${randomUUID()}`,
    organisationId,
    source: "wallet",
    type: "settled",
    occurredAt: new Date("2025-11-21T10:00:00.123Z"),
    serialise: (sourceSeq) => Buffer.from(`${organisationId}/${sourceSeq}`),
  };
}

async function append(...organisations: readonly string[]): Promise<void> {
  await transaction(pool, (client) => appendEvents(client, organisations.map(happened)));
}

function relay(publish: (event: OutboxEvent) => Promise<void>, options: Partial<OutboxRelayOptions> = {}): OutboxRelay {
  return new OutboxRelay({ pool, schema: place.schema, log, publish, pollMs: 50, ...options });
}

/** The numbers that were published, per organisation, in the order in which they were. */
class Published {
  readonly events: OutboxEvent[] = [];

  readonly publish = (event: OutboxEvent): Promise<void> => {
    this.events.push(event);
    return Promise.resolve();
  };

  of(organisationId: string): number[] {
    return this.events.filter((event) => event.organisationId === organisationId).map(({ sourceSeq }) => Number(sourceSeq));
  }
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe("appending", () => {
  test("numbers the events of each organisation without a gap, and the bytes know their number", async () => {
    await append("org_a", "org_b", "org_a");
    await append("org_b", "org_a");
    const published = new Published();
    await using running = relay(published.publish);
    await running.flush();
    expect([published.of("org_a"), published.of("org_b")]).toEqual([[1, 2, 3], [1, 2]]);
    const [first] = published.events;
    expect(first).toMatchObject({ source: "wallet", type: "settled", sourceSeq: 1n, occurredAt: new Date("2025-11-21T10:00:00.123Z") });
    expect(Buffer.from(first?.bytes ?? []).toString()).toBe("org_a/1");
  });

  test("leaves no gap where a transaction is undone", async () => {
    const undone = transaction(pool, async (client) => {
      await appendEvents(client, [happened("org_a")]);
      throw new Error("undone");
    });
    await expect(undone).rejects.toThrow("undone");
    await append("org_a");
    const { rows } = await pool.query("SELECT source_seq FROM outbox");
    expect(rows).toEqual([{ source_seq: 1n }]);
  });

  test("by many at once neither deadlocks nor skips", async () => {
    const orders = [["org_a", "org_b", "org_c"], ["org_c", "org_b", "org_a"], ["org_b", "org_c", "org_a"]];
    await Promise.all(Array.from({ length: 60 }, (_, index) => append(...(orders[index % 3] ?? []))));
    const published = new Published();
    await using running = relay(published.publish, { batchSize: 7 });
    await running.flush();
    for (const organisation of ["org_a", "org_b", "org_c"]) expect(published.of(organisation)).toEqual(upTo(60));
  });

  test("of nothing does nothing", async () => {
    await append();
    const { rows } = await pool.query("SELECT count(*) AS count FROM outbox_counters");
    expect(rows).toEqual([{ count: 0n }]);
  });
});

describe("the relay", () => {
  test("is woken by a commit, long before it would look by itself", async () => {
    const arrived = Promise.withResolvers<OutboxEvent>();
    await using running = relay((event) => Promise.resolve(arrived.resolve(event)), { pollMs: 3_600_000 });
    await running.flush();
    await append("org_a");
    expect((await arrived.promise).sourceSeq).toBe(1n);
  });

  test("finds by itself what nobody told it of", async () => {
    const arrived = Promise.withResolvers<OutboxEvent>();
    await using running = relay((event) => Promise.resolve(arrived.resolve(event)), { pollMs: 20 });
    await running.flush();
    await pool.query(
      "INSERT INTO outbox (event_id, organisation_id, source, source_seq, type, occurred_at, bytes) VALUES ('evt', 'org_a', 's', 1, 't', now(), '')",
    );
    expect((await arrived.promise).eventId).toBe("evt");
  });

  test("never passes a transaction that commits late", async () => {
    const published = new Published();
    await using running = relay(published.publish);
    const [written, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = transaction(pool, async (client) => {
      await appendEvents(client, [happened("org_a")]);
      written.resolve();
      await other.promise;
    });
    await written.promise;
    await append("org_b");
    const waiting = append("org_a");
    await running.flush();
    expect([published.of("org_a"), published.of("org_b")]).toEqual([[], [1]]);
    other.resolve();
    await Promise.all([slow, waiting]);
    await running.flush();
    expect(published.of("org_a")).toEqual([1, 2]);
  });

  test("tries again what the bus refused, and marks only what it accepted", async () => {
    await append("org_a", "org_b", "org_a");
    const published = new Published();
    const refused = new Set<string>();
    await using running = relay((event) => {
      if (event.organisationId === "org_b" && !refused.has(event.eventId)) {
        refused.add(event.eventId);
        return Promise.reject(new Error("the bus is full"));
      }
      return published.publish(event);
    });
    await running.flush();
    expect(published.events.map(({ organisationId }) => organisationId)).toEqual(["org_a", "org_a", "org_b"]);
  });

  test("works once where two run, and the second takes over", async () => {
    const [first, second] = [new Published(), new Published()];
    await append("org_a");
    const leader = relay(first.publish);
    await leader.flush();
    await using follower = relay(second.publish);
    await append("org_a", "org_a");
    await follower.flush();
    expect([first.of("org_a"), second.of("org_a")]).toEqual([[1, 2, 3], []]);
    await leader[Symbol.asyncDispose]();
    await append("org_a");
    await follower.flush();
    expect(second.of("org_a")).toEqual([4]);
  });

  test("goes on when its connection is cut", async () => {
    const published = new Published();
    await using running = relay(published.publish);
    await append("org_a");
    await running.flush();
    await database.execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'alfred-wallet' AND datname = current_database()",
    );
    await append("org_a").catch(() => append("org_a"));
    await running.flush().catch(() => running.flush());
    expect(published.of("org_a")).toEqual([1, 2]);
  });

  test("deletes what was published long enough ago, and nothing else", async () => {
    await append("org_a", "org_a");
    const before = relay(() => Promise.resolve());
    await before.flush();
    await before[Symbol.asyncDispose]();
    await pool.query("UPDATE outbox SET published_at = now() - interval '2 hours' WHERE source_seq = 1");
    await append("org_a");
    await using after = relay(() => Promise.resolve(), { keptMs: 3_600_000 });
    await after.flush();
    await append("org_a");
    await after.flush();
    const { rows } = await pool.query<{ source_seq: bigint }>("SELECT source_seq FROM outbox ORDER BY 1");
    expect(rows.map(({ source_seq: sequence }) => sequence)).toEqual([2n, 3n, 4n]);
  });

  test("stops although the bus never answers, and what was under way comes again", async () => {
    await append("org_a");
    const called = Promise.withResolvers<void>();
    const stuck = relay(() => {
      called.resolve();
      return new Promise(() => undefined);
    });
    await called.promise;
    await stuck[Symbol.asyncDispose]();
    await expect(stuck.flush()).rejects.toThrow("stopped before everything was published");
    const published = new Published();
    await using next = relay(published.publish);
    await next.flush();
    expect(published.of("org_a")).toEqual([1]);
  });
});
