import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repositoryRoot } from "../repository.ts";
import { MeshProcess } from "./mesh-process.ts";

describe("a process of the mesh", () => {
  let folder = "";
  let lines: string[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "alfred-mesh-"));
    lines = [];
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("prints its lines with its name before them, also those on standard error and the last one", async () => {
    await using child = await start(`console.log("one"); console.error("two"); process.stdout.write("three");`);
    expect(await child.ended).toBe("exit code 0");
    expect(lines.toSorted()).toEqual(["wallet    | one", "wallet    | three", "wallet    | two"]);
  });

  it("is asked to stop when disposed, and that is no news", async () => {
    const child = await start(`process.on("SIGTERM", () => { console.log("bye"); process.exit(0); }); setInterval(() => 0, 1000); console.log("up");`);
    await printed("up");
    await child[Symbol.asyncDispose]();
    expect(lines).toContain("wallet    | bye");
    expect(child.isStopping).toBe(true);
  });

  it("tells how it was killed", async () => {
    await using child = await start(`setInterval(() => 0, 1000); console.log("up");`);
    await printed("up");
    process.kill(child.pid ?? 0, "SIGKILL");
    expect(await child.ended).toBe("signal SIGKILL");
    expect(child.isStopping).toBe(false);
  });

  it("stops when its owner is killed", async () => {
    const entry = await write(`process.on("SIGTERM", () => process.exit(0)); setInterval(() => 0, 1000); console.log(process.pid);`);
    const owner = await write(`
      import { MeshProcess } from ${JSON.stringify(new URL("mesh-process.ts", import.meta.url).href)};
      const print = (line) => console.log(line.split("| ")[1]);
      new MeshProcess({ name: "wallet", entry: ${JSON.stringify(relative(repositoryRoot, entry))}, env: process.env, print });`);
    const parent = spawn(process.execPath, [owner], { stdio: ["ignore", "pipe", "inherit"] });
    const [pid] = (await once(parent.stdout, "data")) as [Buffer];
    parent.kill("SIGKILL");
    await expect.poll(() => isAlive(Number(pid)), { timeout: 10_000 }).toBe(false);
  });

  async function start(source: string): Promise<MeshProcess> {
    const entry = relative(repositoryRoot, await write(source));
    return new MeshProcess({ name: "wallet", entry, env: process.env, print: (line) => lines.push(line) });
  }

  async function write(source: string): Promise<string> {
    const file = join(folder, `entry-${source.length}.mjs`);
    await writeFile(file, source);
    return file;
  }

  async function printed(line: string): Promise<void> {
    await expect.poll(() => lines, { timeout: 10_000 }).toContain(`wallet    | ${line}`);
  }
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
