import { writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { FRAME_HEADER_BYTES, sealFrame } from "./frame.ts";
import { SEGMENT_HEADER_BYTES, segmentHeader } from "./segment-header.ts";
import { segmentName } from "./segment-name.ts";
import { syncFolder } from "./sync-folder.ts";

/** One file of the journal, open for appending. */
export class Segment implements AsyncDisposable {
  readonly number: number;
  readonly #file: FileHandle;
  #bytes: number;

  private constructor(number: number, file: FileHandle, bytes: number) {
    this.number = number;
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Makes a segment that has its header alone, in the place of one that was begun. The folder is synced. */
  static async create(folder: string, number: number): Promise<Segment> {
    const file = await open(join(folder, segmentName(number)), "w");
    const segment = new Segment(number, file, 0);
    try {
      segment.#write(segmentHeader(number));
      await syncFolder(folder);
      return segment;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Opens a segment whose first `soundBytes` are sound, and cuts off what comes after. */
  static async reopen(folder: string, number: number, soundBytes: number): Promise<Segment> {
    const file = await open(join(folder, segmentName(number)), "r+");
    try {
      await file.truncate(soundBytes);
      await file.datasync();
      return new Segment(number, file, soundBytes);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Length of the file. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Hands a frame to the operating system and fills in its header. Throws what the system says; what it took of the frame by
   * then reads as a write cut short, and nothing may be appended after it.
   */
  append(frame: Buffer): void {
    sealFrame(frame, this.#bytes);
    this.#write(frame);
  }

  /** Says that what was appended so far stands for all segments before. */
  closeSnapshot(): void {
    this.append(Buffer.alloc(FRAME_HEADER_BYTES));
  }

  /** Resolves once all that was appended before is on the disk. Rejects where it is not, or where nobody would find it. */
  async sync(): Promise<void> {
    await this.#file.datasync();
    const { nlink } = await this.#file.stat();
    if (nlink === 0) throw new Error("its file was removed while it was in use");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }

  /** Not an asynchronous write: that costs several times the processor time and lets no more through. */
  #write(bytes: Buffer): void {
    let written = 0;
    while (written < bytes.length) {
      written += writeSync(this.#file.fd, bytes, written, bytes.length - written, this.#bytes + written);
    }
    this.#bytes += bytes.length;
  }
}

/** A segment that holds nothing but an empty snapshot is this long, in bytes. */
export const EMPTY_SEGMENT_BYTES = SEGMENT_HEADER_BYTES + FRAME_HEADER_BYTES;
