interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

/**
 * A bounded queue between one producer and one consumer. The producer learns from `push` when to wait; the consumer
 * iterates, and by `return` says that it wants no more.
 */
export class MessageQueue<T extends object> implements AsyncIterableIterator<T, undefined> {
  readonly #capacity: number;
  #items: T[] = [];
  #waiter: Waiter<T> | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  #closed: { readonly error?: unknown } | undefined;
  /** Called once when the consumer stops before the end. */
  onReturn: (() => void) | undefined;
  /** Called when the queue has room again after `push` asked to wait. */
  onRoom: (() => void) | undefined;

  /** @param capacity how many messages may wait, at least 1 */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many messages wait. */
  get size(): number {
    return this.#items.length;
  }

  get isFull(): boolean {
    return this.#items.length >= this.#capacity;
  }

  /** Adds a message; a promise, where the queue is now full, says when to go on. After the end it does nothing. */
  push(item: T): Promise<void> | undefined {
    if (this.#closed !== undefined) return undefined;
    if (this.#waiter !== undefined) {
      this.#take().resolve({ done: false, value: item });
      return undefined;
    }
    this.#items.push(item);
    if (!this.isFull) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** Says that no more will come; what waits is still delivered. */
  end(): void {
    this.#close({});
  }

  /** Ends with an error, which the consumer sees after what waits. */
  fail(error: unknown): void {
    this.#close({ error });
  }

  /** Forgets what waits; used where an error should be seen at once. */
  clear(): void {
    this.#items = [];
    this.#release();
  }

  // Not an async function: that would wrap the promise in another, and each costs every message some turns.
  next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.shift();
    if (item !== undefined) {
      this.#release();
      return Promise.resolve({ done: false, value: item });
    }
    if (this.#closed !== undefined) return this.#finish(this.#closed);
    return new Promise((resolve, reject) => (this.#waiter = { resolve, reject }));
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    const wasOpen = this.#closed === undefined;
    this.#close({});
    this.clear();
    if (wasOpen) this.onReturn?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Waiter<T> {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter === undefined) throw new TypeError("Nobody waits.");
    return waiter;
  }

  #release(): void {
    if (this.#room === undefined || (this.isFull && this.#closed === undefined)) return;
    this.#room.resolve();
    this.#room = undefined;
    this.onRoom?.();
  }

  #close(how: { readonly error?: unknown }): void {
    if (this.#closed !== undefined) return;
    this.#closed = how;
    if (this.#waiter === undefined) return;
    const waiter = this.#take();
    if ("error" in how) waiter.reject(this.#spend(how.error));
    else waiter.resolve({ done: true, value: undefined });
  }

  async #finish(how: { readonly error?: unknown }): Promise<IteratorResult<T, undefined>> {
    if ("error" in how) throw this.#spend(how.error);
    return { done: true, value: undefined };
  }

  // An error is seen once; whoever asks again learns only that it is over.
  #spend(error: unknown): unknown {
    this.#closed = {};
    return error;
  }
}
