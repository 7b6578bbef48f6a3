import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { JournalEntry } from "../src/leases/journal-entry.ts";
import { readBootId } from "../src/journal/boot-id.ts";
import { actual, fileHandlePrototype, intent, JournalRig, recoveredFrom, temporaryFolder } from "./journal-rig.ts";

const start: JournalEntry = { type: "start", startId: "start_1", isAlwaysSynced: true };

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a journal", () => {
  it("is empty when it is new, and holds in order what was appended before", async () => {
    await using folder = await temporaryFolder();
    expect(await recoveredFrom(folder.path)).toEqual({ entries: [], isCorrupt: false, isMarkedLost: false, isEmpty: true });
    expect((await recoveredFrom(folder.path)).isEmpty).toBe(true);
    {
      await using rig = await JournalRig.open(folder.path);
      await rig.appendEach([start, intent(1)]);
      rig.append([intent(2), actual(1)]);
    }
    const entries = [start, intent(1), intent(2), actual(1)];
    expect(await recoveredFrom(folder.path)).toEqual({ entries, isCorrupt: false, isMarkedLost: false, isEmpty: false });
  });

  it("confirms in order, never from within the call, and says of each that it is on the disk", async () => {
    await using folder = await temporaryFolder();
    await using rig = await JournalRig.open(folder.path);
    rig.append([intent(1)]);
    rig.append([intent(2)]);
    expect(rig.said).toEqual([]);
    await rig.until("synced 2");
    expect(rig.said).toEqual(["appended 1", "appended 2", "synced 1", "synced 2"]);
  });

  it("writes those of one turn as one frame", async () => {
    await using folder = await temporaryFolder();
    await using rig = await JournalRig.open(folder.path);
    const empty = rig.journal.bytes;
    rig.append([intent(1)]);
    await rig.until("appended 1");
    const single = rig.journal.bytes - empty;
    for (let count = 0; count < 10; count += 1) rig.append([intent(1)]);
    await rig.until("appended 11");
    const frameHeader = 12;
    expect(rig.journal.bytes - empty - single).toBe(10 * (single - frameHeader) + frameHeader);
  });

  it("takes more in one turn than it gathers, and confirms all of it in order", async () => {
    await using folder = await temporaryFolder();
    const large = Array.from({ length: 40 }, (_, index) => ({ ...intent(index), note: new Uint8Array(20_000) }));
    {
      await using rig = await JournalRig.open(folder.path);
      for (const entry of large) rig.append([entry]);
      await rig.until("appended 40");
      expect(rig.said).toEqual(large.map((_, index) => `appended ${index + 1}`));
    }
    expect((await recoveredFrom(folder.path)).entries).toEqual(large);
  });

  it("refuses what the format cannot say, and writes nothing of it", async () => {
    await using folder = await temporaryFolder();
    {
      await using rig = await JournalRig.open(folder.path);
      expect(() => rig.append([intent(1), { type: "boot", bootId: "x".repeat(70_000) }])).toThrow(RangeError);
      expect(() => rig.append([{ ...intent(1), note: new Uint8Array(9_000_000) } as JournalEntry])).toThrow(/too many for one append/);
      await rig.until(`appended ${rig.append([intent(2)])}`);
    }
    expect((await recoveredFrom(folder.path)).entries).toEqual([intent(2)]);
  });

  it("is refused to a second opener of the same process, and is free once the first is closed", async () => {
    await using folder = await temporaryFolder();
    {
      await using rig = await JournalRig.open(folder.path);
      await expect(JournalRig.open(folder.path)).rejects.toThrow(`is in use by process ${process.pid} on `);
      await rig.appendEach([intent(1)]);
    }
    expect((await recoveredFrom(folder.path)).entries).toEqual([intent(1)]);
  });

  it("writes nothing once it is closed, and says so", async () => {
    await using folder = await temporaryFolder();
    const rig = await JournalRig.open(folder.path);
    await rig[Symbol.asyncDispose]();
    rig.append([intent(1)]);
    expect(rig.logged.join()).toContain("appends were not written");
    expect((await recoveredFrom(folder.path)).isEmpty).toBe(true);
  });

  it("of a later version is refused and left as it is", async () => {
    await using folder = await temporaryFolder();
    const header = Buffer.from("ALFRJL\x02\x00\x01\x00\x00\x00\x00\x00\x00\x00", "latin1");
    header.writeUInt32LE(crc32(header.subarray(0, 12)), 12);
    await writeFile(join(folder.path, "journal-1.log"), header);
    await expect(JournalRig.open(folder.path)).rejects.toMatchObject({ reason: "newer" });
    expect(await readdir(folder.path)).toEqual(expect.arrayContaining(["journal-1.log"]));
  });

  it("says what is wrong with a folder that cannot be one", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "file"), "");
    const opening = JournalRig.open(join(folder.path, "file"));
    await expect(opening).rejects.toThrow(/cannot be used \(it is not a folder\); set ALFRED_GATEWAY_JOURNAL/);
    await expect(opening).rejects.toMatchObject({ reason: "unusable" });
  });
});

