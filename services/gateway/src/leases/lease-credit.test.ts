import { describe, expect, test } from "vitest";
import { denialOf, KEY_PATH, pathOf, Stage, worth } from "./lease-stage.ts";

const OTHER_KEY = pathOf("key_2", "team_1");

describe("getting credit", () => {
  test("the first in line says how much is needed, all who wait how much is wanted", () => {
    const stage = Stage.live();
    stage.admit("a", 10);
    expect(stage.one("acquire")).toMatchObject({ path: KEY_PATH, minimum: worth(10), wanted: worth(50), waitMs: 4_500 });
    for (let index = 0; index < 9; index += 1) stage.admit(`b${index}`, 10);
    expect(stage.take("acquire"), "one acquire at a time").toEqual([]);
    stage.grant("gw_1/7/1", worth(10));
    expect(stage.one("admitted").id).toBe("a");
    expect(stage.one("acquire")).toMatchObject({ acquireId: "gw_1/7/2", minimum: worth(10), wanted: worth(100) });
  });

  test("no more is wanted, and no longer waited for, than the wallet takes", () => {
    const stage = Stage.live();
    stage.admit("a", 50_000_000_000_000_000, { deadlineMs: stage.nowMs + 3_600_000 });
    const { minimum, wanted, waitMs } = stage.one("acquire");
    expect({ minimum, wanted, waitMs }).toEqual({
      minimum: worth(50_000_000_000_000_000),
      wanted: { nanos: 100_000_000_000_000_000n, tokens: 25_000_000_000_000_000n },
      waitMs: 60_000,
    });
  });

  test("those who wait are admitted in the order in which they came", () => {
    const stage = Stage.live();
    for (const [id, nanos] of [["a", 10], ["b", 30], ["c", 10]] as const) stage.admit(id, nanos);
    stage.grant(stage.one("acquire").acquireId, worth(30));
    expect(stage.take("admitted").map(({ id }) => id)).toEqual(["a"]);
    stage.grant(stage.one("acquire").acquireId, worth(40));
    expect(stage.take("admitted").map(({ id }) => id)).toEqual(["b", "c"]);
  });

  test.each(["hears that its limits were revised", "is granted under revised limits"])("who waits is not paid from above a new limit once the gateway %s", (how) => {
    const stage = Stage.live();
    stage.lease(10);
    stage.admit("other", 10, { path: OTHER_KEY });
    stage.grant(stage.one("acquire").acquireId, worth(10));
    stage.take("admitted");
    for (const [id, path] of [["a", KEY_PATH], ["b", OTHER_KEY]] as const) stage.admit(id, 10, { path });
    const { acquireId } = stage.one("acquire");
    if (how.startsWith("hears")) stage.run(stage.core.limitsRevised("org_1", 1n, stage.nowMs));
    stage.grant(acquireId, worth(50), { limitsRevision: 1n });
    expect(stage.take("admitted").map(({ id }) => id)).not.toContain("b");
    const own = stage.take("acquire").find(({ path }) => path === OTHER_KEY);
    stage.grant(own?.acquireId ?? "", worth(10), { limitsRevision: 1n, accountId: "key_2" });
    expect(stage.take("admitted").map(({ id }) => id)).toEqual(["b"]);
  });

  test("a lease too small for the first in line is given back at once, as far as no record needs it", () => {
    const stage = Stage.live();
    stage.lease(50, 10);
    stage.admit("big", 60);
    expect(stage.one("settle").settlements).toMatchObject([{ leaseId: "lease_1", ceiling: worth(10), records: [] }]);
    expect(stage.one("acquire").minimum).toEqual(worth(60));
  });

  test("an acquire is asked again under its id until it is answered", () => {
    const stage = Stage.live();
    stage.admit("a", 10);
    const { acquireId } = stage.one("acquire");
    stage.run(stage.core.unanswered(acquireId, stage.nowMs));
    stage.pass(99);
    expect(stage.take("acquire")).toEqual([]);
    stage.pass(1);
    expect(stage.one("acquire")).toMatchObject({ acquireId, minimum: worth(10), wanted: worth(50), waitMs: 4_400 });
    stage.pass(10_000);
    expect(stage.one("timedOut")).toEqual({ type: "timedOut", id: "a", reason: "deadline" });
    stage.run(stage.core.unanswered(acquireId, stage.nowMs));
    stage.pass(5_000);
    expect(stage.one("acquire"), "though nobody waits any more").toMatchObject({ acquireId, waitMs: 0 });
  });

  test("when the watch comes back, what was not answered is asked at once", () => {
    const stage = Stage.live();
    stage.admit("a", 10);
    const { acquireId } = stage.one("acquire");
    stage.run(stage.core.unanswered(acquireId, stage.nowMs));
    stage.run(stage.core.welcomed("start_1", 7n, stage.nowMs));
    expect(stage.one("acquire").acquireId).toBe(acquireId);
  });

  test("a grant that nobody wants any more is closed at once", () => {
    const stage = Stage.live();
    stage.admit("a", 10);
    const { acquireId } = stage.one("acquire");
    stage.run(stage.core.abandon("a", stage.nowMs));
    stage.grant(acquireId, worth(50));
    expect(stage.take("admitted")).toEqual([]);
    expect(stage.one("settle").settlements).toEqual([
      { leaseId: "lease_1", paths: [KEY_PATH], records: [], ceiling: worth(0), finalCount: 0, grantTimeMs: 500_000 },
    ]);
  });

  test("a grant after its deadline is closed at once, and asked for anew", () => {
    const stage = Stage.live();
    stage.admit("a", 10, { deadlineMs: stage.nowMs + 60_000 });
    const { acquireId } = stage.one("acquire");
    stage.nowMs += 30_000;
    stage.grant(acquireId, worth(50));
    expect(stage.one("settle").settlements).toMatchObject([{ leaseId: "lease_1", finalCount: 0 }]);
    expect(stage.one("acquire").acquireId).toBe("gw_1/7/2");
  });

  test("a lease that was closed meanwhile is not spent", () => {
    const stage = Stage.live();
    stage.admit("a", 10);
    stage.grant(stage.one("acquire").acquireId, worth(50), { state: "closed" });
    expect([stage.take("admitted"), stage.take("settle")]).toEqual([[], []]);
    expect(stage.take("acquire")).toHaveLength(1);
  });

  test("the second answer to an acquire is ignored", () => {
    const stage = Stage.live();
    stage.lease(50);
    stage.grant("gw_1/7/1", worth(50));
    stage.run(stage.core.denied("gw_1/7/1", denialOf("INSUFFICIENT_QUOTA"), stage.nowMs));
    expect(stage.core.figures.openLeases).toBe(1);
  });

  test("a recall that overtakes its grant counts on arrival", () => {
    const stage = Stage.live();
    stage.admit("a", 10);
    stage.run(stage.core.recalled(["lease_1"], stage.nowMs));
    stage.grant(stage.one("acquire").acquireId, worth(50));
    // Whoever it was asked for is served; the rest goes back at once.
    expect(stage.one("settle").settlements).toMatchObject([{ leaseId: "lease_1", ceiling: worth(10) }]);
    expect(stage.one("admitted")).toMatchObject({ id: "a" });
    stage.admit("b", 10);
    expect(stage.take("admitted")).toEqual([]);
  });

  test("a recalled lease admits nothing more and returns what no open record needs", () => {
    const stage = Stage.live();
    const first = stage.lease(50);
    stage.run(stage.core.recalled(["lease_1"], stage.nowMs));
    const batch = stage.one("settle");
    expect(batch.settlements).toMatchObject([{ ceiling: worth(10) }]);
    expect(batch.settlements[0]?.finalCount).toBeUndefined();
    stage.admit("next", 10);
    expect(stage.take("admitted")).toEqual([]);
    stage.settled(batch);
    stage.finish(first, 4);
    expect(stage.one("settle").settlements).toMatchObject([{ records: [{ cost: worth(4) }], ceiling: worth(4), finalCount: 1 }]);
  });

  test("two keys share the lease of their team, once it is known that it hangs there", () => {
    const stage = Stage.live();
    stage.lease(100);
    stage.admit("other", 10, { path: OTHER_KEY });
    const { acquireId } = stage.one("acquire");
    stage.grant(acquireId, worth(50));
    stage.admit("again", 10, { path: OTHER_KEY });
    expect(stage.take("admitted").map(({ id, ref }) => [id, ref])).toEqual([
      ["other", { leaseId: "lease_1", number: 2 }],
      ["again", { leaseId: "lease_1", number: 3 }],
    ]);
  });

  test("a request too many is turned away", () => {
    const stage = Stage.live({ maxWaiting: 2 });
    for (const id of ["a", "b", "c"]) stage.admit(id, 10);
    expect(stage.one("timedOut")).toEqual({ type: "timedOut", id: "c", reason: "full" });
    expect(stage.core.figures.waiting).toBe(2);
  });

  test("requests that come before the welcome wait for it", () => {
    const stage = new Stage();
    stage.admit("early", 10);
    stage.start();
    expect(stage.take("acquire")).toEqual([]);
    stage.run(stage.core.welcomed("start_1", 7n, stage.nowMs));
    expect(stage.take("acquire")).toHaveLength(1);
  });
});
