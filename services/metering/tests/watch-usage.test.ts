import type { UsageRecord, WatchUsageResponse } from "@alfred/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, record, refusal, TestMetering } from "./harness.ts";

let metering: TestMetering;

beforeAll(async () => {
  metering = await TestMetering.start();
});
afterAll(async () => {
  await metering[Symbol.asyncDispose]();
});

/** A watch of one organisation, read event by event. */
class Watch implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #events: AsyncIterator<WatchUsageResponse>;
  revision = 0n;

  constructor(organisationId: string, revision = 0n, caller: Caller = "root") {
    const watch = metering.client(caller).watchUsage({ organisationId, revision }, { signal: this.#stop.signal });
    this.#events = watch[Symbol.asyncIterator]();
  }

  /** The records up to the next `synced`. */
  async next(): Promise<UsageRecord[]> {
    const records: UsageRecord[] = [];
    for (;;) {
      const step = await this.#events.next();
      if (step.done === true) throw new Error("the watch ended");
      const { event } = step.value;
      if (event?.$case === "record") records.push(event.value);
      if (event?.$case !== "synced") continue;
      this.revision = event.value.revision;
      return records;
    }
  }

  /** The ids of records, in order, until so many came. */
  async ids(count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) ids.push(...(await this.next()).map(({ recordId }) => recordId));
    return ids;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#events.return?.();
    this.#stop.abort();
  }
}

async function keep(organisationId: string, ...ids: string[]): Promise<void> {
  const records = ids.map((id) => record(id, { organisationId }));
  await metering.client("service").recordUsage({ requestId: `batch-${crypto.randomUUID()}`, records });
}

describe("a fresh watch", () => {
  test("starts now, and brings records whole and as they come", async () => {
    await keep("org_fresh", "req_before");
    await using watch = new Watch("org_fresh");
    expect(await watch.next()).toEqual([]);
    await keep("org_fresh", "req_after");
    const [sent] = await watch.next().then(async (records) => (records.length > 0 ? records : watch.next()));
    expect(sent).toEqual(record("req_after", { organisationId: "org_fresh" }));
  });

  test("brings nothing of another organisation, and no duplicate", async () => {
    await using watch = new Watch("org_1");
    await watch.next();
    await keep("org_2", "req_theirs");
    await keep("org_1", "req_ours");
    await keep("org_1", "req_ours", "req_more");
    expect(await watch.ids(2)).toEqual(["req_ours/1", "req_more/1"]);
  });

  test("that is quiet repeats synced", async () => {
    await using watch = new Watch("org_quiet");
    await watch.next();
    const { revision } = watch;
    expect(await watch.next()).toEqual([]);
    expect(watch.revision).toBe(revision);
  });
});

describe("a watch that resumes", () => {
  test("goes on where it left off, an organisation without any usage included", async () => {
    let revision: bigint;
    {
      await using watch = new Watch("org_resume");
      await watch.next();
      ({ revision } = watch);
    }
    await keep("org_resume", "req_1", "req_2");
    await keep("org_resume", "req_3");
    await using watch = new Watch("org_resume", revision);
    expect(await watch.ids(3)).toEqual(["req_1/1", "req_2/1", "req_3/1"]);
  });

  test("far behind gets more than a page, in order", async () => {
    await using watch = new Watch("org_far");
    await watch.next();
    const ids = Array.from({ length: 1000 }, (_, index) => `req_far_${index}`);
    await keep("org_far", ...ids);
    await using late = new Watch("org_far", watch.revision);
    expect(await late.ids(1000)).toEqual(ids.map((id) => `${id}/1`));
  });

  test("again and again while many write at once loses and repeats nothing", async () => {
    const writers = 8;
    const batches = 25;
    await using first = new Watch("org_busy");
    await first.next();
    let { revision } = first;
    const writing = Promise.all(Array.from({ length: writers }, async (_, writer) => {
      for (let index = 0; index < batches; index += 1) await keep("org_busy", `req_${writer}_${index}_a`, `req_${writer}_${index}_b`);
    }));
    const seen: string[] = [];
    while (seen.length < writers * batches * 2) {
      await using watch = new Watch("org_busy", revision);
      seen.push(...(await watch.next()).map(({ recordId }) => recordId));
      ({ revision } = watch);
    }
    await writing;
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(writers * batches * 2);
  });

  test("hears of what another process keeps in the same database", async () => {
    await using other = await TestMetering.start({ databaseUrl: metering.databaseUrl });
    await using watch = new Watch("org_shared");
    await watch.next();
    await other.client("service").recordUsage({ requestId: "elsewhere", records: [record("req_elsewhere", { organisationId: "org_shared" })] });
    expect(await watch.ids(1)).toEqual(["req_elsewhere/1"]);
  });
});

describe("a watch is refused", () => {
  const opened = async (organisationId: string, revision: bigint, caller: Caller): Promise<unknown> => {
    await using watch = new Watch(organisationId, revision, caller);
    const first = await watch.next();
    return first;
  };

  test("to a user's key", async () => {
    expect(await refusal(opened("org_1", 0n, "user"))).toMatchObject({ code: "ROLE_INSUFFICIENT" });
  });

  test("to another tenant", async () => {
    expect(await refusal(opened("org_1", 0n, "other"))).toMatchObject({ code: "NOT_FOUND" });
  });

  test("for a revision that was never given", async () => {
    for (const revision of [-1n, 10n ** 15n]) {
      expect(await refusal(opened("org_1", revision, "admin"))).toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "revision" } });
    }
  });
});
