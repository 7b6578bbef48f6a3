import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StartError } from "../../services/all/src/start-error.ts";
import { findPython } from "./find-python.ts";

describe("findPython", () => {
  let root = "";
  const say = (): void => undefined;
  const python = async (name: string, exitCode: number): Promise<string> => {
    const folder = join(root, name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "python3"), `#!/bin/sh\nexit ${exitCode}\n`);
    await chmod(join(folder, "python3"), 0o755);
    return folder;
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "alfred python "));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it("takes the first that will do", async () => {
    const folders = [join(root, "none"), await python("old", 1), await python("good", 0), await python("later", 0)];
    const install = (): Promise<never> => Promise.reject(new Error("Nothing is to be installed."));
    expect(await findPython(say, { folders, install })).toBe(join(root, "good", "python3"));
  });

  it("installs Debian's where there is none, or none with all that it needs", async () => {
    const folders = [await python("usr", 1)];
    const installed: string[] = [];
    const install = async (packages: readonly string[]): Promise<void> => {
      installed.push(...packages);
      await python("usr", 0);
    };
    expect(await findPython(say, { folders, install })).toBe(join(root, "usr", "python3"));
    expect(installed).toEqual(["python3", "python3-venv"]);
  });

  it("says what to install where it cannot", async () => {
    const install = (_packages: readonly string[], advice: string): Promise<never> => Promise.reject(new StartError(advice));
    await expect(findPython(say, { folders: [], install })).rejects.toThrow(/Python 3\.10 or newer.*apt-get install python3 python3-venv/);
  });
});