describe("what is put on the disk", () => {
  /** Says "sync starts" and "sync ends" around every real one. */
  async function watchSyncs(rig: JournalRig, folder: string): Promise<void> {
    const prototype = await fileHandlePrototype(folder);
    const real = prototype.datasync;
    vi.spyOn(prototype, "datasync").mockImplementation(async function sync(this: typeof prototype) {
      rig.say("sync starts");
      await real.call(this);
      rig.say("sync ends");
    });
  }

  it("is confirmed only after it is there, with sync always", async () => {
    await using folder = await temporaryFolder();
    await using rig = await JournalRig.open(folder.path, "always");
    await watchSyncs(rig, folder.path);
    await rig.appendEach([intent(1), intent(2)]);
    const each = (token: number): string[] => ["sync starts", "sync ends", `appended ${token}`, `synced ${token}`];
    expect(rig.said).toEqual([...each(1), ...each(2)]);
  });

  it("with sync always waits for a sync that starts after it was written", async () => {
    await using folder = await temporaryFolder();
    await using rig = await JournalRig.open(folder.path, "always");
    await watchSyncs(rig, folder.path);
    rig.append([intent(1)]);
    await rig.until("sync starts");
    rig.append([intent(2)]);
    await rig.until("synced 2");
    const second = ["sync starts", "sync ends", "appended 2", "synced 2"];
    expect(rig.said).toEqual(["sync starts", "sync ends", "appended 1", "synced 1", ...second]);
  });

  it("follows the confirmation in the background", async () => {
    await using folder = await temporaryFolder();
    await using rig = await JournalRig.open(folder.path);
    await watchSyncs(rig, folder.path);
    rig.append([intent(1)]);
    await rig.until("synced 1");
    expect(rig.said).toEqual(["appended 1", "sync starts", "sync ends", "synced 1"]);
  });

  it("is asked for at the end of the turn where an append wants that, however long the background would wait", async () => {
    await using folder = await temporaryFolder();
    await using rig = await JournalRig.open(folder.path);
    await watchSyncs(rig, folder.path);
    rig.append([intent(1)]);
    rig.append([{ type: "clean" }], { sync: true });
    await rig.until("appended 2");
    expect(rig.said).toEqual(["sync starts", "appended 1", "appended 2"]);
    await rig.until("synced 2");
    expect(rig.said.slice(3)).toEqual(["sync ends", "synced 1", "synced 2"]);
  });
});

describe("a journal that is shortened", () => {
  it("holds the snapshot and what was appended meanwhile and after, in this order", async () => {
    await using folder = await temporaryFolder();
    const snapshot = Array.from({ length: 3_000 }, (_, index) => intent(index + 1));
    {
      await using rig = await JournalRig.open(folder.path);
      await rig.appendEach([actual(1)]);
      rig.append([actual(2)]);
      const token = rig.compact(snapshot);
      rig.append([actual(3)]);
      await rig.until("appended 4");
      expect(rig.said).not.toContain(`synced ${token}`);
      rig.append([actual(4)]);
      await rig.until(`synced ${token}`);
      await rig.appendEach([actual(5)]);
      expect(await readdir(folder.path)).not.toContain("journal-1.log");
    }
    expect((await recoveredFrom(folder.path)).entries).toEqual([...snapshot, actual(3), actual(4), actual(5)]);
  });

  it("is smaller, may be empty, and can be shortened again", async () => {
    await using folder = await temporaryFolder();
    {
      await using rig = await JournalRig.open(folder.path, "always");
      const empty = rig.journal.bytes;
      for (let round = 0; round < 3; round += 1) {
        await rig.appendEach([intent(1), intent(2)]);
        await rig.until(`synced ${rig.compact([])}`);
        expect(rig.journal.bytes).toBe(empty);
      }
    }
    expect(await readdir(folder.path)).toContain("journal-4.log");
    expect((await recoveredFrom(folder.path)).isEmpty).toBe(true);
  });

  it("again while it is being shortened goes by the last snapshot, and answers each", async () => {
    await using folder = await temporaryFolder();
    {
      await using rig = await JournalRig.open(folder.path);
      await rig.appendEach([intent(1)]);
      const first = rig.compact([intent(2)]);
      rig.append([intent(3)]);
      const second = rig.compact([intent(4)]);
      rig.append([intent(5)]);
      const third = rig.compact([intent(6)]);
      rig.append([intent(7)]);
      await rig.until(`synced ${third}`);
      const answers = [first, second, third].map((token) => `synced ${token}`);
      expect(rig.said.filter((what) => answers.includes(what))).toEqual(answers);
      await rig.appendEach([intent(8)]);
    }
    expect((await recoveredFrom(folder.path)).entries).toEqual([intent(6), intent(7), intent(8)]);
  });

  it("is finished before it closes", async () => {
    await using folder = await temporaryFolder();
    {
      await using rig = await JournalRig.open(folder.path);
      await rig.appendEach([intent(1), intent(2)]);
      rig.compact([intent(2)]);
    }
    expect((await recoveredFrom(folder.path)).entries).toEqual([intent(2)]);
  });
});

describe("the boot id", () => {
  it("is the same twice, and undefined where the system does not tell", async () => {
    expect(await readBootId()).toBe(await readBootId());
    expect(await readBootId("/nowhere/boot_id")).toBeUndefined();
  });
});
