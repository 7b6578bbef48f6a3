import { describe, expect, test } from "vitest";
import type { JournalEntry } from "./journal-entry.ts";
import { emptyRecovery, KEY_PATH, Stage, START, worth } from "./lease-stage.ts";

/** What an earlier start left: one lease with one record that is over and one that is not. */
const LEFT: readonly JournalEntry[] = [
  { type: "gateway", gatewayId: "gw_1" },
  { type: "start", startId: "start_0", isAlwaysSynced: false },
  { type: "boot", bootId: "boot_1" },
  { type: "path", path: KEY_PATH },
  { type: "lease", leaseId: "lease_0", organisationId: "org_1", grantTimeMs: 400_000, incarnation: 6n, nextNumber: 1 },
  { type: "intent", leaseId: "lease_0", number: 1, accountId: "key_1", worst: worth(10), note: Uint8Array.of(1) },
  { type: "actual", leaseId: "lease_0", number: 1, cost: worth(4), note: Uint8Array.of(2) },
  { type: "intent", leaseId: "lease_0", number: 2, accountId: "key_1", worst: worth(20), note: Uint8Array.of(3) },
];

describe("who is alive", () => {
  test("the start id is on disk before the wallet hears of it", () => {
    const stage = new Stage();
    stage.isJournalHeld = true;
    stage.start();
    expect(stage.one("append")).toMatchObject({
      sync: true,
      entries: [{ type: "gateway", gatewayId: "gw_1" }, { type: "start", startId: START, isAlwaysSynced: false }],
    });
    expect(stage.take("hello")).toEqual([]);
    stage.writes();
    expect(stage.one("hello")).toEqual({ type: "hello", gatewayId: "gw_1", startId: START, replaces: "", isIntact: true, leaseIds: [] });
  });

  test("the boot id is on disk after the welcome and before the first admission", () => {
    const stage = new Stage();
    stage.start();
    stage.admit("r", 10);
    stage.isJournalHeld = true;
    stage.run(stage.core.welcomed(START, 7n, stage.nowMs));
    expect(stage.one("compact").entries.at(-1)).toEqual({ type: "boot", bootId: "boot_1" });
    expect([stage.core.isLive, stage.take("acquire")]).toEqual([false, []]);
    stage.writes();
    expect(stage.core.isLive).toBe(true);
    expect(stage.one("acquire")).toMatchObject({ acquireId: "gw_1/7/1", incarnation: 7n });
  });

  test("a later start names the one that it replaces and the leases that the journal has", () => {
    const stage = new Stage();
    stage.start(emptyRecovery({}, LEFT));
    expect(stage.one("append").entries).toEqual([{ type: "start", startId: START, isAlwaysSynced: false }]);
    expect(stage.one("hello")).toMatchObject({ gatewayId: "gw_1", replaces: "start_0", isIntact: true, leaseIds: ["lease_0"] });
  });

  test("a journal is not intact where the machine restarted, or where it is damaged or marked", () => {
    for (const found of [{ bootId: "boot_2" }, { isCorrupt: true }, { isMarkedLost: true }]) {
      const stage = new Stage();
      stage.start(emptyRecovery(found, LEFT));
      expect(stage.one("hello").isIntact, JSON.stringify(found)).toBe(false);
    }
  });

  test("where the wallet knows an earlier start of the journal, that one is replaced", () => {
    const stage = new Stage();
    const entries: JournalEntry[] = [...LEFT, { type: "start", startId: "start_unheard", isAlwaysSynced: false }];
    stage.start(emptyRecovery({}, entries));
    expect(stage.one("hello").replaces).toBe("start_unheard");
    stage.run(stage.core.superseded("start_0", stage.nowMs));
    expect(stage.one("hello")).toMatchObject({ replaces: "start_0", isIntact: true });
  });

  test("a journal that does not know the start that the wallet names is lost", () => {
    const stage = new Stage();
    stage.start(emptyRecovery({}, LEFT));
    stage.take("hello");
    stage.run(stage.core.superseded("start_elsewhere", stage.nowMs));
    expect(stage.one("hello")).toMatchObject({ replaces: "start_elsewhere", isIntact: false });
    stage.run(stage.core.superseded("start_elsewhere", stage.nowMs));
    expect(stage.take("hello"), "told twice").toEqual([]);
  });

  test("superseded: nothing more is admitted, what was admitted is settled, then it is over", () => {
    const stage = Stage.live();
    const admitted = stage.lease(100);
    stage.admit("second", 10);
    const other = stage.one("admitted");
    stage.admit("waits", 1_000);
    stage.run(stage.core.superseded("start_2", stage.nowMs));
    expect(stage.one("halted").reason).toBe("superseded");
    expect(stage.one("timedOut")).toEqual({ type: "timedOut", id: "waits", reason: "superseded" });
    stage.admit("late", 1);
    expect(stage.one("timedOut").reason).toBe("superseded");
    stage.run(stage.core.stop(stage.nowMs));
    stage.finish(admitted, 5);
    stage.settleAll();
    expect(stage.take("drained")).toEqual([]);
    stage.finish(other, 5);
    stage.settleAll();
    expect(stage.take("drained")).toHaveLength(1);
    expect(stage.journal).not.toContainEqual({ type: "clean" });
  });

  test("superseded while an intent is written: the request does not go", () => {
    const stage = Stage.live();
    stage.lease(100);
    stage.isJournalHeld = true;
    stage.admit("writing", 10);
    stage.run(stage.core.superseded("start_2", stage.nowMs));
    stage.writes();
    expect(stage.take("admitted")).toEqual([]);
    expect(stage.one("timedOut").id).toBe("writing");
    expect(stage.journal.at(-1)).toMatchObject({ type: "actual", number: 2, cost: worth(0) });
  });

  test("an acquire refused as stale supersedes, and late word of an earlier start does not", () => {
    const stage = Stage.live({}, emptyRecovery({}, LEFT));
    stage.run(stage.core.superseded("start_0", stage.nowMs));
    expect(stage.core.isLive).toBe(true);
    stage.run(stage.core.superseded("", stage.nowMs));
    expect(stage.core.isLive).toBe(false);
  });

  test("a welcome with another number means that the wallet lost what it knew", () => {
    const stage = Stage.live();
    stage.run(stage.core.welcomed(START, 7n, stage.nowMs));
    expect(stage.core.isLive).toBe(true);
    stage.run(stage.core.welcomed(START, 8n, stage.nowMs));
    expect(stage.one("halted").reason).toBe("superseded");
  });
});

