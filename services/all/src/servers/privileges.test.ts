import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asAccount, reachableProgram } from "./privileges.ts";

const account = { uid: 54_321, gid: 54_321 };

describe("asAccount", () => {
  let root = "";

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "alfred-account-"));
    await mkdir(join(root, "open", "data"), { recursive: true });
    await mkdir(join(root, "closed", "data"), { recursive: true });
    await chmod(root, 0o755);
    await chmod(join(root, "closed"), 0o700);
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  it("leaves a command alone where no account is needed", async () => {
    expect(await asAccount(undefined, join(root, "closed", "data"), ["/bin/postgres", "-D"])).toEqual({
      file: "/bin/postgres",
      args: ["-D"],
    });
  });

  it("changes the account where it can reach folder and program", async () => {
    expect(await asAccount(account, join(root, "open", "data"), ["/bin/postgres", "-D"])).toEqual({
      file: "/bin/postgres",
      args: ["-D"],
      account,
    });
  });

  it("passes a closed folder above the data", async () => {
    const { file, args } = await asAccount(account, join(root, "closed", "data"), ["/bin/postgres", "-D"]);
    expect(file).toBe("setpriv");
    expect(args).toContain("--reuid=54321");
    expect(args.slice(-2)).toEqual(["/bin/postgres", "-D"]);
  });
});

describe("reachableProgram", () => {
  it("copies a program out of a closed folder, together with its library", async () => {
    const root = await mkdtemp(join(tmpdir(), "alfred-closed-"));
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => rm(root, { recursive: true, force: true }));
    await mkdir(join(root, "bin"));
    await writeFile(join(root, "bin", "postgres"), "", { mode: 0o755 });
    await mkdir(join(root, "lib"));
    await writeFile(join(root, "lib", "library"), "");

    const { program, copy = "" } = await reachableProgram(account, join(root, "bin", "postgres"));
    cleanup.defer(() => rm(copy, { recursive: true, force: true }));
    expect(program).toBe(join(copy, "bin", "postgres"));
    expect(await readdir(join(copy, "lib"))).toEqual(["library"]);
    expect((await stat(copy)).mode & 0o777).toBe(0o711);
  });

  it("leaves a program where it is that can be reached", async () => {
    expect(await reachableProgram(account, "/bin/sh")).toEqual({ program: "/bin/sh" });
    expect(await reachableProgram(undefined, "/root/bin/postgres")).toEqual({ program: "/root/bin/postgres" });
  });
});
