import { violations } from "../architecture/violations.ts";
import { breakingChanges, parentContract } from "../contracts/breaking.ts";
import { copyThirdPartyProtos } from "../contracts/third-party.ts";
import { repositoryRoot } from "../repository.ts";
import { localTool, runCommand } from "../run-command.ts";
import type { Stage, StageResult } from "./stage.ts";
import { runTests } from "./tests.ts";

/** Everything that `npm test` holds the repository to, in the order in which it is cheapest to hear of it. */
export function stages(testFilters: readonly string[]): readonly Stage[] {
  return [
    { name: "generated", run: () => command(process.execPath, ["scripts/generate.ts", "--check"]) },
    { name: "contract-lint", run: () => command(localTool("buf"), ["lint"]) },
    { name: "contract-breaking", run: breaking },
    { name: "lint", run: () => command(localTool("oxlint"), []) },
    { name: "types", run: () => command(localTool("tsc"), ["--noEmit", "--project", "tsconfig.json"]) },
    { name: "imports", run: imports },
    { name: "unused", run: () => command(localTool("knip"), ["--no-progress", "--treat-config-hints-as-errors"]) },
    { name: "tests", run: () => runTests(testFilters) },
  ];
}

async function command(file: string, args: readonly string[]): Promise<StageResult> {
  const { exitCode, output } = await runCommand(file, args);
  return { ok: exitCode === 0, output: exitCode === 0 ? "" : output };
}

async function breaking(): Promise<StageResult> {
  await copyThirdPartyProtos();
  await using parent = await parentContract(repositoryRoot);
  if (parent === undefined) return { ok: true, output: "contract-breaking: no earlier commit has proto/, nothing to compare" };
  const { exitCode, output } = await breakingChanges(repositoryRoot, parent.root);
  return { ok: exitCode === 0, output };
}

async function imports(): Promise<StageResult> {
  const found = await violations(repositoryRoot);
  return { ok: found.length === 0, output: found.map(({ rule, from, to }) => `${rule}: ${from} imports ${to}`).join("\n") };
}
