import { BudgetWarning } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import { emptyRecovery, KEY_PATH, pathOf, Stage, worth } from "./lease-stage.ts";

describe("spending it", () => {
  test("journal before dispatch: nothing is admitted before its intent is appended", () => {
    const stage = Stage.live();
    stage.take("append");
    stage.isJournalHeld = true;
    stage.admit("a", 10, { note: Uint8Array.of(9) });
    stage.grant(stage.one("acquire").acquireId, worth(50));
    expect(stage.one("append")).toMatchObject({
      sync: false,
      entries: [
        { type: "path", path: KEY_PATH },
        { type: "lease", leaseId: "lease_1", organisationId: "org_1", grantTimeMs: 500_000, incarnation: 7n, nextNumber: 1 },
        { type: "intent", leaseId: "lease_1", number: 1, accountId: "key_1", worst: worth(10), note: Uint8Array.of(9) },
      ],
    });
    expect(stage.take("admitted")).toEqual([]);
    stage.writes();
    expect(stage.one("admitted")).toMatchObject({ id: "a", ref: { leaseId: "lease_1", number: 1 }, worst: worth(10) });
  });

  test("where every admission is synced, appended alone does not admit", () => {
    const stage = Stage.live({}, emptyRecovery({ isAlwaysSynced: true }));
    stage.take("append");
    stage.isJournalHeld = true;
    stage.admit("a", 10);
    stage.grant(stage.one("acquire").acquireId, worth(50));
    const { token, sync } = stage.one("append");
    expect(sync).toBe(true);
    stage.run(stage.core.appended(token, stage.nowMs));
    expect(stage.take("admitted")).toEqual([]);
    stage.run(stage.core.synced(token, stage.nowMs));
    expect(stage.take("admitted")).toHaveLength(1);
  });

  test("a caller is told of the soft limits on its own path alone, as the wallet last spoke of each", () => {
    const stage = Stage.live();
    const passed = (...accountIds: string[]) => ({ warnings: accountIds.map((accountId) => BudgetWarning.fromPartial({ accountId, soft: 5n, posted: 6n })) });
    const toldTo = (id: string, path = KEY_PATH): string[] => {
      stage.admit(id, 10, { path });
      return stage.one("admitted").warnings.map(({ accountId }) => accountId);
    };
    const other = pathOf("key_2", "team_1");
    stage.lease(100, 10, passed("key_1", "team_1"));
    stage.admit("a", 10, { path: other });
    stage.grant(stage.one("acquire").acquireId, worth(100), passed("key_2", "team_1"));
    const admitted = stage.one("admitted");
    expect([admitted.warnings.map(({ accountId }) => accountId), toldTo("b"), toldTo("c", other)]).toEqual([["key_2", "team_1"], ["key_1", "team_1"], ["key_2", "team_1"]]);
    stage.finish(admitted, 10);
    stage.pass(50);
    stage.settled(stage.one("settle"), passed("team_1"));
    expect([toldTo("d"), toldTo("e", other)]).toEqual([["key_1", "team_1"], ["team_1"]]);
  });

  test("no append carries more than the journal takes at once, however many wait", () => {
    const stage = Stage.live();
    for (let index = 0; index < 1_200; index += 1) stage.admit(`r${index}`, 10);
    stage.take("append");
    stage.grant(stage.one("acquire").acquireId, worth(12_000));
    const intents = stage.take("append").map(({ entries }) => entries.filter(({ type }) => type === "intent").length);
    expect(intents).toEqual([500, 500, 200]);
    expect(stage.take("admitted")).toHaveLength(1_200);
  });

  test("one write serves all that wait, and names a path and a lease once", () => {
    const stage = Stage.live();
    for (const id of ["a", "b", "c"]) stage.admit(id, 10);
    stage.take("append");
    stage.grant(stage.one("acquire").acquireId, worth(100));
    expect(stage.one("append").entries.map(({ type }) => type)).toEqual(["path", "lease", "intent", "intent", "intent"]);
    stage.admit("d", 10);
    expect(stage.one("append").entries.map(({ type }) => type)).toEqual(["intent"]);
    stage.admit("e", 10, { path: pathOf("key_1", "team_2", "team_1") });
    expect(stage.one("append").entries.map(({ type }) => type), "the leaf moved").toEqual(["path", "intent"]);
  });

  test("a worst case is taken for every unit at once or not at all", () => {
    const stage = Stage.live();
    stage.lease(0, 10, { credit: { nanos: 1_000n, tokens: 5n } });
    stage.admit("long", 0, { worst: { nanos: 1n, tokens: 5n } });
    expect(stage.take("admitted")).toEqual([]);
    expect(stage.one("acquire").minimum).toEqual({ nanos: 1n, tokens: 5n });
  });

  test("what a finished record left is admitted again from the same lease", () => {
    const stage = Stage.live();
    const first = stage.lease(10);
    stage.finish(first, 4);
    stage.admit("second", 6);
    expect(stage.one("admitted").ref).toEqual({ leaseId: "lease_1", number: 2 });
    expect(stage.take("acquire")).toEqual([]);
  });

  test("a record above its worst case counts as its worst case", () => {
    const stage = Stage.live();
    stage.finish(stage.lease(20), 500);
    stage.admit("second", 10);
    expect(stage.take("admitted")).toHaveLength(1);
    stage.settleAll();
    expect(stage.core.figures.unspentNanos).toBe(0n);
  });

  test("the deadline counts from the first send of the acquire", () => {
    const stage = Stage.live();
    stage.admit("a", 10, { deadlineMs: stage.nowMs + 60_000 });
    const { acquireId } = stage.one("acquire");
    stage.run(stage.core.unanswered(acquireId, stage.nowMs));
    stage.pass(20_000);
    stage.grant(acquireId, worth(100));
    expect(stage.take("admitted")).toHaveLength(1);
    stage.nowMs += 9_999;
    stage.admit("in time", 10);
    expect(stage.take("admitted")).toHaveLength(1);
    stage.nowMs += 1;
    stage.admit("late", 10);
    expect(stage.take("admitted")).toEqual([]);
  });

  test("a deadline that passes while the intent is written sends the request to another lease", () => {
    const stage = Stage.live();
    stage.lease(100);
    stage.isJournalHeld = true;
    stage.admit("a", 10, { deadlineMs: stage.nowMs + 60_000 });
    stage.admit("b", 10, { deadlineMs: stage.nowMs + 60_000 });
    stage.nowMs += 30_000;
    stage.writes();
    expect(stage.take("admitted")).toEqual([]);
    stage.grant(stage.one("acquire").acquireId, worth(50));
    expect(stage.take("admitted").map(({ id, ref }) => [id, ref.leaseId])).toEqual([["a", "lease_2"], ["b", "lease_2"]]);
  });

  test("a request has a deadline of its own: then no money moved", () => {
    const stage = Stage.live();
    stage.admit("a", 10);
    stage.pass(4_999);
    expect(stage.take("timedOut")).toEqual([]);
    stage.pass(1);
    expect(stage.one("timedOut")).toEqual({ type: "timedOut", id: "a", reason: "deadline" });
    expect(stage.journal.filter(({ type }) => type === "intent")).toEqual([]);
  });

  test("a waiting request that is abandoned makes room for the next", () => {
    const stage = Stage.live();
    stage.admit("big", 100);
    stage.admit("small", 10);
    stage.run(stage.core.abandon("big", stage.nowMs));
    stage.grant(stage.one("acquire").acquireId, worth(100));
    expect(stage.one("admitted").id).toBe("small");
    stage.run(stage.core.abandon("small", stage.nowMs));
    stage.run(stage.core.abandon("unknown", stage.nowMs));
    expect(stage.core.figures.waiting).toBe(0);
  });

  test("a request that is abandoned while its intent is written costs nothing", () => {
    const stage = Stage.live();
    stage.lease(100);
    stage.isJournalHeld = true;
    stage.admit("gone", 10);
    stage.run(stage.core.abandon("gone", stage.nowMs));
    stage.writes();
    expect(stage.take("admitted")).toEqual([]);
    expect(stage.journal.at(-1)).toMatchObject({ type: "actual", number: 2, cost: worth(0) });
    expect(stage.core.figures.unspentNanos).toBe(90n);
  });

  test("a reservation is a lease with one record", () => {
    const stage = Stage.live();
    const held = { leaseId: "lease_r", organisationId: "org_1", grantTimeMs: 600_000, remaining: { nanos: 5n }, warnings: [] };
    const request = { id: "r", path: KEY_PATH, worst: worth(30), note: Uint8Array.of(1), deadlineMs: stage.nowMs + 5_000 };
    stage.run(stage.core.adopt(held, request, stage.nowMs));
    const admitted = stage.one("admitted");
    expect(admitted).toMatchObject({ id: "r", ref: { leaseId: "lease_r", number: 1 }, remaining: { nanos: 5n } });
    expect(stage.journal.slice(-2).map(({ type }) => type)).toEqual(["lease", "intent"]);
    stage.admit("another", 1);
    expect(stage.take("admitted"), "nobody else spends it").toEqual([]);
    stage.run(stage.core.finish(admitted.ref, worth(12), Uint8Array.of(2), stage.nowMs, true));
    const batch = stage.one("settle");
    expect(batch.settlements).toMatchObject([{ leaseId: "lease_r", records: [{ number: 1, worst: worth(30), cost: worth(12) }], finalCount: 1 }]);
    stage.settled(batch, { remaining: { nanos: 23n }, warnings: [] });
    expect(stage.one("acknowledged")).toEqual({ type: "acknowledged", ref: admitted.ref, remaining: { nanos: 23n }, warnings: [] });
  });

  test("a reservation that comes too late to be spent is closed without a record", () => {
    const stage = Stage.live();
    stage.run(stage.core.stop(stage.nowMs));
    const held = { leaseId: "lease_r", organisationId: "org_1", grantTimeMs: 600_000, remaining: {}, warnings: [] };
    const request = { id: "r", path: KEY_PATH, worst: worth(30), note: Uint8Array.of(), deadlineMs: stage.nowMs + 5_000 };
    stage.run(stage.core.adopt(held, request, stage.nowMs));
    expect(stage.one("timedOut").reason).toBe("stopped");
    stage.pass(50);
    expect(stage.one("settle").settlements).toMatchObject([{ leaseId: "lease_r", finalCount: 0, ceiling: worth(0) }]);
  });

  test("what is left is what the wallet last said and what is unspent here", () => {
    const stage = Stage.live();
    const first = stage.lease(100, 10, { remaining: { nanos: 1_000n } });
    expect(first.remaining).toEqual({ nanos: 1_090n });
    stage.finish(first, 10);
    stage.pass(50);
    stage.settled(stage.one("settle"), { remaining: { nanos: 500n } });
    expect(stage.core.remaining(first.ref)).toEqual({ nanos: 590n });
  });
});

