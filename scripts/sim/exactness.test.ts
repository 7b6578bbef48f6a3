import { describe, expect, it } from "vitest";
import { TREE } from "./accounts.ts";
import { Counters } from "./counters.ts";
import type { Step } from "./schedule.ts";
import { World } from "./world.ts";

const WORST_NANOS = 10;
const REQUESTS = 500;
const AFFORDABLE = 100;
const SEEDS = 5;

/** Where the limit is, and the leaves that are charged under it. */
const levels: ReadonlyArray<readonly [account: string, leaves: readonly number[]]> = [
  ["key_a", [0]],
  ["team_a", [0]],
  ["team_a", [0, 1]],
  ["dep", [0, 1]],
  ["org", [2]],
  ["org", [0, 1, 2, 3]],
];

/** All at once, through two gateways in turn. */
function rush(account: string, leaves: readonly number[]): Step[] {
  const place = TREE.findIndex(({ id }) => id === account);
  const limit: Step = { waitMs: 200, type: "limit", account: place, unit: "usd", period: "none", hard: AFFORDABLE * WORST_NANOS, clamp: false };
  const requests = Array.from({ length: REQUESTS }, (_, index): Step => {
    const leaf = leaves[index % leaves.length] ?? 0;
    return { waitMs: 0, type: "request", gateway: index % 2, leaf, worstNanos: WORST_NANOS, worstTokens: 1, costPercent: 100, durationMs: 50 + (index % 7) * 50, isImpatient: false };
  });
  return [limit, ...requests];
}

describe("without faults, where a request costs what it may cost at most", () => {
  it.each(levels)(`exactly ${AFFORDABLE} of ${REQUESTS} are served under a limit of %s, through the leaves %j`, (account, leaves) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const reached = new Counters();
      new World(seed, reached, false).run(rush(account, leaves));
      expect(reached.get("admitted"), `seed ${seed}`).toBe(AFFORDABLE);
    }
  });
});
