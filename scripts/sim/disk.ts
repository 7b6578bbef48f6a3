/** What a journal's folder holds, as the process that opens it finds it. */
export interface Recovered<E> {
  readonly entries: readonly E[];
  readonly isCorrupt: boolean;
  readonly isMarkedLost: boolean;
}

/** A disk with one journal. An append is written (the system has it), then synced (the disk has it); each whole or not at all. */
export class Disk<E> {
  #appends: ReadonlyArray<readonly E[]> = [];
  #synced = 0;
  isMarkedLost = false;
  isCorrupt = false;
  /** What fails from now on. */
  failure: "write" | "fsync" | undefined;

  /** Appends that the end of a process does not take away any more. */
  get written(): number {
    return this.#appends.length;
  }

  write(entries: readonly E[]): void {
    this.#appends = [...this.#appends, entries];
  }

  /** So many appends, the oldest, are on the disk. */
  sync(appends: number): void {
    this.#synced = Math.max(this.#synced, Math.min(appends, this.#appends.length));
  }

  /** A failed sync drops what it was to put on the disk, but for the first so many percent. */
  dropUnsynced(keptPercent: number): void {
    const unsynced = this.#appends.length - this.#synced;
    this.#appends = this.#appends.slice(0, this.#synced + Math.floor((unsynced * keptPercent) / 100));
  }

  /** Puts a snapshot, synced, in the place of everything, damage and marks included. */
  replace(entries: readonly E[]): void {
    this.#appends = [entries];
    this.#synced = 1;
    this.isMarkedLost = false;
    this.isCorrupt = false;
  }

  /** A disk as it is after the machine stopped: all that was synced, and of the rest the first so many percent. */
  afterPowerCut(keptPercent: number): Disk<E> {
    const unsynced = this.#appends.length - this.#synced;
    return this.copy(this.#synced + Math.floor((unsynced * keptPercent) / 100));
  }

  copy(appends = this.#appends.length): Disk<E> {
    const copy = new Disk<E>();
    copy.#appends = this.#appends.slice(0, appends);
    copy.#synced = copy.#appends.length;
    copy.isMarkedLost = this.isMarkedLost;
    copy.isCorrupt = this.isCorrupt;
    return copy;
  }

  /** Loses appends in the middle, synced or not, which checksums show. */
  corrupt(): void {
    const at = Math.floor(this.#appends.length / 2);
    this.#appends = this.#appends.filter((_, index) => index === 0 || index !== at);
    this.#synced = Math.min(this.#synced, this.#appends.length);
    this.isCorrupt = true;
  }

  recovered(): Recovered<E> {
    const { isCorrupt, isMarkedLost } = this;
    return { entries: this.#appends.flat(), isCorrupt, isMarkedLost };
  }
}
