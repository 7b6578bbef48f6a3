import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { RecoveredJournal } from "../src/journal/journal.ts";
import { JournalRig, recoveredFrom, temporaryFolder } from "./journal-rig.ts";

const program = fileURLToPath(new URL("journal-child.ts", import.meta.url));

type Child = ChildProcessByStdio<null, Readable, null>;

/** A process of its own that appends to this journal, under this limit of file size in blocks of the shell. */
function start(folder: string, sync: string, { limit = "unlimited", failpoints = "" } = {}): Child {
  const script = 'ulimit -f "$1" && exec "$2" "$3" "$4" "$5"';
  const args = ["-c", script, "sh", limit, process.execPath, program, folder, sync];
  const env = { ...process.env, ALFRED_FAILPOINTS: failpoints };
  return spawn("sh", args, { stdio: ["ignore", "pipe", "inherit"], env });
}

function lastConfirmed(said: string): number {
  return Math.max(...said.split("\n").filter((line) => /^\d+$/.test(line)).map(Number));
}

/** Resolves once the process has confirmed an append; what it says after that is thrown away. */
async function firstConfirmed(child: Child): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    said = lastConfirmed(said) > 0 ? said : said + chunk;
    if (lastConfirmed(said) > 0) resolve();
  });
  await promise;
}

function numbersOf({ entries }: RecoveredJournal): number[] {
  return entries.map((entry) => (entry.type === "intent" ? entry.number : 0));
}

/** Whether all that was confirmed is there, in its order, without a gap; at its front only what a snapshot left out is missing. */
function isSound(recovered: RecoveredJournal, confirmed: number): boolean {
  const numbers = numbersOf(recovered);
  const first = numbers[0] ?? 0;
  const isGapless = numbers.every((number, index) => number === first + index);
  return isGapless && (numbers.at(-1) ?? 0) >= confirmed;
}

describe("a process that is killed", () => {
  it.each([["background", 3_000], ["background", 10_040], ["background", 17_000], ["always", 400], ["always", 2_040]])(
    "with %s sync after %i appends leaves all that it confirmed, and the folder free",
    async (sync, count) => {
      await using folder = await temporaryFolder();
      const child = start(folder.path, sync);
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        said += chunk;
        if (lastConfirmed(said) >= count) child.kill("SIGKILL");
      });
      await once(child, "close");
      const recovered = await recoveredFrom(folder.path);
      expect(recovered).toMatchObject({ isCorrupt: false, isMarkedLost: false, isEmpty: false });
      expect(isSound(recovered, lastConfirmed(said))).toBe(true);
    },
  );
});

describe("a process that ends between the new segment and the end of the old one", () => {
  it("leaves both, and the new one counts", async () => {
    await using folder = await temporaryFolder();
    const said = await text(start(folder.path, "background", { failpoints: "journal-rotated:3" }).stdout);
    const segments = (await readdir(folder.path)).filter((name) => name.endsWith(".log"));
    expect(segments.toSorted()).toEqual(["journal-3.log", "journal-4.log"]);
    const recovered = await recoveredFrom(folder.path);
    expect(recovered).toMatchObject({ isCorrupt: false, isMarkedLost: false });
    expect(isSound(recovered, lastConfirmed(said))).toBe(true);
    expect(numbersOf(recovered)[0]).toBeGreaterThan(1);
  });
});

describe("a folder that a process has", () => {
  it("is refused to another with the holder's name, and is free when the holder was killed", async () => {
    await using folder = await temporaryFolder();
    const child = start(folder.path, "background");
    await firstConfirmed(child);
    const opening = JournalRig.open(folder.path);
    await expect(opening).rejects.toThrow(new RegExp(`is in use by process ${child.pid} on .+; stop that gateway, or set`));
    await expect(opening).rejects.toMatchObject({ reason: "held" });
    child.kill("SIGKILL");
    await once(child, "exit");
    await using rig = await JournalRig.open(folder.path);
    expect(rig.journal.recovered.isEmpty).toBe(false);
  });
});

describe("a disk that takes no more", () => {
  it("stops the journal with a sentence, keeps all that was confirmed, and is not taken for damage", async () => {
    await using folder = await temporaryFolder();
    const child = start(folder.path, "background", { limit: "64" });
    const said = await text(child.stdout);
    if (child.exitCode === null) await once(child, "exit");
    expect(child.exitCode).toBe(3);
    expect(said).toContain("could not be written (EFBIG");
    expect(said).toContain("raise the limit on file sizes of its process (ulimit -f), then start the gateway again.");
    const recovered = await recoveredFrom(folder.path);
    expect(recovered).toMatchObject({ isCorrupt: false, isMarkedLost: false });
    expect(isSound(recovered, lastConfirmed(said))).toBe(true);
    expect(numbersOf(recovered).at(-1)).toBe(lastConfirmed(said));
    expect((await readdir(folder.path)).filter((name) => name.startsWith("corrupt"))).toEqual([]);
  });
});
