import { describe, expect, it } from "vitest";
import { Counters } from "./counters.ts";
import { FAULTS, RULES } from "./reached.ts";
import { describeFailure, MAX_STEPS, simulate } from "./simulate.ts";

const SEEDS = 200;
/** Against hanging: as a rule all seeds take half a minute together. */
const TIMEOUT_MS = 600_000;

describe(`the cores of wallet and gateway under ${SEEDS} seeds`, () => {
  const reached = new Counters();

  it(
    "keep every invariant of docs/leases.md after every step, and come to rest",
    () => {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const failure = simulate(seed, { maxSteps: MAX_STEPS, shrinkMs: 10_000 }, reached);
        expect(failure, failure && describeFailure(failure)).toBeUndefined();
      }
    },
    TIMEOUT_MS,
  );

  it("run the same way again for the same seed", () => {
    const [once, again] = [new Counters(), new Counters()];
    simulate(1, { maxSteps: MAX_STEPS, shrinkMs: 0 }, once);
    simulate(1, { maxSteps: MAX_STEPS, shrinkMs: 0 }, again);
    expect(again.entries()).toEqual(once.entries());
  });

  it.each(FAULTS)("were struck by: %s", (name) => {
    expect(reached.get(`fault: ${name}`)).toBeGreaterThan(0);
  });

  it.each(RULES)("had to apply the rule: %s", (name) => {
    expect(reached.get(`rule: ${name}`)).toBeGreaterThan(0);
  });

  it("names every fault and rule that is counted", () => {
    const named = new Set([...FAULTS.map((name) => `fault: ${name}`), ...RULES.map((name) => `rule: ${name}`)]);
    const counted = reached.entries().map(([name]) => name);
    expect(counted.filter((name) => /^(fault|rule): /.test(name) && !named.has(name))).toEqual([]);
  });
});