describe("a disk that fails", () => {
  test("halts admission, and what was admitted is settled from memory", () => {
    const stage = Stage.live();
    const first = stage.lease(100);
    stage.isJournalHeld = true;
    stage.admit("writing", 10);
    stage.admit("waits", 1_000);
    stage.take("settle");
    stage.run(stage.core.diskFailed(stage.nowMs));
    expect(stage.one("halted").reason).toBe("disk");
    expect(stage.take("timedOut").map(({ id, reason }) => [id, reason])).toEqual([["writing", "disk"], ["waits", "disk"]]);
    stage.take("append");
    stage.finish(first, 7);
    expect(stage.take("append")).toEqual([]);
    stage.run(stage.core.unsettled(1, stage.nowMs));
    stage.pass(200);
    const batch = stage.one("settle");
    expect(batch.settlements).toMatchObject([{ records: [{ number: 2, cost: worth(0) }, { number: 1, cost: worth(7) }], finalCount: 2 }]);
  });

  test("ends without a mark that says that all is there", () => {
    const stage = Stage.live();
    stage.run(stage.core.diskFailed(stage.nowMs));
    stage.run(stage.core.stop(stage.nowMs));
    expect(stage.take("drained")).toHaveLength(1);
    expect(stage.journal).not.toContainEqual({ type: "clean" });
  });
});
