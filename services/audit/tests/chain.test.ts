import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { ChainFault, Event, ListEventsResponse } from "@alfred/contracts";
import type { ChainedEvent } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ACME, emptyPlace, eventOf, failureOf, OTHER, ROOT_KEY, sql, startAudit } from "./audit-rig.ts";
import type { AuditPlace, AuditRig } from "./audit-rig.ts";

const PROGRAM = fileURLToPath(new URL("../src/verify-export.ts", import.meta.url));

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "alfred-export-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

describe("the chain of an organisation", () => {
  let cleanup: AsyncDisposableStack;
  let place: AuditPlace;
  let rig: AuditRig;

  beforeEach(async () => {
    cleanup = new AsyncDisposableStack();
    place = await emptyPlace(cleanup);
    rig = cleanup.use(await startAudit(place));
  });
  afterEach(() => cleanup.disposeAsync());

  const list = async (token = ACME.key): Promise<ChainedEvent[]> =>
    (await rig.as(token).listEvents({ organisationId: "", pageSize: 1_000, pageToken: "" })).events;
  const publish = (count: number, organisation = ACME.id): Promise<void[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => rig.bus.publish(eventOf(organisation, index + 1))));

  it("keeps events in the order of the bus, with their exact bytes, and verifies offline", async () => {
    const events = Array.from({ length: 450 }, (_, index) => eventOf(ACME.id, index + 1));
    await Promise.all(events.map((event) => rig.bus.publish(event)));

    const links = await list();
    expect(links.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => BigInt(index + 1)));
    expect(links.map(({ eventBytes }) => eventBytes.toString("hex"))).toEqual(
      events.map(({ bytes }) => Buffer.from(bytes).toString("hex")),
    );
    expect(links.map(({ event }) => event?.sourceSeq)).toEqual(events.map(({ sourceSeq }) => sourceSeq));
  });

  it("verifies offline, from the JSON of ListEvents and the file of checkpoints", async () => {
    await publish(6);
    const page = ListEventsResponse.toJSON({ events: await list(), nextPageToken: "" });
    await rig[Symbol.asyncDispose]();
    const folder = cleanup.use(await temporaryFolder());
    const checkpoints = join(place.checkpointFolder, `${ACME.id}.jsonl`);
    const verify = async (content: unknown) => {
      await writeFile(join(folder.path, "page.json"), JSON.stringify(content));
      const { status, stdout } = spawnSync(
        process.execPath,
        [PROGRAM, "--checkpoints", checkpoints, join(folder.path, "page.json")],
        { encoding: "utf8" },
      );
      return { status, said: stdout.split(", head")[0] };
    };

    const { events = [] } = page as { events?: Record<string, unknown>[] };
    expect(await verify(page)).toEqual({ status: 0, said: "whole: 6 links verified against 1 checkpoints" });
    expect(await verify({ events: events.toSpliced(2, 1) })).toEqual({
      status: 1,
      said: "missing at 3: 2 links verified against 0 checkpoints",
    });
    expect(await verify({ events: events.slice(0, 5) })).toEqual({
      status: 1,
      said: "cut_off at 6: 5 links verified against 0 checkpoints",
    });
    expect(await verify({ events: [{ ...events[0], eventBytes: "AAAA" }] })).toEqual({
      status: 1,
      said: "changed at 1: 0 links verified against 0 checkpoints",
    });
    expect(await verify([])).toEqual({ status: 1, said: "cut_off at 1: 0 links verified against 0 checkpoints" });
  });

  it("counts an event that comes twice once, and puts another one under its id aside", async () => {
    const event = eventOf(ACME.id, 1);
    await rig.bus.publish(event);
    await rig.bus.publish(event);
    await Promise.all([rig.bus.publish(event), rig.bus.publish(eventOf(ACME.id, 2))]);
    const forged = eventOf(ACME.id, 3);
    const bytes = Event.encode({ ...Event.decode(forged.bytes), eventId: event.eventId }).finish();
    await rig.bus.publish({ ...forged, eventId: event.eventId, bytes });

    expect((await list()).map(({ event: read }) => read?.sourceSeq)).toEqual([1n, 2n]);
    const [rejected] = await sql(place.databaseUrl, "SELECT reason FROM rejected_messages");
    expect(rejected).toEqual({ reason: "the event id was used before by another event" });
  });

  it("puts messages aside that are no events, and chains what comes with them", async () => {
    const poison = [
      eventOf(ACME.id, 1, { bytes: Buffer.from("ff00ff", "hex") }),
      eventOf(ACME.id, 2, { organisationId: OTHER.id }),
      eventOf(ACME.id, 3, { eventId: "evt_other" }),
      eventOf(ACME.id, 4, { sourceSeq: 9n }),
      eventOf("../../etc/passwd", 5),
    ];
    await Promise.all([...poison, eventOf(ACME.id, 6)].map((event) => rig.bus.publish(event)));

    expect((await list()).map(({ event }) => event?.sourceSeq)).toEqual([6n]);
    expect(await list(OTHER.key)).toEqual([]);
    const rejected = await sql(place.databaseUrl, "SELECT reason FROM rejected_messages ORDER BY reason");
    expect(rejected.map(({ reason }) => reason)).toEqual([
      "no usable organisation id",
      "not a serialised event",
      "the envelope names another event id",
      "the envelope names another organisation",
      "the envelope names another source sequence",
    ]);
  });

  it("pages through the chain", async () => {
    await publish(5);
    const sequences: bigint[] = [];
    for (let pageToken = "", isFirst = true; isFirst || pageToken !== ""; isFirst = false) {
      const page = await rig.as(ACME.key).listEvents({ organisationId: ACME.id, pageSize: 2, pageToken });
      sequences.push(...page.events.map(({ sequence }) => sequence));
      pageToken = page.nextPageToken;
    }
    expect(sequences).toEqual([1n, 2n, 3n, 4n, 5n]);
    const refused = await failureOf(
      rig.as(ACME.key).listEvents({ organisationId: "", pageSize: 1_001, pageToken: "" }),
    );
    expect(isFailure(refused, "INVALID_ARGUMENT") && refused.metadata["field"]).toBe("page_size");
    expect(
      isFailure(
        await failureOf(rig.as(ACME.key).listEvents({ organisationId: "", pageSize: 1, pageToken: "x" })),
        "INVALID_ARGUMENT",
      ),
    ).toBe(true);
  });

  it("streams events as they come, and resumes after a revision", async () => {
    await publish(3);
    const seen: bigint[] = [];
    const stop = new AbortController();
    const watch = rig.as(ACME.key).watchEvents({ organisationId: "", revision: 2n }, { signal: stop.signal });
    let published = false;
    for await (const message of watch) {
      if (message.event?.$case === "eventChained") seen.push(message.event.value.sequence);
      if (message.event?.$case !== "synced") continue;
      if (message.event.value.revision === 5n) break;
      if (!published) {
        published = true;
        await rig.bus.publish(eventOf(ACME.id, 4));
        await rig.bus.publish(eventOf(ACME.id, 5));
      }
    }
    stop.abort();
    expect(seen).toEqual([3n, 4n, 5n]);
  });

  it("shows a tenant its own chain only, and root also the installation's", async () => {
    await rig.bus.publish(eventOf(ACME.id, 1));
    await rig.bus.publish(eventOf("installation", 1));
    const other = rig.as(OTHER.key);
    const root = rig.as(ROOT_KEY);
    for (const organisationId of [ACME.id, "installation"]) {
      expect(
        isFailure(await failureOf(other.listEvents({ organisationId, pageSize: 0, pageToken: "" })), "NOT_FOUND"),
      ).toBe(true);
      expect(isFailure(await failureOf(other.verifyChain({ organisationId })), "NOT_FOUND")).toBe(true);
      const watched = other.watchEvents({ organisationId, revision: 0n })[Symbol.asyncIterator]().next();
      expect(isFailure(await failureOf(watched), "NOT_FOUND")).toBe(true);
      expect((await root.listEvents({ organisationId, pageSize: 0, pageToken: "" })).events).toHaveLength(1);
    }
    expect(await list(OTHER.key)).toEqual([]);
    expect(isFailure(await failureOf(root.verifyChain({ organisationId: "" })), "INVALID_ARGUMENT")).toBe(true);
    expect(await other.verifyChain({ organisationId: "" })).toMatchObject({
      whole: true,
      verified: 0n,
      fault: ChainFault.CHAIN_FAULT_UNSPECIFIED,
    });
  });

  it("goes on with the same chain after a restart", async () => {
    await publish(3);
    await rig[Symbol.asyncDispose]();
    rig = cleanup.use(await startAudit(place));
    await rig.bus.publish(eventOf(ACME.id, 4));
    expect(await list()).toHaveLength(4);
    expect(await rig.as(ACME.key).verifyChain({ organisationId: "" })).toMatchObject({ whole: true, verified: 4n });
  });

  it("does not fork a chain that two processes write", async () => {
    await using second = await startAudit(place);
    const publishAll = (to: AuditRig, from: number): Promise<void[]> =>
      Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          to.bus.publish(eventOf(index % 3 === 0 ? OTHER.id : ACME.id, from + index)),
        ),
      );
    const shared = Array.from({ length: 50 }, (_, index) => eventOf(ACME.id, 1_000 + index));
    const both = [rig, second].map((each) => Promise.all(shared.map((event) => each.bus.publish(event))));
    await Promise.all([publishAll(rig, 1), publishAll(second, 201), ...both]);

    const verdicts = await Promise.all([ACME, OTHER].map(({ key }) => rig.as(key).verifyChain({ organisationId: "" })));
    expect(verdicts.map(({ whole }) => whole)).toEqual([true, true]);
    expect(verdicts.reduce((sum, { verified }) => sum + verified, 0n)).toBe(450n);
  });
});
