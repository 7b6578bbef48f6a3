import { describe, expect, test } from "vitest";
import { denialOf, pathOf, Stage, worth } from "./lease-stage.ts";

const OTHER_KEY = pathOf("key_2", "team_1");

describe("denials", () => {
  function denied(): Stage {
    const stage = Stage.live();
    stage.admit("head", 20);
    stage.run(stage.core.denied(stage.one("acquire").acquireId, denialOf("INSUFFICIENT_QUOTA"), stage.nowMs));
    stage.take("refused");
    return stage;
  }

  test("answer only the requests that came before the acquire was sent and need at least its minimum", () => {
    const stage = Stage.live();
    stage.admit("one", 10);
    const { acquireId } = stage.one("acquire");
    stage.admit("later", 10);
    stage.run(stage.core.denied(acquireId, denialOf("BUDGET_HELD"), stage.nowMs));
    expect(stage.take("refused").map(({ id }) => id), "later came after").toEqual(["one"]);
    const second = stage.one("acquire");
    stage.admit("small", 5);
    stage.admit("large", 15);
    stage.run(stage.core.denied(second.acquireId, denialOf("BUDGET_HELD"), stage.nowMs));
    expect(stage.take("refused").map(({ id }) => id), "large is answered from memory").toEqual(["large", "later"]);
    expect(stage.one("acquire").minimum, "small asks for itself").toEqual(worth(5));
  });

  test("answer those who waited with the first and need as much", () => {
    const stage = new Stage();
    for (const [id, nanos] of [["a", 10], ["small", 5], ["b", 10]] as const) stage.admit(id, nanos);
    stage.start();
    stage.run(stage.core.welcomed("start_1", 7n, stage.nowMs));
    stage.run(stage.core.denied(stage.one("acquire").acquireId, denialOf("INSUFFICIENT_QUOTA"), stage.nowMs));
    expect(stage.take("refused").map(({ id }) => id)).toEqual(["a", "b"]);
    expect(stage.core.figures).toMatchObject({ waiting: 1, denials: new Map([["INSUFFICIENT_QUOTA", 2]]) });
  });

  test("do not answer those whose path does not have the account that lacks", () => {
    const stage = Stage.live();
    stage.lease(100);
    stage.admit("learn", 10, { path: OTHER_KEY });
    stage.grant(stage.one("acquire").acquireId, worth(10));
    stage.admit("big", 500);
    stage.admit("other", 500, { path: OTHER_KEY });
    const denial = denialOf("INSUFFICIENT_QUOTA", { account: "key_1" });
    stage.run(stage.core.denied(stage.one("acquire").acquireId, denial, stage.nowMs));
    expect(stage.take("refused").map(({ id }) => id)).toEqual(["big"]);
    expect(stage.one("acquire").path).toEqual(OTHER_KEY);
  });

  test("are remembered for a second, for as much or more on any path with the account", () => {
    const stage = denied();
    stage.admit("same", 20);
    stage.admit("other key", 30, { path: OTHER_KEY });
    expect(stage.take("refused").map(({ id }) => id)).toEqual(["same", "other key"]);
    stage.admit("less", 19);
    expect(stage.take("acquire")).toHaveLength(1);
    stage.nowMs += 1_000;
    stage.admit("after", 20, { path: OTHER_KEY });
    expect([stage.take("refused"), stage.take("acquire").length]).toEqual([[], 1]);
  });

  test("in one unit say nothing of the other", () => {
    const stage = Stage.live();
    stage.admit("head", 20);
    const denial = denialOf("INSUFFICIENT_QUOTA", { unit: "tokens" });
    stage.run(stage.core.denied(stage.one("acquire").acquireId, denial, stage.nowMs));
    stage.take("refused");
    stage.admit("dear", 0, { worst: { nanos: 900n, tokens: 1n } });
    expect(stage.take("acquire")).toHaveLength(1);
    stage.admit("long", 0, { worst: { nanos: 1n, tokens: 2n } });
    expect(stage.take("refused")).toHaveLength(1);
  });

  test("are forgotten when limits are revised", () => {
    const stage = denied();
    stage.run(stage.core.limitsRevised("org_1", 0n, stage.nowMs));
    stage.admit("same", 20);
    expect(stage.take("acquire")).toHaveLength(1);
  });

  test("are forgotten when a lease under the account gives something back", () => {
    const stage = Stage.live();
    stage.lease(50);
    stage.admit("big", 60);
    const batch = stage.one("settle");
    stage.run(stage.core.denied(stage.one("acquire").acquireId, denialOf("BUDGET_HELD"), stage.nowMs));
    stage.settled(batch);
    stage.take("refused");
    stage.admit("again", 60);
    expect([stage.take("refused"), stage.take("acquire").length]).toEqual([[], 1]);
  });

  test("are not remembered where something came back while they were under way, which they may not know of", () => {
    const stage = Stage.live();
    stage.lease(50);
    stage.admit("big", 60);
    stage.settled(stage.one("settle"));
    stage.run(stage.core.denied(stage.one("acquire").acquireId, denialOf("INSUFFICIENT_QUOTA"), stage.nowMs));
    expect(stage.take("refused").map(({ id }) => id)).toEqual(["big"]);
    stage.admit("again", 60);
    expect([stage.take("refused"), stage.take("acquire").length]).toEqual([[], 1]);
  });

  test("tell whether something under their account is still on its way back", () => {
    const stage = Stage.live();
    stage.lease(50);
    expect(stage.core.survey.isGivingBack("org_1", "team_1")).toBe(false);
    stage.admit("big", 60);
    expect([stage.core.survey.isGivingBack("org_1", "team_1"), stage.core.survey.isGivingBack("org_1", "team_2")]).toEqual([true, false]);
    stage.settled(stage.one("settle"));
    expect(stage.core.survey.isGivingBack("org_1", "team_1")).toBe(false);
  });

  test("for another reason answer once and are not remembered", () => {
    const stage = Stage.live();
    stage.admit("head", 20);
    stage.run(stage.core.denied(stage.one("acquire").acquireId, { reason: "NOT_FOUND", message: "no", metadata: {} }, stage.nowMs));
    expect(stage.one("refused").denial.reason).toBe("NOT_FOUND");
    stage.admit("next", 20);
    expect(stage.take("acquire")).toHaveLength(1);
  });
});

describe("where leases hang", () => {
  test("is forgotten when the limits get another shape, not when they are only raised", () => {
    const stage = Stage.live();
    stage.lease(100);
    stage.run(stage.core.limitsRevised("org_1", 0n, stage.nowMs));
    stage.admit("second", 10);
    expect(stage.take("admitted")).toHaveLength(1);
    stage.run(stage.core.limitsRevised("org_1", 1n, stage.nowMs));
    stage.admit("third", 10);
    expect([stage.take("admitted"), stage.take("acquire").length]).toEqual([[], 1]);
  });

  test("a grant under older limits is not spent", () => {
    const stage = Stage.live();
    stage.admit("a", 10);
    stage.run(stage.core.limitsRevised("org_1", 2n, stage.nowMs));
    stage.grant(stage.one("acquire").acquireId, worth(50), { limitsRevision: 1n });
    expect([stage.take("admitted"), stage.take("settle").length]).toEqual([[], 1]);
    stage.grant(stage.one("acquire").acquireId, worth(50), { limitsRevision: 2n, accountId: "key_1" });
    expect(stage.take("admitted")).toHaveLength(1);
  });
});
