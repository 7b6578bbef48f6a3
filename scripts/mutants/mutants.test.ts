import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryRoot } from "../repository.ts";
import { runCommand } from "../run-command.ts";
import { mutants, patchOf } from "./mutants.ts";
import { outcomeOf } from "./test-outcome.ts";

describe.each(mutants)("the mutant $name", (mutant) => {
  it("applies to the tree as it is", async () => {
    const { exitCode, output } = await runCommand("git", ["apply", "--check", patchOf(mutant)]);
    expect(exitCode, output).toBe(0);
  });

  it("names a test that is there", () => {
    const source = readFileSync(join(repositoryRoot, mutant.file), "utf8");
    for (const [index, part] of mutant.test.split(" > ").entries()) {
      // A suite or test made from a table has another title in the source.
      const isMade = !source.includes(`"${part}`);
      expect(isMade && !/\.each\(/.test(source), `part ${index}: ${part}`).toBe(false);
    }
  });
});

it("every patch belongs to a mutant", async () => {
  const patches = (await readdir(new URL(".", import.meta.url))).filter((name) => name.endsWith(".patch"));
  expect(patches.toSorted()).toEqual(mutants.map(({ name }) => `${name}.patch`).toSorted());
});

describe("the outcome of a test", () => {
  const report = (status: string, ...failureMessages: string[]): string =>
    JSON.stringify({ testResults: [{ assertionResults: [{ ancestorTitles: ["a suite"], title: "a test", status, failureMessages }] }] });

  it.each([
    ["AssertionError: expected 1 to be 2\n    at x.ts", "refuted"],
    ["Error: promise resolved \"1\" instead of rejecting", "refuted"],
    ["Error: Property failed after 1 tests\nCaused by: AssertionError: expected 1 to be 2", "refuted"],
    ["TypeError: x is not a function", "broken"],
    ["Error: Test timed out in 60000ms.", "broken"],
  ])("that failed with %j is %s", (message, kind) => {
    expect(outcomeOf(report("failed", message), "a suite > a test").kind).toBe(kind);
  });

  it("that passed, was not run, or is not there proves nothing", () => {
    expect(outcomeOf(report("passed"), "a suite > a test").kind).toBe("passed");
    expect(outcomeOf(report("skipped"), "a suite > a test").kind).toBe("broken");
    expect(outcomeOf(report("passed"), "a suite > another").kind).toBe("broken");
    expect(outcomeOf(undefined, "a suite > a test").kind).toBe("broken");
  });
});
