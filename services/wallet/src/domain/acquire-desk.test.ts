import { describe, expect, it } from "vitest";
import { AcquireDesk } from "./acquire-desk.ts";
import type { DeskEffect } from "./acquire-desk.ts";
import type { AcquireResult, Granted } from "./acquire.ts";
import { NEW_LEASE } from "./lease.ts";
import type { Outcome, Refusal } from "./refusal.ts";

const refusal: Refusal = { reason: "BUDGET_HELD", message: "held", metadata: {} };
const lacking = (accountId: string): Outcome<AcquireResult> => ({ ok: true, value: { type: "lacking", accountId, refusal } });
const denied: Outcome<AcquireResult> = { ok: false, refusal, stored: true };
const windowStarts = { day: 0, week: 0, month: 0, none: 0 };
const ids = { id: "lease", organisationId: "org", accountId: "org", path: ["org"], requestId: "a", grantedTo: "service" };
const lease = { ...NEW_LEASE, ...ids, windowStarts, createTimeMs: 0, expireTimeMs: 0 };
const grant: Granted = { type: "granted", lease, ttlMs: 1, limitsRevision: 0n, replayed: false, remaining: [], warnings: [] };
const attempt = (id: string, isLast = false): DeskEffect => ({ type: "try", id, isLast });

function deskOf(...waiting: string[]): AcquireDesk {
  const desk = new AcquireDesk({ maxWaiting: 3, retryMs: 250 });
  for (const id of waiting) {
    desk.arrive({ id, accountIds: ["key", "team", "org"], waitMs: 5_000 }, 0);
    desk.decided(id, lacking("team"), 0);
  }
  return desk;
}

describe("the desk", () => {
  it("tries at once, and answers what it came to", () => {
    const desk = deskOf();
    expect(desk.arrive({ id: "a", accountIds: [], waitMs: 5_000 }, 0)).toEqual([attempt("a")]);
    expect(desk.decided("a", { ok: true, value: grant }, 1)).toEqual([{ type: "answer", id: "a", outcome: { ok: true, value: grant } }]);
    expect(desk.size).toBe(0);
  });

  it("lets nobody wait who does not want to", () => {
    expect(deskOf().arrive({ id: "a", accountIds: [], waitMs: 0 }, 0)).toEqual([attempt("a", true)]);
  });

  it("lets no more wait than it has room for", () => {
    expect(deskOf("a", "b", "c").arrive({ id: "d", accountIds: [], waitMs: 5_000 }, 0)).toEqual([attempt("d", true)]);
  });

  it("tries those that lack at an account when something comes back there, the first come first", () => {
    const desk = deskOf("a", "b");
    expect(desk.released(new Set(["org"]), 10)).toEqual([]);
    expect(desk.released(new Set(["team"]), 10)).toEqual([attempt("a"), attempt("b")]);
    expect(desk.released(new Set(["team"]), 11)).toEqual([]);
  });

  it("tries again what came back while it was being tried, where it lacks", () => {
    const desk = deskOf("a");
    desk.released(new Set(["team"]), 10);
    desk.released(new Set(["org", "elsewhere"]), 11);
    expect(desk.decided("a", lacking("org"), 12)).toEqual([attempt("a")]);
    expect(desk.decided("a", lacking("org"), 13)).toEqual([]);
  });

  it("tries whoever was not tried for a while, since another process may have released something", () => {
    const desk = deskOf("a");
    expect(desk.nextTickMs()).toBe(250);
    expect(desk.tick(249)).toEqual([]);
    expect(desk.tick(250)).toEqual([attempt("a")]);
    expect(desk.tick(600)).toEqual([]);
  });

  it("tries for the last time when the time is over, and then answers", () => {
    const desk = deskOf("a");
    desk.tick(4_900);
    desk.decided("a", lacking("team"), 4_901);
    expect(desk.nextTickMs()).toBe(5_000);
    expect(desk.tick(5_000)).toEqual([attempt("a", true)]);
    expect(desk.decided("a", denied, 5_001)).toEqual([{ type: "answer", id: "a", outcome: denied }]);
    expect(desk.nextTickMs()).toBeUndefined();
  });

  it("goes straight to the last try where the time ran out during one", () => {
    const desk = deskOf("a");
    desk.tick(4_990);
    expect(desk.decided("a", lacking("team"), 5_010)).toEqual([attempt("a", true)]);
  });

  it("forgets who failed or left", () => {
    const desk = deskOf("a");
    desk.failed("a");
    expect([desk.size, desk.tick(5_000), desk.decided("a", denied, 5_000)]).toEqual([0, [], []]);
  });

  it("has a hundred of many tried at once, then the next for each that is granted, and who waited longest for a try at a tick", () => {
    const desk = new AcquireDesk({ maxWaiting: 1_000, retryMs: 250 });
    for (let index = 0; index < 300; index += 1) {
      desk.arrive({ id: String(index), accountIds: ["key", "team"], waitMs: 5_000 }, 0);
      desk.decided(String(index), lacking("team"), 0);
    }
    const idsOf = (effects: readonly DeskEffect[]): string[] => effects.flatMap((effect) => (effect.type === "try" ? [effect.id] : []));
    const woken = idsOf(desk.released(new Set(["team"]), 100));
    expect([woken.length, woken[0], woken.at(-1)]).toEqual([100, "0", "99"]);
    expect(idsOf(desk.decided("0", { ok: true, value: grant }, 110))).toEqual(["100"]);
    for (const id of woken.slice(1)) desk.decided(id, lacking("team"), 120);
    const ticked = idsOf(desk.tick(400));
    expect([ticked.length, ticked[0], ticked.at(-1)]).toEqual([100, "101", "200"]);
    expect(idsOf(desk.tick(5_000)), "all whose time is over").toHaveLength(198);
  });
});
