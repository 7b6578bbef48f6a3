import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repositoryRoot } from "../repository.ts";
import { commands } from "./commands.mjs";
import { explain } from "./npm.mjs";

describe("the bootstrap", () => {
  let root = "";

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "alfred boot strap "));
    await cp(join(repositoryRoot, "scripts", "bootstrap.mjs"), join(root, "scripts", "bootstrap.mjs"));
    await cp(join(repositoryRoot, "scripts", "bootstrap"), join(root, "scripts", "bootstrap"), { recursive: true });
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  it("names its commands when it gets none of them", () => {
    const { status, stderr } = run("fly");
    expect(status).toBe(1);
    expect(stderr.trim()).toBe(`Usage: node scripts/bootstrap.mjs <${Object.keys(commands).join(" | ")}>`);
  });

  it("says in one sentence that npm cannot reach its registry, and leaves nothing half installed", async () => {
    const { status, stderr } = run("start", { npm_config_registry: "http://127.0.0.1:9/" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/npm cannot reach its registry \(ECONNREFUSED\); check the network/);
    await expect(readFile(join(root, ".tools", "node_modules", ".alfred-tools"))).rejects.toThrow("ENOENT");
    await expect(readFile(join(root, ".tools", "lock"))).rejects.toThrow("ENOENT");
  });

  it("says in one sentence that there is no npm", async () => {
    const bare = join(root, "bare");
    await mkdir(bare);
    await cp(process.execPath, join(bare, "node"));
    const env = { PATH: bare, npm_execpath: "" };
    const { status, stderr } = spawnSync(join(bare, "node"), ["scripts/bootstrap.mjs", "start"], { cwd: root, env, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/npm was not found; install it \(it comes with Node from nodejs\.org\) and start again\.\n$/);
  });

  it("lets one of many starts install at a time, and takes over from one that died", async () => {
    await mkdir(join(root, ".tools"));
    const dead = spawnSync(process.execPath, ["--eval", "0"]).pid;
    await writeFile(join(root, ".tools", "lock"), String(dead));
    const script = await write(`
      import { appendFileSync } from "node:fs";
      import { withLock } from "./scripts/bootstrap/lock.mjs";
      await withLock(async () => {
        appendFileSync("trace", "in ");
        await new Promise((resolve) => setTimeout(resolve, 100));
        appendFileSync("trace", "out ");
      });`);
    const children = [1, 2, 3].map(() => spawn(process.execPath, [script], { cwd: root, stdio: "ignore" }));
    await Promise.all(children.map((child) => once(child, "exit")));
    expect(await readFile(join(root, "trace"), "utf8")).toBe("in out in out in out ");
  });

  it("passes Ctrl-C on once, though it comes from the terminal and from npm, and hands the exit code back", async () => {
    const { parent, lines } = await handedOver(`
      process.on("SIGINT", () => { console.log("interrupted"); setTimeout(() => process.exit(7), 500); });
      setInterval(() => undefined, 1000);
      console.log("up");`);
    await expect.poll(() => lines).toContain("up");
    parent.kill("SIGINT");
    await delay(50);
    parent.kill("SIGINT");
    expect(await once(parent, "exit")).toEqual([7, null]);
    expect(lines).toEqual(["up", "interrupted"]);
  });

  it("passes a request to stop on, and shows a death by signal as shells do", async () => {
    const { parent, lines } = await handedOver(`setInterval(() => undefined, 1000); console.log("up");`);
    await expect.poll(() => lines).toContain("up");
    parent.kill("SIGTERM");
    expect(await once(parent, "exit")).toEqual([143, null]);
  });

  async function handedOver(source: string): Promise<{ parent: ChildProcess; lines: string[] }> {
    const child = await write(source);
    const owner = await write(`
      import { handOver } from "./scripts/bootstrap/hand-over.mjs";
      process.exitCode = await handOver(process.execPath, [${JSON.stringify(child)}]);`);
    const parent = spawn(process.execPath, [owner], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    const lines: string[] = [];
    createInterface({ input: parent.stdout }).on("line", (line) => lines.push(line));
    return { parent, lines };
  }

  function run(command: string, env: NodeJS.ProcessEnv = {}): { status: number | null; stderr: string } {
    const options = { cwd: root, env: { ...process.env, ...env }, encoding: "utf8" } as const;
    return spawnSync(process.execPath, ["scripts/bootstrap.mjs", command], options);
  }

  async function write(source: string): Promise<string> {
    const file = join(root, `script-${source.length}.mjs`);
    await writeFile(file, source);
    return file;
  }
});

describe("explain", () => {
  it.each([
    ["npm error code ENOTFOUND", /^npm cannot reach its registry \(ENOTFOUND\)/],
    ["npm error code ENOSPC", /^npm found no space left on the disk/],
    ["npm error code E404\nnpm error 404 not found", /^npm failed:\nnpm error code E404/],
  ])("turns %j into a sentence", (output, sentence) => {
    expect(explain("npm", output)).toMatch(sentence);
  });
});
