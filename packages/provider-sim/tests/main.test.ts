import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { simBaseUrls } from "../src/index.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

interface Running {
  readonly child: ChildProcess;
  /** Settles with all that was written once the process is gone. */
  readonly ended: Promise<{ code: number | null; output: string }>;
  readonly url: Promise<string>;
}

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...environment } });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let output = "";
  const { promise: url, resolve } = Promise.withResolvers<string>();
  const take = (part: Buffer) => {
    output += part.toString();
    const [found] = /http:\S+(?=\/v1)/.exec(output) ?? [];
    if (found !== undefined) resolve(found);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const ended = once(child, "close").then(() => ({ code: child.exitCode, output }));
  return { child, ended, url };
}

test("alone it serves as flags and environment say, and stops on SIGTERM", async () => {
  const { child, ended, url } = start(["--port", "0", "--models", "a,b"], {
    ALFRED_SIM_MODELS: "c",
    ALFRED_SIM_KEYS: "sk-one",
    ALFRED_SIM_BEHAVIOUR: "extras",
  });
  const answer = await fetch(`${await url}/v1/models`, { headers: { authorization: "Bearer sk-one" } });
  const list = (await answer.json()) as { data: { id: string; sim_null: null }[] };
  expect(list.data.map(({ id, sim_null }) => [id, sim_null])).toEqual([["a", null], ["b", null]]);
  child.kill("SIGTERM");
  const { code, output } = await ended;
  expect(code).toBe(0);
  for (const base of Object.values(simBaseUrls(await url))) expect(output).toContain(`${base}\n`);
});

test.each([
  [["--port", "many"], "--port (ALFRED_SIM_PORT) takes a whole number, not 'many'."],
  [["--behaviour", "statsu=1"], "Unknown simulator directive 'statsu'."],
  [["--nonsense"], "--nonsense"],
])("%j ends with one sentence", async (args, sentence) => {
  const { code, output } = await start(args).ended;
  expect(code).toBe(1);
  expect(output).toContain(sentence);
});

test("--help says what can be set", async () => {
  const { code, output } = await start(["--help"]).ended;
  expect(code).toBe(0);
  expect(output).toContain("ALFRED_SIM_REQUESTS_PER_MINUTE");
});
