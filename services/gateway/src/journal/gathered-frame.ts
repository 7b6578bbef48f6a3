import type { JournalEntry } from "../leases/journal-entry.ts";
import { ByteWriter } from "./byte-writer.ts";
import { writeEntry } from "./entry-codec.ts";
import { FRAME_HEADER_BYTES, MAX_PAYLOAD_BYTES } from "./frame.ts";

/** What is gathered before it is written even within a turn; bounds what waits in memory. */
const gatheredBytes = 256 * 1024;
const maxAppendBytes = MAX_PAYLOAD_BYTES / 2;

/** The frame that the appends of a turn go into. */
export class GatheredFrame {
  readonly #frame = new ByteWriter(2 * gatheredBytes);

  constructor() {
    this.#frame.seek(FRAME_HEADER_BYTES);
  }

  get isFull(): boolean {
    return this.#frame.length > gatheredBytes;
  }

  /** Adds an append: all of it or, where the format cannot say it, nothing and a `RangeError`. */
  add(entries: readonly JournalEntry[]): void {
    const start = this.#frame.length;
    try {
      for (const entry of entries) writeEntry(this.#frame, entry);
      const bytes = this.#frame.length - start;
      if (bytes > maxAppendBytes) throw new RangeError(`${bytes} bytes are too many for one append to the journal`);
    } catch (error) {
      this.#frame.seek(start);
      throw error;
    }
  }

  /** The frame, with room for its header, valid until the next `add`; undefined where nothing was added since the last. */
  take(): Buffer | undefined {
    if (this.#frame.length === FRAME_HEADER_BYTES) return undefined;
    const frame = this.#frame.view();
    this.#frame.seek(FRAME_HEADER_BYTES);
    return frame;
  }
}
