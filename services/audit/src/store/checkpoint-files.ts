/** Checkpoints on disk: one file per organisation, only ever appended to, each line on disk before it counts. */
import { mkdir, open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";

import type { Head } from "../domain/chain.ts";
import { checkpointLine, parseCheckpoint, readCheckpoint } from "../domain/checkpoint.ts";
import type { Checkpoint } from "../domain/checkpoint.ts";

/** Longer than any line that is written here, in bytes. */
const TAIL_BYTES = 4_096;

/** The folder of checkpoints. */
export class CheckpointFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder, readable by its owner only. */
  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** The last checkpoint of an organisation, or undefined. A line that a crash tore off is passed over. */
  async last(organisation: string): Promise<Checkpoint | undefined> {
    await using file = await this.#open(organisation, "r");
    return file && (await readTail(file, organisation)).last;
  }

  /** Appends a checkpoint and forces it to disk. One at a time per organisation: the caller sees to that. */
  async append(organisation: string, head: Head, time: Date): Promise<void> {
    await using file = (await this.#open(organisation, "r+")) ?? (await this.#create(organisation));
    const { last, end } = await readTail(file, organisation);
    await file.truncate(end);
    const line = checkpointLine(organisation, head, time, last);
    await file.write(`${line}\n`, end);
    await file.datasync();
  }

  /**
   * Reads an organisation's checkpoints in order. The iterator returns true at a line that does not continue the one
   * before it, and false at the end of the file.
   */
  async *read(organisation: string): AsyncGenerator<Checkpoint, boolean> {
    await using file = await this.#open(organisation, "r");
    if (file === undefined) return false;
    const { end } = await readTail(file, organisation);
    if (end === 0) return false;
    let last: Checkpoint | undefined;
    for await (const line of file.readLines({ start: 0, end: end - 1, autoClose: false })) {
      last = readCheckpoint(organisation, line, last);
      if (last === undefined) return true;
      yield last;
    }
    return false;
  }

  async #open(organisation: string, flags: "r" | "r+"): Promise<FileHandle | undefined> {
    try {
      return await open(this.#path(organisation), flags);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** A new file is on disk only once its folder is. */
  async #create(organisation: string): Promise<FileHandle> {
    const file = await open(this.#path(organisation), "wx+", 0o600);
    await using folder = await open(this.#folder, "r");
    await folder.sync();
    return file;
  }

  // Ids that reach a chain are letters, digits, "_" and "-" only.
  #path(organisation: string): string {
    return join(this.#folder, `${organisation}.jsonl`);
  }
}

/** The last whole line and where it ends, in bytes. */
async function readTail(
  file: FileHandle,
  organisation: string,
): Promise<{ last: Checkpoint | undefined; end: number }> {
  const { size } = await file.stat();
  const start = Math.max(0, size - TAIL_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
  const tail = buffer.subarray(0, bytesRead);
  const end = tail.lastIndexOf("\n") + 1;
  const line = tail.subarray(0, end).toString("utf8").trimEnd().split("\n").at(-1) ?? "";
  return { last: line === "" ? undefined : parseCheckpoint(organisation, line), end: start + end };
}
