/**
 * Walks an organisation's checkpoints beside its links, both in rising order, so that neither needs to fit in memory.
 */
import type { Checkpoint } from "../domain/checkpoint.ts";

/** The place in a list of checkpoints. */
export class CheckpointCursor implements AsyncDisposable {
  readonly #checkpoints: AsyncGenerator<Checkpoint, boolean>;
  #next: Checkpoint | undefined;
  #last = 0n;
  #ended = false;
  #broken = false;

  /** `checkpoints` returns whether it ended at a line that was tampered with. */
  constructor(checkpoints: AsyncGenerator<Checkpoint, boolean>) {
    this.#checkpoints = checkpoints;
  }

  /** Whether a line was met that does not continue the one before it. */
  get broken(): boolean {
    return this.#broken;
  }

  /** The hash that was checkpointed for this sequence, if any. Ask in rising order. */
  async at(sequence: bigint): Promise<Uint8Array | undefined> {
    while (!this.#ended && (this.#next === undefined || this.#next.sequence < sequence)) await this.#step();
    return this.#next?.sequence === sequence ? this.#next.hash : undefined;
  }

  /** Reads the rest; returns the last sequence that was checkpointed, 0 for none. */
  async skipToEnd(): Promise<bigint> {
    while (!this.#ended) await this.#step();
    return this.#last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#checkpoints.return(false);
  }

  async #step(): Promise<void> {
    const result = await this.#checkpoints.next();
    if (result.done === true) {
      this.#ended = true;
      this.#broken = result.value;
      this.#next = undefined;
      return;
    }
    this.#next = result.value;
    this.#last = result.value.sequence;
  }
}
