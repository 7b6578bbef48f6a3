import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openHome } from "./home.ts";

describe("openHome", () => {
  let root = "";

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "alfred home "));
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  it("makes the folder and says where it is", async () => {
    await using home = await openHome(join(root, "a", "b"));
    expect(home.folder).toBe(join(root, "a", "b"));
  });

  it("refuses a second instance with one sentence, and lets it in when the first is gone", async () => {
    const first = await openHome(root);
    await expect(openHome(root)).rejects.toThrow(`Another Alfred uses the data folder ${root}; stop it`);
    await first[Symbol.asyncDispose]();
    await using again = await openHome(root);
    expect(again.folder).toBe(root);
  });

  it("is free again when the process that held it was killed", async () => {
    const module = JSON.stringify(new URL("home.ts", import.meta.url).href);
    const script = `import { openHome } from ${module}; globalThis.home = await openHome(process.argv[1]);
      console.log("open"); setInterval(() => undefined, 1000);`;
    const holder = spawn(process.execPath, ["--input-type=module", "--eval", script, root]);
    await once(holder.stdout, "data");
    await expect(openHome(root)).rejects.toThrow("Another Alfred");
    holder.kill("SIGKILL");
    await once(holder, "exit");
    await using home = await openHome(root);
    expect(home.folder).toBe(root);
  });

  it("says what is wrong with a folder that is a file", async () => {
    await writeFile(join(root, "file"), "");
    await expect(openHome(join(root, "file"))).rejects.toThrow(/cannot be used \(it is not a folder\); set ALFRED_HOME/);
    await expect(openHome(join(root, "file", "below"))).rejects.toThrow(/cannot be used \(ENOTDIR\)/);
  });

  it("says of a folder that the system does not make what the system says", async () => {
    await expect(openHome("/proc/nope/below")).rejects.toThrow(/cannot be used/);
  });

  it("says what is wrong with a damaged lock file", async () => {
    await writeFile(join(root, "alfred.lock"), "this is not a lock file".repeat(50));
    await expect(openHome(root)).rejects.toThrow(/alfred\.lock is damaged; remove that file/);
  });
});
