import { glob, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { FAILPOINTS } from "../../packages/lifecycle/src/index.ts";
import { seededRandom } from "../bench/random.ts";
import { repositoryRoot } from "../repository.ts";
import { planFaults } from "./faults.ts";

describe("faults", () => {
  it("are the same for the same seed, and never none", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const faults = planFaults(seededRandom(seed), 5_000);
      expect(planFaults(seededRandom(seed), 5_000)).toEqual(faults);
      expect(faults.length).toBeGreaterThan(0);
    }
  });

  it("come at every failpoint that there is", () => {
    const faults = Array.from({ length: 200 }, (_, seed) => planFaults(seededRandom(seed), 5_000)).flat();
    expect(new Set(faults.flatMap(({ failpoint }) => failpoint ?? []))).toEqual(new Set(FAILPOINTS));
  });
});

it.each(FAILPOINTS)("the failpoint %s is passed in one place of the services", async (name) => {
  const passes: string[] = [];
  for await (const file of glob("services/*/src/**/*.ts", { cwd: repositoryRoot })) {
    if ((await readFile(`${repositoryRoot}/${file}`, "utf8")).includes(`failpoint("${name}")`)) passes.push(file);
  }
  expect(passes).toHaveLength(1);
});
