import type { Wake } from "../domain/usage.ts";

/** Tells those who watch an organisation that it has new records, and nothing more: they read them themselves. */
export class UsageSignal {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Begins to listen at once, however late the wait begins. */
  listen(organisationId: string): Wake {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(organisationId) ?? new Set();
    this.#waiting.set(organisationId, waiting.add(resolve));
    return {
      orAfter: (idleMs, signal) => untilWoken(promise, resolve, idleMs, signal),
      [Symbol.dispose]: () => this.#forget(organisationId, resolve),
    };
  }

  /** Wakes who listens to this organisation. */
  wake(organisationId: string): void {
    for (const resolve of this.#waiting.get(organisationId) ?? []) resolve();
  }

  /** Wakes everybody, where notifications may have been lost. */
  wakeAll(): void {
    for (const organisationId of this.#waiting.keys()) this.wake(organisationId);
  }

  #forget(organisationId: string, resolve: () => void): void {
    const waiting = this.#waiting.get(organisationId);
    waiting?.delete(resolve);
    if (waiting?.size === 0) this.#waiting.delete(organisationId);
  }
}

async function untilWoken(woken: Promise<void>, wake: () => void, idleMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const timer = setTimeout(wake, idleMs);
  signal.addEventListener("abort", wake, { once: true });
  try {
    await woken;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", wake);
  }
}