describe("after a crash", () => {
  test("an actual is settled again, an intent without one at its worst, as indeterminate", () => {
    const stage = Stage.live({}, emptyRecovery({}, LEFT));
    expect(stage.one("settle").settlements).toEqual([
      {
        leaseId: "lease_0",
        paths: [KEY_PATH],
        records: [
          { number: 1, accountId: "key_1", worst: worth(10), cost: worth(4), isIndeterminate: false },
          { number: 2, accountId: "key_1", worst: worth(20), cost: worth(20), isIndeterminate: true },
        ],
        finalCount: 2,
        grantTimeMs: 400_000,
      },
    ]);
  });

  test("usage is reported from the notes: the actual's, or the intent's", () => {
    const stage = Stage.live({}, emptyRecovery({}, LEFT));
    expect(stage.one("report").records).toEqual([
      { ref: { leaseId: "lease_0", number: 1 }, note: Uint8Array.of(2), isIndeterminate: false },
      { ref: { leaseId: "lease_0", number: 2 }, note: Uint8Array.of(3), isIndeterminate: true },
    ]);
  });

  test("nothing is replayed before the welcome", () => {
    const stage = new Stage();
    stage.start(emptyRecovery({}, LEFT));
    stage.pass(1_000);
    expect([stage.take("settle"), stage.take("report")]).toEqual([[], []]);
  });

  test("the journal keeps a record until the wallet and metering both have it", () => {
    const stage = Stage.live({}, emptyRecovery({}, LEFT));
    stage.settled(stage.one("settle"));
    expect(stage.core.figures.journaledRecords).toBe(2);
    for (const { ref } of stage.one("report").records) stage.run(stage.core.noted(ref, stage.nowMs));
    expect(stage.core.figures).toMatchObject({ journaledRecords: 0, oldestGrantTimeMs: undefined });
  });

  test("a crash during the replay replays the same again", () => {
    const stage = Stage.live({}, emptyRecovery({}, LEFT));
    const again = Stage.live({}, emptyRecovery({}, stage.journal));
    expect(again.one("settle").settlements).toEqual(stage.one("settle").settlements);
    expect(again.one("report")).toEqual(stage.one("report"));
  });

  test("a lease without records left is closed with the count of those that were", () => {
    const header = { type: "lease", leaseId: "lease_9", organisationId: "org_1", grantTimeMs: 1, incarnation: 6n, nextNumber: 4 } as const;
    const stage = Stage.live({}, emptyRecovery({}, [...LEFT.slice(0, 3), header]));
    expect(stage.one("settle").settlements).toMatchObject([{ leaseId: "lease_9", records: [], finalCount: 3 }]);
  });

  test("a lease whose records the journal has no more names the organisation: the wallet takes no settlement without a path", () => {
    const header = { type: "lease", leaseId: "lease_9", organisationId: "org_1", grantTimeMs: 1, incarnation: 6n, nextNumber: 4 } as const;
    const stage = Stage.live({}, emptyRecovery({}, [...LEFT.slice(0, 3), header]));
    const [settlement] = stage.one("settle").settlements;
    expect(settlement?.paths).toMatchObject([{ organisationId: "org_1", accounts: [{ id: "org_1" }] }]);
  });

  test("a record whose path a damaged journal lost stays in suspense", () => {
    const stage = Stage.live({}, emptyRecovery({ isCorrupt: true }, LEFT.filter(({ type }) => type !== "path")));
    expect(stage.one("settle").settlements).toMatchObject([{ leaseId: "lease_0", records: [], finalCount: 2 }]);
  });
});
