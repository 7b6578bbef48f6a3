import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { JournalEntry } from "../src/leases/journal-entry.ts";
import { actual, intent, JournalRig, recoveredFrom, temporaryFolder } from "./journal-rig.ts";

const segment = (folder: string, number: number): string => join(folder, `journal-${number}.log`);

/** The files of a folder, to be put back as they were. */
type Files = Readonly<Record<string, Buffer>>;

async function put(folder: string, files: Files): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
}

/** A first segment with one frame for each entry. */
async function firstSegment(folder: string, entries: readonly JournalEntry[]): Promise<Buffer> {
  await using rig = await JournalRig.open(folder);
  await rig.appendEach(entries);
  return readFile(segment(folder, 1));
}

/** A rotation: what the old segment held when the new one took over, and the new one. */
async function rotation(folder: string): Promise<{ old: Buffer; next: Buffer; entries: readonly JournalEntry[] }> {
  const snapshot = [intent(2), intent(3)];
  const old = await firstSegment(folder, [intent(1), actual(1), ...snapshot]);
  await using rig = await JournalRig.open(folder);
  await rig.until(`synced ${rig.compact(snapshot)}`);
  return { old, next: await readFile(segment(folder, 2)), entries: snapshot };
}

describe("a journal whose end is missing", () => {
  it("recovers the appends before, is not corrupt, and goes on, wherever it was cut", async () => {
    await using folder = await temporaryFolder();
    const entries = [intent(1), intent(2), actual(1)];
    const whole = await firstSegment(folder.path, entries);
    let most = 0;
    for (let length = 0; length <= whole.length; length += 1) {
      await put(folder.path, { "journal-1.log": whole.subarray(0, length) });
      await using rig = await JournalRig.open(folder.path);
      const { recovered } = rig.journal;
      expect(recovered, `cut at ${length}`).toMatchObject({ isCorrupt: false, isMarkedLost: false });
      expect(recovered.entries).toEqual(entries.slice(0, recovered.entries.length));
      expect(recovered.entries.length).toBeGreaterThanOrEqual(most);
      most = recovered.entries.length;
      await rig.appendEach([actual(9)]);
      await rig[Symbol.asyncDispose]();
      expect((await recoveredFrom(folder.path)).entries).toEqual([...recovered.entries, actual(9)]);
    }
    expect(most).toBe(entries.length);
  });
});

describe("a journal that was damaged", () => {
  it("is found corrupt whichever byte has changed, and yields only what came before", async () => {
    await using folder = await temporaryFolder();
    const entries = [intent(1), actual(1)];
    const whole = await firstSegment(folder.path, entries);
    for (let offset = 0; offset < whole.length; offset += 1) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(damaged.readUInt8(offset) ^ (1 << (offset % 8)), offset);
      await put(folder.path, { "journal-1.log": damaged });
      const recovered = await recoveredFrom(folder.path);
      expect(recovered, `byte ${offset}`).toMatchObject({ isCorrupt: true, isEmpty: false });
      expect(recovered.entries).toEqual(entries.slice(0, recovered.entries.length));
    }
  });

  it("puts the damaged file aside, goes on with what could be read, and stays marked lost until it is shortened", async () => {
    await using folder = await temporaryFolder();
    const whole = await firstSegment(folder.path, [intent(1), actual(1)]);
    whole.writeUInt8(whole.readUInt8(whole.length - 1) ^ 1, whole.length - 1);
    await put(folder.path, { "journal-1.log": whole });
    {
      await using rig = await JournalRig.open(folder.path);
      expect(rig.journal.recovered).toMatchObject({ entries: [intent(1)], isCorrupt: true, isMarkedLost: false });
      expect(rig.logged.join()).toContain("corrupt-1.log");
      await rig.appendEach([intent(2)]);
    }
    expect(await readFile(join(folder.path, "corrupt-1.log"))).toEqual(whole);
    {
      await using rig = await JournalRig.open(folder.path);
      expect(rig.journal.recovered).toMatchObject({ entries: [intent(1), intent(2)], isCorrupt: false, isMarkedLost: true });
      await rig.until(`synced ${rig.compact([intent(2)])}`);
    }
    expect(await recoveredFrom(folder.path)).toMatchObject({ entries: [intent(2)], isCorrupt: false, isMarkedLost: false });
  });

  it("is corrupt where bytes that are no frame follow", async () => {
    await using folder = await temporaryFolder();
    const whole = await firstSegment(folder.path, [intent(1)]);
    await put(folder.path, { "journal-1.log": Buffer.concat([whole, Buffer.alloc(64)]) });
    expect(await recoveredFrom(folder.path)).toMatchObject({ entries: [intent(1)], isCorrupt: true });
  });

  it("is corrupt where a whole frame in it is missing or stands twice", async () => {
    await using folder = await temporaryFolder();
    const one = await firstSegment(folder.path, [intent(1)]);
    await put(folder.path, {});
    const two = await firstSegment(folder.path, [intent(1), intent(2)]);
    await put(folder.path, {});
    const three = await firstSegment(folder.path, [intent(1), intent(2), intent(3)]);
    await put(folder.path, { "journal-1.log": Buffer.concat([one, three.subarray(two.length)]) });
    expect(await recoveredFrom(folder.path)).toMatchObject({ entries: [intent(1)], isCorrupt: true });
    await put(folder.path, { "journal-1.log": Buffer.concat([two, two.subarray(one.length)]) });
    expect(await recoveredFrom(folder.path)).toMatchObject({ entries: [intent(1), intent(2)], isCorrupt: true });
  });
});

