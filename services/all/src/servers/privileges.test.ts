import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asAccount } from "./privileges.ts";

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

  it("passes a closed folder above the data or above the program", async () => {
    for (const [folder, program] of [["closed/data", "/bin/postgres"], ["open/data", join(root, "closed", "postgres")]] as const) {
      const { file, args } = await asAccount(account, join(root, folder), [program, "-D"]);
      expect(file).toBe("setpriv");
      expect(args).toContain("--reuid=54321");
      expect(args.slice(-2)).toEqual([program, "-D"]);
    }
  });
});
