import { describe, expect, test } from "vitest";
import { CheckSchedule } from "./check-schedule.ts";

const INTERVALS = { intervalMs: 30_000, openIntervalMs: 1_000 };
const well = (...ids: string[]) => ids.map((id) => ({ id, isFailing: false }));

/** Takes whose turn it is, and is done with them at once. */
function turns(schedule: CheckSchedule, providers: Parameters<CheckSchedule["take"]>[0], nowMs: number): string[] {
  const ids = schedule.take(providers, nowMs);
  for (const id of ids) schedule.over(id);
  return ids;
}

describe("a provider is checked", () => {
  test("at once, and then once in an interval that is a fifth longer or shorter", () => {
    for (const [random, dueMs] of [[0, 24_000], [0.5, 30_000], [1, 36_000]] as const) {
      const schedule = new CheckSchedule(INTERVALS, () => random);
      expect(turns(schedule, well("a"), 0)).toEqual(["a"]);
      expect(turns(schedule, well("a"), dueMs - 1)).toEqual([]);
      expect(turns(schedule, well("a"), dueMs)).toEqual(["a"]);
    }
  });

  test("more often while it fails, from the moment it does", () => {
    const schedule = new CheckSchedule(INTERVALS, () => 0.5);
    turns(schedule, well("a", "b"), 0);
    const failing = [{ id: "a", isFailing: true }, ...well("b")];
    expect(turns(schedule, failing, 999)).toEqual([]);
    expect(turns(schedule, failing, 1_000)).toEqual(["a"]);
    expect(turns(schedule, well("a", "b"), 2_000)).toEqual([]);
  });

  test("not while it is being checked, and at most eight are at once, those first that waited longest", () => {
    const schedule = new CheckSchedule(INTERVALS, () => 0.5);
    const ids = Array.from({ length: 10 }, (_, index) => `p${index}`);
    expect(schedule.take(well(...ids), 0)).toEqual(ids.slice(0, 8));
    expect(schedule.take(well(...ids), 90_000)).toEqual([]);
    schedule.over("p0");
    expect(schedule.take(well(...ids), 90_000)).toEqual(["p8"]);
    schedule.over("p1");
    expect(schedule.take(well(...ids), 90_000)).toEqual(["p9"]);
    schedule.over("p8");
    expect(schedule.take(well(...ids), 90_001)).toEqual(["p0"]);
  });

  test("as a new one where it was gone", () => {
    const schedule = new CheckSchedule(INTERVALS, () => 0.5);
    turns(schedule, well("a"), 0);
    turns(schedule, well("b"), 1);
    expect(turns(schedule, well("a"), 2)).toEqual(["a"]);
  });
});