describe("a rotation that a crash cuts short", () => {
  it("leaves the old segment or the new one, whichever byte was the last", async () => {
    await using folder = await temporaryFolder();
    const { old, next, entries } = await rotation(folder.path);
    for (let length = 0; length <= next.length; length += 1) {
      await put(folder.path, { "journal-1.log": old, "journal-2.log": next.subarray(0, length) });
      const recovered = await recoveredFrom(folder.path);
      const expected = length === next.length ? entries : [intent(1), actual(1), ...entries];
      expect(recovered, `cut at ${length}`).toEqual({ entries: expected, isCorrupt: false, isMarkedLost: false, isEmpty: false });
      expect((await readdir(folder.path)).filter((name) => name.endsWith(".log"))).toHaveLength(1);
    }
  });

  it("leaves an old segment that a write was cut short in as well", async () => {
    await using folder = await temporaryFolder();
    const { old, next } = await rotation(folder.path);
    await put(folder.path, { "journal-1.log": old.subarray(0, -1), "journal-2.log": next.subarray(0, -1) });
    expect(await recoveredFrom(folder.path)).toMatchObject({ entries: [intent(1), actual(1), intent(2)], isCorrupt: false });
  });

  it("can be tried again after each", async () => {
    await using folder = await temporaryFolder();
    const { old, next, entries } = await rotation(folder.path);
    await put(folder.path, { "journal-1.log": old, "journal-2.log": next.subarray(0, -1) });
    {
      await using rig = await JournalRig.open(folder.path);
      await rig.until(`synced ${rig.compact(entries)}`);
    }
    expect(await recoveredFrom(folder.path)).toMatchObject({ entries, isCorrupt: false });
  });
});

describe("segments that no crash explains", () => {
  it("are corrupt where the old one of a snapshot that was not finished is missing", async () => {
    await using folder = await temporaryFolder();
    const { next } = await rotation(folder.path);
    for (let length = 0; length < next.length; length += 1) {
      await put(folder.path, { "journal-2.log": next.subarray(0, length) });
      const recovered = await recoveredFrom(folder.path);
      expect(recovered, `cut at ${length}`).toMatchObject({ isCorrupt: true, isEmpty: false });
    }
  });

  it("are corrupt where one between two is missing", async () => {
    await using folder = await temporaryFolder();
    const { old } = await rotation(folder.path);
    await rm(segment(folder.path, 2));
    const third = await thirdSegment();
    await put(folder.path, { "journal-1.log": old, "journal-3.log": third.subarray(0, -1) });
    expect(await recoveredFrom(folder.path)).toMatchObject({ entries: [intent(1), actual(1), intent(2), intent(3)], isCorrupt: true });
  });

  it("are corrupt where a byte of the new one has changed while the old one is still there", async () => {
    await using folder = await temporaryFolder();
    const { old, next } = await rotation(folder.path);
    for (let offset = 0; offset < next.length; offset += 1) {
      const damaged = Buffer.from(next);
      damaged.writeUInt8(damaged.readUInt8(offset) ^ 128, offset);
      await put(folder.path, { "journal-1.log": old, "journal-2.log": damaged });
      const { isCorrupt, entries } = await recoveredFrom(folder.path);
      expect(isCorrupt, `byte ${offset}`).toBe(true);
      expect(entries).toContainEqual(intent(2));
    }
  });

  it("are corrupt where one has the name of another", async () => {
    await using folder = await temporaryFolder();
    const { next } = await rotation(folder.path);
    await put(folder.path, { "journal-7.log": next });
    expect(await recoveredFrom(folder.path)).toMatchObject({ isCorrupt: true });
    expect((await stat(join(folder.path, "corrupt-7.log"))).size).toBe(next.length);
  });
});

async function thirdSegment(): Promise<Buffer> {
  await using folder = await temporaryFolder();
  await rotation(folder.path);
  await using rig = await JournalRig.open(folder.path);
  await rig.until(`synced ${rig.compact([intent(3)])}`);
  return readFile(segment(folder.path, 3));
}
