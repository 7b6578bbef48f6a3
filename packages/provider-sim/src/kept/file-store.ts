/** A file as it is kept. */
export interface SimFile {
  readonly id: string;
  readonly filename: string;
  readonly purpose: string;
  readonly content: Buffer;
  /** Seconds since the epoch. */
  readonly createdAt: number;
}

/** Files at most, and bytes of all of them: the oldest leaves where there would be more. */
const MOST_FILES = 10_000;
const MOST_BYTES = 256 * 1024 * 1024;

/** The files of one provider, oldest first. */
export class FileStore {
  readonly #files = new Map<string, SimFile>();
  #made = 0;
  #bytes = 0;

  add(file: Omit<SimFile, "id">): SimFile {
    this.#made += 1;
    const kept = { ...file, id: `file-sim${this.#made}` };
    this.#files.set(kept.id, kept);
    this.#bytes += kept.content.length;
    for (const id of this.#files.keys()) {
      if (this.#files.size <= MOST_FILES && this.#bytes <= MOST_BYTES) break;
      this.delete(id);
    }
    return kept;
  }

  get(id: string): SimFile | undefined {
    return this.#files.get(id);
  }

  all(): SimFile[] {
    return [...this.#files.values()];
  }

  delete(id: string): boolean {
    this.#bytes -= this.#files.get(id)?.content.length ?? 0;
    return this.#files.delete(id);
  }
}
