import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { givenServers } from "../mesh/environment.ts";
import { localTool, runCommand } from "../run-command.ts";
import { startServers, type ServerUrls } from "../servers/index.ts";
import type { Mutant } from "./mutant.ts";
import { patchOf } from "./mutants.ts";
import { outcomeOf, type TestOutcome } from "./test-outcome.ts";
import { TreeCopy } from "./tree-copy.ts";

/** What became of one mutant. */
export interface MutantResult {
  readonly mutant: Mutant;
  /** Whether its test found it. */
  readonly isFound: boolean;
  /** The assertion that failed, or why the gate fails. */
  readonly message: string;
}

/**
 * First every named test must pass on the tree as it is; then each mutant is applied alone and its test must fail on an
 * assertion. Never rejects for what a mutant does.
 */
export async function runGate(mutants: readonly Mutant[], tell: (result: MutantResult) => void): Promise<readonly MutantResult[]> {
  await using servers = await startServers({ given: givenServers(process.env) });
  await using copy = await TreeCopy.make();
  const bench = new TestBench(copy, servers);
  const results: MutantResult[] = [];
  for (const mutant of mutants) {
    const result = await judge(bench, copy, mutant);
    results.push(result);
    tell(result);
  }
  return results;
}

async function judge(bench: TestBench, copy: TreeCopy, mutant: Mutant): Promise<MutantResult> {
  const sound = await bench.run(mutant);
  if (sound.kind !== "passed") return { mutant, isFound: false, message: `its test does not pass without it: ${sound.message}` };
  const patch = patchOf(mutant);
  const refused = await copy.apply(patch);
  if (refused !== undefined) return { mutant, isFound: false, message: `its patch does not apply: ${refused}` };
  const outcome = await bench.run(mutant);
  await copy.restore(patch);
  if (outcome.kind === "refuted") return { mutant, isFound: true, message: outcome.message };
  const message = outcome.kind === "passed" ? "its test passes all the same" : `its test fails, but on no assertion: ${outcome.message}`;
  return { mutant, isFound: false, message };
}

/** Runs single tests of a copy of the tree. */
class TestBench {
  readonly #copy: TreeCopy;
  readonly #servers: ServerUrls;

  constructor(copy: TreeCopy, servers: ServerUrls) {
    this.#copy = copy;
    this.#servers = servers;
  }

  async run({ file, test }: Mutant): Promise<TestOutcome> {
    const { databaseUrl, redisUrl, natsUrl } = this.#servers;
    const folder = await mkdtemp(join(tmpdir(), "alfred-report-"));
    try {
      const report = join(folder, "report.json");
      const options = ["run", file, "--testNamePattern", `^${RegExp.escape(test)}$`, "--reporter=json", `--outputFile.json=${report}`];
      await runCommand(localTool("vitest"), options, {
        cwd: this.#copy.root,
        env: { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, NATS_URL: natsUrl },
      });
      return outcomeOf(await readFile(report, "utf8").catch(() => undefined), test);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
