import { setTimeout as sleep } from "node:timers/promises";
import type { AccountArrival, AccountArrivals } from "./domain/ports.ts";

/** Accounts waited for at once; one more is not waited for. */
const MAX_WAITING = 10_000;

/** Wakes those who wait for accounts that are on their way here. */
export class Arrivals implements AccountArrivals {
  readonly #waiting = new Map<string, Set<() => void>>();
  #count = 0;

  /** Tells that accounts are there. */
  tell(ids: Iterable<string>): void {
    if (this.#count === 0) return;
    for (const id of ids) for (const wake of this.#waiting.get(id) ?? []) wake();
  }

  expect(id: string): AccountArrival {
    if (this.#count >= MAX_WAITING) return { within: () => Promise.resolve(), [Symbol.dispose]: () => undefined };
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiters = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiters.add(resolve));
    this.#count += 1;
    return {
      within: (timeoutMs, signal) => firstOf(promise, timeoutMs, signal),
      [Symbol.dispose]: () => this.#leave(id, resolve),
    };
  }

  #leave(id: string, wake: () => void): void {
    const waiters = this.#waiting.get(id);
    if (waiters?.delete(wake) !== true) return;
    this.#count -= 1;
    if (waiters.size === 0) this.#waiting.delete(id);
  }
}

async function firstOf(arrived: Promise<void>, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([arrived, sleep(timeoutMs, undefined, { signal: AbortSignal.any([signal, over.signal]) })]);
  } finally {
    over.abort();
  }
}
