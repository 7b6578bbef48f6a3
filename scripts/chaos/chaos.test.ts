import { beforeAll, describe, expect, it } from "vitest";
import { FAILPOINTS } from "../../packages/lifecycle/src/index.ts";
import { runChaos } from "./chaos.ts";
import { verdictText } from "./report.ts";
import type { Verdict } from "./run.ts";

/** Chosen so that the three together name every failpoint, and kill a process of each kind at random as well. */
const SEED = 593;
const RUNS = 3;
const TIMEOUT_MS = 400_000;

describe.runIf(process.platform === "linux")("two gateways under load, with processes killed at random and at named points", () => {
  const told: string[] = [];
  let verdicts: readonly Verdict[] = [];

  beforeAll(async () => {
    verdicts = await runChaos({ runs: RUNS, seed: SEED, tell: (verdict, folder) => told.push(verdictText(verdict, folder)) });
  }, TIMEOUT_MS);

  it.each(Array.from({ length: RUNS }, (_, run) => SEED + run))("lose no answer, no charge and no money (seed %i)", (seed) => {
    const verdict = verdicts.find((each) => each.seed === seed);
    expect(verdict?.problems, told.join("\n")).toEqual([]);
    expect(verdict?.answered).toBeGreaterThan(0);
    expect(verdict?.looks).toBeGreaterThan(0);
  });

  it("were ended at named points, and at random", () => {
    const reached = verdicts.flatMap((verdict) => verdict.reached);
    expect(reached.length, told.join("\n")).toBeGreaterThan(0);
    expect(reached.filter((name) => !(FAILPOINTS as readonly string[]).includes(name))).toEqual([]);
    expect(verdicts.flatMap(({ faults }) => faults).some(({ failpoint }) => failpoint === undefined)).toBe(true);
  });
});
