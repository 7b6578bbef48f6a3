/** How long an unknown key may take to become known, in milliseconds: many times what a watch needs. */
const GRACE_MS = 500;
/** Callers that may wait at once; more are refused without waiting. */
const MAX_WAITING = 1_000;

/**
 * Callers whose key is not known yet. Keys reach the services by a stream, so a
 * key that is used the moment it was made may be ahead of the news of it.
 */
export class Arrivals {
  readonly #waiting = new Map<string, Set<() => void>>();
  #count = 0;

  /** Resolves when that key has come, or when it can be said to be unknown. */
  wait(id: string): Promise<void> {
    if (this.#count >= MAX_WAITING) return Promise.resolve();
    this.#count += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, GRACE_MS);
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(resolve));
    return promise.finally(() => {
      clearTimeout(timer);
      this.#count -= 1;
      waiting.delete(resolve);
      if (waiting.size === 0) this.#waiting.delete(id);
    });
  }

  /** That key is known now. */
  arrived(id: string): void {
    for (const resolve of this.#waiting.get(id) ?? []) resolve();
  }
}
