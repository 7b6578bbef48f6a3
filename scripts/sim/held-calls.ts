import type { Agenda } from "./agenda.ts";

/** What is to happen in a process, kept back while the process is frozen and then done in order. */
export class HeldCalls {
  readonly #agenda: Agenda;
  #calls: Array<() => void> | undefined;
  #untilMs = 0;
  #releasedMs = 0;

  constructor(agenda: Agenda) {
    this.#agenda = agenda;
  }

  /** For how long it has not been frozen. */
  get goingForMs(): number {
    return this.isHolding ? 0 : this.#agenda.nowMs - this.#releasedMs;
  }

  get isHolding(): boolean {
    return this.#calls !== undefined;
  }

  run(call: () => void): void {
    if (this.#calls === undefined) call();
    else this.#calls.push(call);
  }

  hold(forMs: number): void {
    this.#calls ??= [];
    this.#untilMs = Math.max(this.#untilMs, this.#agenda.nowMs + forMs);
    this.#agenda.after(forMs, () => {
      if (this.#agenda.nowMs >= this.#untilMs) this.release();
    });
  }

  release(): void {
    const calls = this.#calls ?? [];
    if (this.isHolding) this.#releasedMs = this.#agenda.nowMs;
    this.#calls = undefined;
    for (const call of calls) call();
  }
}
