import type { LoadResult } from "./task.ts";

/** Counts what happens while it is open. */
export class Tally {
  #begunAt = 0;
  #isOpen = false;
  #requests = 0;
  #chunks = 0;
  #latenciesMs: number[] = [];
  #latestMs = 0;
  #failures = 0;
  #firstFailure = "";

  get failures(): number {
    return this.#failures;
  }

  begin(): void {
    this.#begunAt = performance.now();
    this.#isOpen = true;
  }

  end(): LoadResult {
    this.#isOpen = false;
    return {
      requests: this.#requests,
      chunks: this.#chunks,
      elapsedMs: performance.now() - this.#begunAt,
      latenciesMs: this.#latenciesMs,
      latestMs: this.#latestMs,
      failures: this.#failures,
      firstFailure: this.#firstFailure,
    };
  }

  answered(): void {
    if (this.#isOpen) this.#requests += 1;
  }

  timed(sentAt: number): void {
    if (this.#isOpen) this.#latenciesMs.push(performance.now() - sentAt);
  }

  sentLate(ms: number): void {
    if (this.#isOpen && ms > this.#latestMs) this.#latestMs = ms;
  }

  arrived(chunks: number): void {
    if (this.#isOpen) this.#chunks += chunks;
  }

  /** Counted whenever it happens: a bench with failures measures something else. */
  failed(what: string): void {
    this.#failures += 1;
    this.#firstFailure ||= what;
  }
}
