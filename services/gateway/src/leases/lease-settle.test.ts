import { describe, expect, test } from "vitest";
import { KEY_PATH, pathOf, Stage, worth } from "./lease-stage.ts";

describe("settling", () => {
  test("what is finished within a tick is told in one batch, each record with its worst case", () => {
    const stage = Stage.live();
    const first = stage.lease(100);
    stage.admit("second", 20, { path: KEY_PATH });
    stage.finish(first, 4);
    stage.finish(stage.one("admitted"), 25);
    expect(stage.take("settle")).toEqual([]);
    stage.pass(50);
    expect(stage.one("settle")).toMatchObject({
      gatewayId: "gw_1",
      incarnation: 7n,
      settlements: [
        {
          leaseId: "lease_1",
          paths: [KEY_PATH],
          records: [
            { number: 1, accountId: "key_1", worst: worth(10), cost: worth(4), isIndeterminate: false },
            { number: 2, accountId: "key_1", worst: worth(20), cost: worth(25), isIndeterminate: false },
          ],
        },
      ],
    });
  });

  test("a lease that goes on carries neither ceiling nor final", () => {
    const stage = Stage.live();
    stage.finish(stage.lease(100), 4);
    stage.pass(50);
    const [settlement] = stage.one("settle").settlements;
    expect([settlement?.ceiling, settlement?.finalCount]).toEqual([undefined, undefined]);
  });

  test("one settlement of a lease at a time; what comes meanwhile is told after", () => {
    const stage = Stage.live();
    const first = stage.lease(100);
    stage.admit("second", 10);
    const second = stage.one("admitted");
    stage.finish(first, 1);
    stage.pass(50);
    const batch = stage.one("settle");
    stage.finish(second, 2);
    stage.pass(50);
    expect(stage.take("settle")).toEqual([]);
    stage.settled(batch);
    stage.pass(50);
    expect(stage.one("settle").settlements).toMatchObject([{ records: [{ number: 2 }] }]);
  });

  test("a batch that is not answered is told again, after a pause, with what came meanwhile", () => {
    const stage = Stage.live();
    const first = stage.lease(100);
    stage.admit("second", 10);
    const second = stage.one("admitted");
    stage.finish(first, 1);
    stage.pass(50);
    const batch = stage.one("settle");
    stage.finish(second, 2);
    stage.run(stage.core.unsettled(batch.batchId, stage.nowMs));
    stage.pass(50);
    expect(stage.take("settle")).toEqual([]);
    stage.pass(50);
    expect(stage.one("settle").settlements).toMatchObject([{ records: [{ number: 1 }, { number: 2 }] }]);
    stage.settled(batch);
    expect(stage.core.figures.journaledRecords, "its late answer says nothing").toBe(2);
  });

  test("a lease that keeps failing does not hold up the others", () => {
    const stage = Stage.live();
    stage.finish(stage.lease(100), 1);
    for (let failures = 0; failures < 3; failures += 1) {
      stage.pass(2_000);
      for (const { batchId } of stage.take("settle")) stage.run(stage.core.unsettled(batchId, stage.nowMs));
    }
    const team = pathOf("key_9", "team_9");
    stage.admit("other", 10, { path: team });
    stage.grant(stage.one("acquire").acquireId, worth(10), { accountId: "team_9", leaseId: "lease_9" });
    stage.finish(stage.one("admitted"), 1);
    stage.pass(2_000);
    expect(stage.take("settle").map(({ settlements }) => settlements.map(({ leaseId }) => leaseId))).toEqual([["lease_1"], ["lease_9"]]);
  });

  test("an answer that is not about the lease counts as none", () => {
    const stage = Stage.live();
    stage.finish(stage.lease(100), 1);
    stage.pass(50);
    stage.settled(stage.one("settle"), { leaseId: "lease_x" });
    expect(stage.core.figures.journaledRecords).toBe(1);
    stage.pass(50);
    expect(stage.take("settle")).toHaveLength(1);
  });

  test("the ceiling of a closing lease is what its records can still come to, and falls", () => {
    const stage = Stage.live();
    const first = stage.lease(100, 40);
    stage.admit("second", 30);
    const second = stage.one("admitted");
    stage.finish(first, 15);
    stage.run(stage.core.recalled(["lease_1"], stage.nowMs));
    const batch = stage.one("settle");
    expect(batch.settlements).toMatchObject([{ ceiling: worth(45) }]);
    stage.settled(batch);
    stage.finish(second, 90);
    expect(stage.one("settle").settlements, "above its worst it counts as its worst").toMatchObject([{ ceiling: worth(45) }]);
  });

  test("final only after all records: it goes with the last, and never before one that is open", () => {
    const stage = Stage.live();
    const first = stage.lease(100);
    stage.admit("second", 10);
    const second = stage.one("admitted");
    stage.run(stage.core.recalled(["lease_1"], stage.nowMs));
    const ceiling = stage.one("settle");
    stage.finish(first, 1);
    stage.finish(second, 1);
    expect(stage.take("settle"), "one at a time").toEqual([]);
    expect(ceiling.settlements[0]?.finalCount).toBeUndefined();
    stage.settled(ceiling);
    const last = stage.one("settle");
    expect(last.settlements).toMatchObject([{ records: [{ number: 1 }, { number: 2 }], finalCount: 2 }]);
    stage.settled(last);
    expect(stage.core.figures).toMatchObject({ openLeases: 0, oldestGrantTimeMs: undefined, journaledRecords: 0 });
  });

  test("final only after all records: not with the first thousand of more", () => {
    const stage = Stage.live();
    const first = stage.lease(100_000);
    for (let number = 2; number <= 1_500; number += 1) stage.admit(`r${number}`, 10);
    for (const admitted of [first, ...stage.take("admitted")]) stage.finish(admitted, 1);
    stage.run(stage.core.recalled(["lease_1"], stage.nowMs));
    const batch = stage.one("settle");
    expect([batch.settlements[0]?.records.length, batch.settlements[0]?.finalCount]).toEqual([1_000, undefined]);
    stage.settled(batch);
    const [rest] = stage.one("settle").settlements;
    expect([rest?.records.length, rest?.finalCount]).toEqual([500, 1_500]);
  });

  test("a final that was not answered is told again", () => {
    const stage = Stage.live();
    stage.finish(stage.lease(100), 1);
    stage.run(stage.core.recalled(["lease_1"], stage.nowMs));
    stage.run(stage.core.unsettled(stage.one("settle").batchId, stage.nowMs));
    stage.pass(100);
    expect(stage.one("settle").settlements).toMatchObject([{ records: [{ number: 1 }], finalCount: 1, ceiling: worth(1) }]);
  });

  test("an idle lease closes after a second, one with an open record does not", () => {
    const stage = Stage.live();
    const first = stage.lease(100);
    stage.pass(5_000);
    expect(stage.core.figures.openLeases).toBe(1);
    stage.finish(first, 1);
    stage.settleAll();
    stage.pass(700);
    expect(stage.core.figures.openLeases).toBe(1);
    stage.pass(300);
    expect(stage.one("settle").settlements).toMatchObject([{ records: [], ceiling: worth(1), finalCount: 1 }]);
  });

  test("a lease past its deadline closes, and its streams go on", () => {
    const stage = Stage.live();
    const first = stage.lease(100);
    stage.pass(30_000);
    expect(stage.one("settle").settlements).toMatchObject([{ records: [], ceiling: worth(10) }]);
    stage.finish(first, 9);
    expect(stage.core.figures.openLeases).toBe(0);
  });

  test("keep-alive: while a record is open something is heard of its lease every ten seconds, even past its deadline", () => {
    const stage = Stage.live();
    stage.lease(10);
    for (let round = 0; round < 6; round += 1) {
      stage.pass(9_900);
      for (const batch of stage.take("settle")) stage.settled(batch);
      stage.pass(250);
      const batch = stage.one("settle");
      expect(batch.settlements).toMatchObject([{ leaseId: "lease_1", records: [], paths: [KEY_PATH] }]);
      stage.settled(batch);
    }
  });

  test("a lease that somebody else closed is not spent any more", () => {
    const stage = Stage.live();
    stage.finish(stage.lease(100), 1);
    stage.pass(50);
    stage.settled(stage.one("settle"), { state: "closed" });
    stage.admit("second", 10);
    expect([stage.take("admitted"), stage.take("acquire").length]).toEqual([[], 1]);
  });

  test("a settlement that is waited for goes at once and is acknowledged", () => {
    const stage = Stage.live();
    const first = stage.lease(100);
    stage.run(stage.core.finish(first.ref, worth(3), Uint8Array.of(1), stage.nowMs, true));
    const batch = stage.one("settle");
    expect(stage.take("acknowledged")).toEqual([]);
    stage.settled(batch);
    expect(stage.one("acknowledged").ref).toEqual(first.ref);
  });

  test("a record is finished once", () => {
    const stage = Stage.live();
    const first = stage.lease(100);
    stage.finish(first, 3);
    stage.take("append");
    stage.finish(first, 90);
    expect(stage.take("append")).toEqual([]);
    expect(stage.core.figures.unspentNanos).toBe(97n);
  });

  test("what was given back shows in the figures", () => {
    const stage = Stage.live();
    stage.finish(stage.lease(100, 40), 30);
    stage.pass(1_000);
    stage.settleAll();
    expect(stage.core.figures).toMatchObject({ closedCreditNanos: 100n, closedSpentNanos: 30n });
  });
});
