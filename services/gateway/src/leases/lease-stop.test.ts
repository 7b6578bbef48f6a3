import { describe, expect, test } from "vitest";
import { Stage, worth } from "./lease-stage.ts";

describe("the journal is rewritten", () => {
  test("once it is long, to what is still needed, which reads as the same", () => {
    const stage = Stage.live({ compactAfter: 20 });
    const open = stage.lease(1_000);
    stage.pass(0);
    for (let index = 0; index < 20; index += 1) {
      stage.admit(`r${index}`, 10);
      stage.finish(stage.one("admitted"), 1);
    }
    stage.take("compact");
    stage.settleAll();
    expect(stage.take("compact")).toEqual([]);
    stage.pass(250);
    expect(stage.one("compact").entries.map(({ type }) => type)).toEqual(["gateway", "start", "boot", "lease", "path", "intent"]);
    expect(stage.journal.find(({ type }) => type === "lease")).toMatchObject({ nextNumber: 22 });
    stage.admit("next", 10);
    expect(stage.journal.at(-1), "the path and the lease are in it").toMatchObject({ type: "intent", number: 22 });
    stage.finish(open, 1);
  });

  test("keeps a closed lease whose usage metering does not have", () => {
    const stage = Stage.live({ compactAfter: 1 });
    const first = stage.lease(100);
    stage.finish(first, 5, Uint8Array.of(8));
    stage.pass(1_000);
    stage.settleAll();
    stage.run(stage.core.finish(first.ref, worth(1), Uint8Array.of(), stage.nowMs));
    stage.pass(250);
    expect(stage.journal).toContainEqual({ type: "actual", leaseId: "lease_1", number: 1, cost: worth(5), note: Uint8Array.of(8) });
    stage.run(stage.core.noted(first.ref, stage.nowMs));
    expect(stage.core.figures.journaledRecords).toBe(0);
  });
});

describe("a stop", () => {
  test("admits nothing, settles all, marks the journal clean on disk, and then it is over", () => {
    const stage = Stage.live();
    const first = stage.lease(100);
    stage.admit("waits", 1_000);
    stage.run(stage.core.stop(stage.nowMs));
    expect(stage.one("timedOut")).toMatchObject({ id: "waits", reason: "stopped" });
    stage.admit("late", 1);
    expect(stage.one("timedOut").id).toBe("late");
    expect(stage.journal.at(-1), "as soon as nothing can be admitted").toEqual({ type: "clean" });
    stage.grant(stage.one("acquire").acquireId, worth(5_000));
    stage.finish(first, 5);
    stage.isJournalHeld = true;
    stage.settleAll();
    expect(stage.take("drained")).toEqual([]);
    stage.writes();
    expect(stage.take("drained")).toHaveLength(1);
    expect(stage.journal.map(({ type }) => type)).toEqual(["gateway", "start", "boot", "clean"]);
    expect(stage.core.figures.oldestGrantTimeMs).toBeUndefined();
  });

  test("waits for intents that are being written before it says so", () => {
    const stage = Stage.live();
    stage.lease(100);
    stage.isJournalHeld = true;
    stage.admit("writing", 10);
    stage.run(stage.core.stop(stage.nowMs));
    expect(stage.one("timedOut").id).toBe("writing");
    expect(stage.take("append").flatMap(({ entries }) => entries)).not.toContainEqual({ type: "clean" });
    stage.writes();
    expect(stage.journal).toContainEqual({ type: "clean" });
  });

  test("after the disk failed and another start took over waits for no grant", () => {
    const stage = Stage.live();
    stage.admit("waits", 1_000);
    stage.run(stage.core.diskFailed(stage.nowMs));
    stage.run(stage.core.stop(stage.nowMs));
    expect(stage.take("drained"), "a grant may be on its way").toEqual([]);
    stage.run(stage.core.superseded("", stage.nowMs));
    expect(stage.take("drained")).toHaveLength(1);
  });

  test("before the welcome leaves the journal as it is", () => {
    const stage = new Stage();
    stage.start();
    stage.run(stage.core.stop(stage.nowMs));
    expect(stage.take("drained")).toHaveLength(1);
    stage.run(stage.core.welcomed("start_1", 7n, stage.nowMs));
    expect([stage.core.isLive, stage.take("compact")]).toEqual([false, []]);
  });
});
