import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("child.ts", import.meta.url));

interface Child {
  /** Resolves when the process has printed the line. */
  said(line: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Resolves when it has ended, with its exit code, output and log. */
  ended: Promise<{ code: number | null; output: string; errors: string }>;
}

function start(behaviour: string): Child {
  const child = spawn(process.execPath, [program, behaviour], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const said = async (line: string): Promise<void> => {
    while (!output.split("\n").includes(line)) await once(child.stdout, "data");
  };
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, output, errors }));
  return { said, signal: (name) => child.kill(name), ended };
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s stops it gracefully", async (signal) => {
  const child = start("serve");
  await child.said("started");
  child.signal(signal);
  const { code, output, errors } = await child.ended;
  expect(code).toBe(0);
  expect(output).toBe("started\nstopping\nstopped\n");
  expect(errors).toContain("child has stopped");
});

test("a second signal ends it at once", async () => {
  const child = start("hang");
  await child.said("started");
  child.signal("SIGTERM");
  await child.said("stopping");
  child.signal("SIGINT");
  const { code, errors } = await child.ended;
  expect(code).toBe(130);
  expect(errors).toContain("child is forced to end");
});

test("a start that fails is one sentence and exit code 1", async () => {
  const { code, errors } = await start("refuse").ended;
  expect(code).toBe(1);
  expect(errors).toBe("child could not start: the port 8080 is in use: EADDRINUSE\n");
});

test("a signal while it starts lets the start give up", async () => {
  const child = start("wait");
  await child.said("started");
  child.signal("SIGINT");
  const { code, output, errors } = await child.ended;
  expect(code).toBe(0);
  expect(output).toContain("aborted");
  expect(errors).not.toContain("could not start");
});

test.each([
  ["throw", "nobody caught this"],
  ["reject", "nobody awaited this"],
])("an error that nobody caught is logged and ends it (%s)", async (behaviour, message) => {
  const { code, errors } = await start(behaviour).ended;
  expect(code).toBe(1);
  expect(errors).toContain(message);
  expect(errors).toContain("an error was not caught");
});

test("a stop that fails is logged and exit code 1", async () => {
  const child = start("break");
  await child.said("started");
  child.signal("SIGTERM");
  const { code, errors } = await child.ended;
  expect(code).toBe(1);
  expect(errors).toContain("cannot stop");
});
