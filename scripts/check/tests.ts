import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { givenServers } from "../mesh/environment.ts";
import { pythonEnvironment } from "../python/environment.ts";
import { localTool, runCommand } from "../run-command.ts";
import { startServers } from "../servers/index.ts";
import { StartError } from "../../services/all/src/start-error.ts";
import type { StageResult } from "./stage.ts";
import { readReport } from "./test-report.ts";

/** The tests that drive the mesh with a client for Python. */
const PYTHON_TESTS = "services/all/tests/sdk/sdk.test.ts";

/**
 * Runs vitest, on the files whose paths contain one of the filters or on all, with real servers in the environment;
 * those that DATABASE_URL, REDIS_URL and NATS_URL name already are used as they are.
 */
export async function runTests(filters: readonly string[]): Promise<StageResult> {
  const folder = await mkdtemp(join(tmpdir(), "alfred-report-"));
  try {
    await using servers = await startServers({ given: givenServers(process.env), say: console.log });
    const { databaseUrl, redisUrl, natsUrl } = servers;
    const report = join(folder, "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const { exitCode } = await runCommand(localTool("vitest"), ["run", ...reporters, ...filters], {
      env: { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, NATS_URL: natsUrl, ...(await python(filters)) },
      // Tests take minutes; whoever waits sees each file as it ends.
      onOutput: (text) => process.stdout.write(text),
    });
    return { output: "", ...readReport(await readFile(report, "utf8").catch(() => undefined), exitCode) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The Python of those tests that need one; where there is none they fail for that reason, and the others run. */
async function python(filters: readonly string[]): Promise<NodeJS.ProcessEnv> {
  if (filters.length > 0 && !filters.some((filter) => PYTHON_TESTS.includes(filter))) return {};
  try {
    return { ALFRED_TEST_PYTHON: await pythonEnvironment(console.log) };
  } catch (error) {
    if (error instanceof StartError) return { ALFRED_TEST_NO_PYTHON: error.message };
    throw error;
  }
}
