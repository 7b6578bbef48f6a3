import type { Agenda } from "./agenda.ts";
import type { Counters } from "./counters.ts";
import type { Disk } from "./disk.ts";
import type { Random } from "./random.ts";

/** How a process hears of its journal. */
interface JournalListener {
  appended(token: number): void;
  synced(token: number): void;
  failed(): void;
}

interface Waiting<E> {
  readonly token: number;
  readonly entries: readonly E[];
  readonly kind: "append" | "synced-append" | "snapshot";
}

interface HandleParts {
  readonly agenda: Agenda;
  readonly random: Random;
  readonly counters: Counters;
  readonly listener: JournalListener;
  readonly isAlwaysSynced: boolean;
}

const SYNC_EVERY_MS = 50;

/** A process's hold of a disk: the virtual counterpart of the gateway's journal. It ends with the process. */
export class JournalHandle<E> {
  readonly disk: Disk<E>;
  readonly #parts: HandleParts;
  readonly #queue: Array<Waiting<E>> = [];
  /** Written and not synced, with the place of each on the disk. */
  #unsynced: Array<{ readonly token: number; readonly place: number }> = [];
  /** Counts snapshots: places before one mean nothing after it. */
  #snapshots = 0;
  #isBusy = false;
  #isSyncing = false;
  #isSyncPlanned = false;
  #isOver = false;
  #isDetached = false;

  constructor(disk: Disk<E>, parts: HandleParts) {
    this.disk = disk;
    this.#parts = parts;
  }

  append(token: number, entries: readonly E[], sync: boolean): void {
    this.#add({ token, entries, kind: sync ? "synced-append" : "append" });
  }

  /** Puts a snapshot in the place of all that was appended before. */
  compact(token: number, entries: readonly E[]): void {
    this.#add({ token, entries, kind: "snapshot" });
  }

  /** The disk belongs to another machine from here on: nothing more is written to it. */
  detach(): void {
    this.#isDetached = true;
  }

  /** The process ends. What it had handed over but not heard of is written, or not. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { random, counters } = this.#parts;
    const outlived = this.#isDetached ? 0 : random.below(this.#queue.length + 1);
    for (const waiting of this.#queue.slice(0, outlived)) this.#put(waiting);
    if (outlived > 0) counters.count("fault: write outlived its process");
  }

  #add(waiting: Waiting<E>): void {
    if (this.#isOver) return;
    this.#queue.push(waiting);
    if (!this.#isBusy) this.#plan();
  }

  /** A snapshot takes longer, and what comes after it waits. */
  #plan(): void {
    const { agenda, random } = this.#parts;
    this.#isBusy = true;
    agenda.after(this.#queue[0]?.kind === "snapshot" ? random.between(2, 30) : random.below(3), () => this.#write());
  }

  #write(): void {
    this.#isBusy = false;
    if (this.#isOver) return;
    if (this.#isDetached || this.disk.failure === "write") return this.#fail("fault: write failed");
    const isSnapshot = this.#queue[0]?.kind === "snapshot";
    const end = isSnapshot ? 1 : this.#queue.findIndex(({ kind }) => kind === "snapshot");
    const batch = this.#queue.splice(0, end < 0 ? this.#queue.length : end);
    for (const waiting of batch) this.#put(waiting);
    if (this.#queue.length > 0) this.#plan();
    if (isSnapshot) this.#tellSynced(this.disk.written);
    else this.#written(batch);
  }

  #put({ token, entries, kind }: Waiting<E>): void {
    if (kind === "snapshot") {
      this.disk.replace(entries);
      this.#snapshots += 1;
      this.#unsynced = this.#unsynced.map((each) => ({ ...each, place: 1 }));
      this.#parts.counters.count("rule: journal trimmed");
    } else {
      this.disk.write(entries);
    }
    this.#unsynced.push({ token, place: this.disk.written });
  }

  #written(batch: ReadonlyArray<Waiting<E>>): void {
    const { isAlwaysSynced, listener } = this.#parts;
    const isUrgent = isAlwaysSynced || batch.some(({ kind }) => kind === "synced-append");
    this.#planSync(isUrgent ? 0 : SYNC_EVERY_MS);
    if (isAlwaysSynced) return;
    for (const { token } of batch) listener.appended(token);
  }

  #planSync(inMs: number): void {
    if (inMs > 0 && this.#isSyncPlanned) return;
    this.#isSyncPlanned ||= inMs > 0;
    this.#parts.agenda.after(inMs, () => {
      if (inMs > 0) this.#isSyncPlanned = false;
      this.#startSync();
    });
  }

  #startSync(): void {
    if (this.#isOver || this.#isSyncing || this.#unsynced.length === 0) return;
    const { agenda, random } = this.#parts;
    this.#isSyncing = true;
    const [upTo, snapshots] = [this.disk.written, this.#snapshots];
    agenda.after(random.between(1, 15), () => this.#endSync(snapshots === this.#snapshots ? upTo : 1));
  }

  #endSync(upTo: number): void {
    this.#isSyncing = false;
    if (this.#isOver) return;
    if (this.#isDetached || this.disk.failure === "fsync") {
      if (!this.#isDetached) {
        this.disk.isMarkedLost = true;
        this.disk.dropUnsynced(this.#parts.random.below(100));
      }
      return this.#fail("fault: fsync failed");
    }
    this.disk.sync(upTo);
    this.#tellSynced(upTo);
    if (this.#unsynced.length > 0) this.#planSync(this.#parts.isAlwaysSynced ? 0 : SYNC_EVERY_MS);
  }

  #tellSynced(upTo: number): void {
    const { isAlwaysSynced, listener } = this.#parts;
    const done = this.#unsynced.filter(({ place }) => place <= upTo);
    this.#unsynced = this.#unsynced.filter(({ place }) => place > upTo);
    for (const { token } of done) {
      if (isAlwaysSynced) listener.appended(token);
      listener.synced(token);
    }
  }

  #fail(name: string): void {
    this.#parts.counters.count(name);
    this.end();
    this.#parts.listener.failed();
  }
}
