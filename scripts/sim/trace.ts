/** The last lines of what happened, for the report of a failure. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #most: number;
  readonly #startMs: number;

  constructor(startMs: number, most = 4_000) {
    this.#startMs = startMs;
    this.#most = most;
  }

  /** Notes one event at a moment of true time. */
  note(nowMs: number, text: string): void {
    if (this.#lines.length >= this.#most * 2) this.#lines.splice(0, this.#most);
    this.#lines.push(`${((nowMs - this.#startMs) / 1_000).toFixed(3).padStart(9)} s  ${text}`);
  }

  /** The last lines, the oldest first. */
  last(most: number): readonly string[] {
    return this.#lines.slice(-most);
  }
}

/** Breaks a rule: what was expected, by the number of the invariant in docs/leases.md. */
export class Violation extends Error {
  override readonly name = "Violation";
}
