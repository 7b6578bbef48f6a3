import type { JournalEntry } from "../leases/journal-entry.ts";
import type { JournalToken } from "./journal-port.ts";
import type { Segment } from "./segment.ts";

/** Most that may be written while a snapshot is, and so is written again behind it. */
const maxCarriedBytes = 64 * 1024 * 1024;

/** A snapshot on its way into a segment of its own, and the frames written since it was taken. */
export class Compaction {
  /** Whom to tell: who asked for it, and before it those whose snapshot it made needless. */
  readonly tokens: readonly JournalToken[];
  readonly entries: readonly JournalEntry[];
  readonly #carried: Buffer[] = [];
  #carriedBytes = 0;

  constructor(tokens: readonly JournalToken[], entries: readonly JournalEntry[]) {
    this.tokens = tokens;
    this.entries = entries;
  }

  /** Keeps a frame, which must be nobody else's to change. */
  carry(frame: Buffer): void {
    this.#carriedBytes += frame.length;
    if (this.#carriedBytes <= maxCarriedBytes) this.#carried.push(frame);
  }

  /** Writes what was carried behind the snapshot in this segment, and closes it. Throws what the system says. */
  complete(segment: Segment): void {
    if (this.#carriedBytes > maxCarriedBytes) throw new Error("more was appended meanwhile than can be carried over");
    for (const frame of this.#carried) segment.append(frame);
    segment.closeSnapshot();
  }
}
