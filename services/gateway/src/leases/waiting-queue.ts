import { type Charge, NO_CHARGE } from "../domain/charge.ts";
import { minus, plus } from "./charge-sums.ts";
import type { AdmitRequest } from "./lease-input.ts";

/** A request on its way to being admitted. */
export interface Waiter<Pool> {
  readonly request: AdmitRequest;
  /** Rises with arrival. */
  readonly sequence: number;
  /** The queue that it stands in; undefined while its intent is written, and once it is over. */
  pool: Pool | undefined;
  /** Whether nobody waits for it any more. */
  isAbandoned: boolean;
}

/** Slots of those gone that are kept before the queue is packed. */
const MAX_SLACK = 256;

/** Requests that wait for credit, first come first served. Those that leave out of turn leave a gap, which is skipped. */
export class WaitingQueue<Pool> {
  readonly #pool: Pool;
  #slots: Waiter<Pool>[] = [];
  #first = 0;
  #size = 0;
  #sum: Charge = NO_CHARGE;
  #earliestDeadlineMs = Number.POSITIVE_INFINITY;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** What all of them can cost. */
  get sum(): Charge {
    return this.#sum;
  }

  get head(): Waiter<Pool> | undefined {
    while (this.#first < this.#slots.length) {
      const waiter = this.#slots[this.#first];
      if (waiter?.pool === this.#pool) return waiter;
      this.#first += 1;
    }
    return undefined;
  }

  push(waiter: Waiter<Pool>): void {
    this.#count(waiter);
    this.#slots.push(waiter);
  }

  /** Puts one back to where it stood among the others. */
  putBack(waiter: Waiter<Pool>): void {
    this.#slots = [...this.#waiting(), waiter].toSorted((a, b) => a.sequence - b.sequence);
    this.#first = 0;
    this.#count(waiter);
  }

  /** Takes one out, wherever it stands. */
  remove(waiter: Waiter<Pool>): void {
    if (waiter.pool !== this.#pool) return;
    waiter.pool = undefined;
    this.#size -= 1;
    this.#sum = minus(this.#sum, waiter.request.worst);
    if (this.#slots.length > 2 * this.#size + MAX_SLACK) this.#pack();
  }

  /** Takes out those that `isMeant` names, in order. */
  take(isMeant: (waiter: Waiter<Pool>) => boolean): Waiter<Pool>[] {
    const taken = this.#waiting().filter(isMeant);
    for (const waiter of taken) this.remove(waiter);
    // A slot left behind would count again for one that comes back.
    if (taken.length > 0) this.#pack();
    return taken;
  }

  /** Takes out those whose time is over. */
  expire(nowMs: number): Waiter<Pool>[] {
    if (nowMs < this.#earliestDeadlineMs) return [];
    const expired = this.take(({ request }) => request.deadlineMs <= nowMs);
    this.#earliestDeadlineMs = this.#waiting().reduce(
      (earliestMs, { request }) => Math.min(earliestMs, request.deadlineMs),
      Number.POSITIVE_INFINITY,
    );
    return expired;
  }

  #count(waiter: Waiter<Pool>): void {
    waiter.pool = this.#pool;
    this.#size += 1;
    this.#sum = plus(this.#sum, waiter.request.worst);
    this.#earliestDeadlineMs = Math.min(this.#earliestDeadlineMs, waiter.request.deadlineMs);
  }

  #waiting(): Waiter<Pool>[] {
    return this.#slots.slice(this.#first).filter(({ pool }) => pool === this.#pool);
  }

  #pack(): void {
    this.#slots = this.#waiting();
    this.#first = 0;
  }
}
