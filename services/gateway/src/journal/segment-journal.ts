import { rm } from "node:fs/promises";
import { join } from "node:path";
import { failpoint, type FolderLock } from "@alfred/lifecycle";
import type { JournalEntry } from "../leases/journal-entry.ts";
import { Compaction } from "./compaction.ts";
import { GatheredFrame } from "./gathered-frame.ts";
import { diskError, JournalError, lostError } from "./journal-error.ts";
import type { Journal, JournalOptions, JournalToken, RecoveredJournal } from "./journal-port.ts";
import { removeLostMark, setLostMark } from "./lost-mark.ts";
import type { Segment } from "./segment.ts";
import { segmentName } from "./segment-name.ts";
import { discard, writeSnapshot } from "./snapshot.ts";
import { syncFolder } from "./sync-folder.ts";
import { SyncLoop } from "./sync-loop.ts";

interface Parts extends JournalOptions {
  readonly lock: FolderLock;
  readonly recovered: RecoveredJournal;
  readonly segment: Segment;
}

/** How long what was written may wait before it is put on the disk. */
const syncDelayMs = 50;

/**
 * The journal over its segments. An append goes through three lists: gathered until the end of the turn, written, and
 * confirmed but not synced; with `always` what is written is confirmed by the sync.
 */
export class SegmentJournal implements Journal {
  readonly recovered: RecoveredJournal;
  readonly #parts: Parts;
  #segment: Segment;
  readonly #gathered = new GatheredFrame();
  /** Appends that are gathered or written, and that the end of the turn confirms. */
  #waiting: JournalToken[] = [];
  #isTurnAwaited = false;
  #isTurnUrgent: boolean;
  #unsynced: JournalToken[] = [];
  readonly #syncLoop = new SyncLoop(() => this.#sync(), syncDelayMs);
  /** The one whose segment is being written. */
  #compaction: Compaction | undefined;
  /** The one after that; a later one takes its place. */
  #nextCompaction: Compaction | undefined;
  #compacting: Promise<void> | undefined;
  #hasFailed = false;
  #unwritten = 0;
  #closing: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.recovered = parts.recovered;
    this.#segment = parts.segment;
    this.#isTurnUrgent = parts.sync === "always";
  }

  get bytes(): number {
    return this.#segment.bytes;
  }

  append(token: JournalToken, entries: readonly JournalEntry[], { sync = false }: { readonly sync?: boolean } = {}): void {
    if (this.#isRefused()) return;
    this.#gathered.add(entries);
    this.#waiting.push(token);
    this.#isTurnUrgent ||= sync;
    if (this.#gathered.isFull) this.#write();
    if (this.#isTurnAwaited) return;
    this.#isTurnAwaited = true;
    setImmediate(() => this.#endTurn());
  }

  compact(token: JournalToken, entries: readonly JournalEntry[]): void {
    if (this.#isRefused()) return;
    this.#write();
    this.#nextCompaction = new Compaction([...(this.#nextCompaction?.tokens ?? []), token], entries);
    this.#compacting ??= this.#compactAll();
  }

  async markLost(): Promise<void> {
    const { folder } = this.#parts.lock;
    await setLostMark(folder).catch((cause: unknown) => {
      throw lostError(folder, cause);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #isRefused(): boolean {
    if (!this.#hasFailed && this.#closing === undefined) return false;
    this.#unwritten += 1;
    if (this.#isClosed) this.#logUnwritten();
    return true;
  }

  /** Hands what is gathered to the operating system. */
  #write(): void {
    const frame = this.#gathered.take();
    if (frame === undefined || this.#hasFailed) return;
    try {
      this.#segment.append(frame);
      this.#carry(frame);
    } catch (error) {
      this.#fail("written", error);
    }
  }

  #carry(written: Buffer): void {
    if (this.#compacting === undefined) return;
    const frame = Buffer.from(written);
    this.#compaction?.carry(frame);
    this.#nextCompaction?.carry(frame);
  }

  #endTurn(): void {
    this.#isTurnAwaited = false;
    this.#write();
    const tokens = this.#waiting;
    this.#waiting = [];
    if (this.#hasFailed) {
      this.#unwritten += tokens.length;
      return;
    }
    if (tokens.length === 0) return;
    for (const token of tokens) this.#unsynced.push(token);
    this.#syncLoop.request(this.#isTurnUrgent ? "now" : "soon");
    this.#isTurnUrgent = this.#parts.sync === "always";
    if (this.#parts.sync === "background") for (const token of tokens) this.#parts.onAppended(token);
  }

  /** Never rejects. */
  async #sync(): Promise<void> {
    const tokens = this.#unsynced;
    this.#unsynced = [];
    if (this.#hasFailed) return;
    try {
      await this.#segment.sync();
    } catch (error) {
      this.#fail("synced", error);
    }
    if (this.#hasFailed) return;
    for (const token of tokens) {
      if (this.#parts.sync === "always") this.#parts.onAppended(token);
      this.#parts.onSynced(token);
    }
  }

  async #compactAll(): Promise<void> {
    try {
      for (let next = this.#nextCompaction; next !== undefined; next = this.#nextCompaction) {
        this.#nextCompaction = undefined;
        this.#compaction = next;
        await this.#rotate(next);
      }
    } catch (error) {
      this.#fail("shortened", error);
    } finally {
      this.#compacting = undefined;
    }
  }

  /**
   * The snapshot goes into a new segment while appends still go into the old one; then these are written again behind the
   * snapshot, which is closed, and the new one takes over, all in one turn. The old one goes once the disk has the new.
   */
  async #rotate(compaction: Compaction): Promise<void> {
    const { folder } = this.#parts.lock;
    const old = this.#segment;
    const next = await writeSnapshot(folder, old.number + 1, compaction.entries);
    try {
      this.#takeOver(next, compaction);
    } catch (error) {
      await discard(folder, next);
      throw error;
    }
    await this.#syncLoop.run();
    await old[Symbol.asyncDispose]();
    if (this.#hasFailed) return;
    failpoint("journal-rotated");
    await rm(join(folder, segmentName(old.number)));
    await syncFolder(folder);
    await removeLostMark(folder);
    for (const token of compaction.tokens) this.#parts.onSynced(token);
  }

  #takeOver(next: Segment, compaction: Compaction): void {
    this.#write();
    if (this.#hasFailed) throw new Error("the journal has failed");
    compaction.complete(next);
    this.#compaction = undefined;
    this.#segment = next;
  }

  /** Nothing is confirmed any more. What a sync did not bring to the disk may be gone, so the next start must know. */
  #fail(refused: string, cause: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    void this.#tellOfFailure(diskError(this.#parts.lock.folder, refused, cause), refused === "synced");
  }

  async #tellOfFailure(error: JournalError, isLost: boolean): Promise<void> {
    this.#parts.log.error({ err: error }, "the journal failed");
    this.#parts.onFailed(await (isLost ? this.#markLostFor(error) : error));
  }

  async #markLostFor(error: JournalError): Promise<JournalError> {
    try {
      await this.markLost();
      return error;
    } catch (markError) {
      return markError instanceof JournalError ? markError : error;
    }
  }

  async #close(): Promise<void> {
    try {
      await this.#compacting;
      this.#endTurn();
      await this.#syncLoop.run();
      await this.#segment[Symbol.asyncDispose]();
    } finally {
      this.#isClosed = true;
      if (this.#unwritten > 0) this.#logUnwritten();
      this.#parts.lock[Symbol.dispose]();
    }
  }

  #logUnwritten(): void {
    this.#parts.log.error({ appends: this.#unwritten }, "appends were not written: the journal had failed or was closed");
  }
}
