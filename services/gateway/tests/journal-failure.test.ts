import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fileHandlePrototype, intent, JournalRig, recoveredFrom, temporaryFolder } from "./journal-rig.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a disk that fails", () => {
  it("at a sync stops the journal for good and marks it lost", async () => {
    await using folder = await temporaryFolder();
    {
      await using rig = await JournalRig.open(folder.path, "always");
      const broken = Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
      vi.spyOn(await fileHandlePrototype(folder.path), "datasync").mockRejectedValueOnce(broken);
      rig.append([intent(1)]);
      await rig.until("failed");
      rig.append([intent(2)]);
      await rig[Symbol.asyncDispose]();
      expect(rig.said).toEqual(["failed"]);
      expect(rig.failure?.message).toMatch(/could not be synced \(EIO.*\): nothing is admitted without it; check the disk, then start/);
      expect(rig.logged.join()).toContain("appends were not written");
    }
    expect(await recoveredFrom(folder.path)).toMatchObject({ isMarkedLost: true, isCorrupt: false });
  });

  it("and loses the file in use is noticed by the next sync", async () => {
    await using folder = await temporaryFolder();
    {
      await using rig = await JournalRig.open(folder.path);
      await rm(join(folder.path, "journal-1.log"));
      rig.append([intent(1)], { sync: true });
      await rig.until("failed");
      expect(rig.failure?.message).toContain("could not be synced (its file was removed while it was in use)");
    }
    expect((await recoveredFrom(folder.path)).isMarkedLost).toBe(true);
  });

  it("and takes no mark of loss is told of as such", async () => {
    await using folder = await temporaryFolder();
    await using rig = await JournalRig.open(folder.path);
    await rm(folder.path, { recursive: true });
    rig.append([intent(1)], { sync: true });
    await rig.until("failed");
    expect(rig.failure?.message).toMatch(/is lost, and the disk does not even take a mark of that \(ENOENT.*; move the folder away/);
    await expect(rig.journal.markLost()).rejects.toThrow("move the folder away");
  });

  it("while the journal is shortened leaves what it held", async () => {
    await using folder = await temporaryFolder();
    {
      await using rig = await JournalRig.open(folder.path);
      await rig.appendEach([intent(1)]);
      const full = Object.assign(new Error("ENOSPC: no space left on device, fdatasync"), { code: "ENOSPC" });
      vi.spyOn(await fileHandlePrototype(folder.path), "datasync").mockRejectedValueOnce(full);
      rig.compact([intent(2)]);
      await rig.until("failed");
      expect(rig.failure?.message).toMatch(/could not be shortened \(ENOSPC.*free space there/);
      expect(await readdir(folder.path)).not.toContain("journal-2.log");
    }
    expect(await recoveredFrom(folder.path)).toMatchObject({ entries: [intent(1)], isCorrupt: false, isMarkedLost: false });
  });

  it("can be marked lost by hand", async () => {
    await using folder = await temporaryFolder();
    {
      await using rig = await JournalRig.open(folder.path);
      await rig.appendEach([intent(1)]);
      await rig.journal.markLost();
    }
    expect(await recoveredFrom(folder.path)).toMatchObject({ entries: [intent(1)], isMarkedLost: true });
  });
});
