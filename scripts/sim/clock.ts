import type { Agenda } from "./agenda.ts";

/** A machine's own clock: it never goes back, begins anywhere, and runs faster or slower than true time. */
export class LocalClock {
  readonly #agenda: Agenda;
  #trueMs: number;
  #localMs: number;
  #rate = 1;

  constructor(agenda: Agenda, startMs: number) {
    this.#agenda = agenda;
    this.#trueMs = agenda.nowMs;
    this.#localMs = startMs;
  }

  get nowMs(): number {
    return this.#localMs + (this.#agenda.nowMs - this.#trueMs) * this.#rate;
  }

  /** Runs so many thousandths fast, or slow where negative, from now on. */
  drift(perMille: number): void {
    this.#localMs = this.nowMs;
    this.#trueMs = this.#agenda.nowMs;
    this.#rate = 1 + perMille / 1_000;
  }
}
