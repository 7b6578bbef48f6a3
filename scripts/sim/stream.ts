import type { Agenda } from "./agenda.ts";
import type { LeaseNews } from "./messages.ts";
import type { Link } from "./network.ts";

/** A watch of one gateway start. What is pushed arrives in order, or the stream breaks. */
export class LeaseStream {
  readonly #agenda: Agenda;
  readonly #link: Link;
  readonly #hear: (news: LeaseNews) => void;
  readonly #broken: () => void;
  #lastMs = 0;
  #isOpen = true;

  constructor(agenda: Agenda, link: Link, parts: { hear: (news: LeaseNews) => void; broken: () => void }) {
    this.#agenda = agenda;
    this.#link = link;
    this.#hear = parts.hear;
    this.#broken = parts.broken;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  push(news: LeaseNews): void {
    if (!this.#isOpen) return;
    const delayMs = this.#link.streamDelayMs("to-gateway");
    if (delayMs === undefined) return this.break();
    this.#lastMs = Math.max(this.#lastMs, this.#agenda.nowMs + delayMs);
    this.#agenda.after(this.#lastMs - this.#agenda.nowMs, () => {
      if (this.#isOpen) this.#hear(news);
    });
  }

  /** Breaks for the wallet now, and for the gateway when it notices. */
  break(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#agenda.after(500, this.#broken);
  }

  /** The gateway leaves it. */
  close(): void {
    this.#isOpen = false;
  }
}
