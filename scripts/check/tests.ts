import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { givenServers } from "../mesh/environment.ts";
import { pythonEnvironment } from "../python/environment.ts";
import { localTool, runCommand } from "../run-command.ts";
import { startServers } from "../servers/index.ts";
import { StartError } from "../../services/all/src/start-error.ts";
import type { StageResult } from "./stage.ts";
import { findCurl } from "./curl.ts";
import { readReport } from "./test-report.ts";

/** The tests that drive the mesh with clients for Python; the second with curl, too. */
const CLIENT_TESTS = ["services/all/tests/sdk/sdk.test.ts", "services/all/tests/guides/guides.test.ts"];

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
      env: { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, NATS_URL: natsUrl, ...(await clients(filters)) },
      // Tests take minutes; whoever waits sees each file as it ends.
      onOutput: (text) => process.stdout.write(text),
    });
    return { output: "", ...readReport(await readFile(report, "utf8").catch(() => undefined), exitCode) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The clients of those tests that need some; where one is missing they fail for that reason, and the others run. */
async function clients(filters: readonly string[]): Promise<NodeJS.ProcessEnv> {
  if (filters.length > 0 && !filters.some((filter) => CLIENT_TESTS.some((file) => file.includes(filter)))) return {};
  return {
    ...(await found("ALFRED_TEST_PYTHON", () => pythonEnvironment(console.log))),
    ...(await found("ALFRED_TEST_CURL", () => findCurl(console.log))),
  };
}

/** A variable with what was found, or one that says why nothing was. */
async function found(variable: string, find: () => Promise<string>): Promise<NodeJS.ProcessEnv> {
  try {
    return { [variable]: await find() };
  } catch (error) {
    if (error instanceof StartError) return { [`${variable}_MISSING`]: error.message };
    throw error;
  }
}
