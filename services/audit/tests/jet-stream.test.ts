import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ACME, emptyPlace, eventOf, jetStreamBus, sql, startAudit } from "./audit-rig.ts";
import type { AuditPlace } from "./audit-rig.ts";

describe("events that come over NATS", () => {
  let cleanup: AsyncDisposableStack;
  let place: AuditPlace;
  let stream: string;

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack();
    place = await emptyPlace(cleanup);
    stream = `AUDIT_${randomUUID().replaceAll("-", "")}`;
  });
  afterEach(() => cleanup.disposeAsync());

  const chained = async (count: number): Promise<void> => {
    for (let rows = 0; rows < count;) {
      rows = Number((await sql(place.databaseUrl, "SELECT count(*)::int AS count FROM events"))[0]?.["count"] ?? 0);
      if (rows < count) await sleep(20);
    }
  };

  it("are chained once and in order, also what came while audit was away", async () => {
    const publisher = cleanup.use(jetStreamBus(stream));
    const publish = (from: number): Promise<void[]> =>
      Promise.all(Array.from({ length: 100 }, (_, index) => publisher.publish(eventOf(ACME.id, from + index))));
    const first = await startAudit(place, (log) => jetStreamBus(stream, log));
    await publish(1);
    await chained(100);
    await first[Symbol.asyncDispose]();
    const twice = eventOf(ACME.id, 201);
    await publish(101);
    await Promise.all([publisher.publish(twice), publisher.publish(twice)]);

    const second = cleanup.use(await startAudit(place, (log) => jetStreamBus(stream, log)));
    await chained(201);
    const { events } = await second.as(ACME.key).listEvents({ organisationId: "", pageSize: 1_000, pageToken: "" });
    expect(events.map(({ event }) => event?.sourceSeq)).toEqual(
      Array.from({ length: 201 }, (_, index) => BigInt(index + 1)),
    );
    expect(await second.as(ACME.key).verifyChain({ organisationId: "" })).toMatchObject({
      whole: true,
      verified: 201n,
    });
  });

  it("are kept by NATS until they are committed", async () => {
    const publisher = cleanup.use(jetStreamBus(stream));
    const rig = cleanup.use(await startAudit(place, (log) => jetStreamBus(stream, log)));
    await publisher.publish(eventOf(ACME.id, 1));
    await chained(1);
    await sql(place.databaseUrl, "ALTER TABLE events RENAME TO away");
    await publisher.publish(eventOf(ACME.id, 2));
    await untilLogged(rig.logged, "handling events");
    await sql(place.databaseUrl, "ALTER TABLE away RENAME TO events");
    await chained(2);
    expect(await rig.as(ACME.key).verifyChain({ organisationId: "" })).toMatchObject({ whole: true, verified: 2n });
  });

  it("do not stop at a message that is none", async () => {
    const publisher = cleanup.use(jetStreamBus(stream));
    cleanup.use(await startAudit(place, (log) => jetStreamBus(stream, log)));
    await publisher.publish(eventOf(ACME.id, 1, { bytes: Buffer.from("nonsense") }));
    await publisher.publish(eventOf(ACME.id, 2));
    await chained(1);
    expect(await sql(place.databaseUrl, "SELECT reason FROM rejected_messages")).toHaveLength(1);
  });
});

async function untilLogged(lines: readonly string[], text: string): Promise<void> {
  while (!lines.some((line) => line.includes(text))) await sleep(10);
}
