import type { Attempt } from "./retry.ts";

/** What decides whether a stream that failed before its first message is opened again. */
interface Retries {
  mayRetry(error: unknown, attempt: Attempt): Promise<boolean>;
  /** Called once, when the peer has answered. */
  succeeded(): void;
}

type Step = IteratorResult<unknown, undefined>;

const OVER: Step = { done: true, value: undefined };

/**
 * The messages of a stream that starts when the first is asked for, and is opened again where it fails before that came.
 * What follows is handed on as the transport gives it: a generator in between would cost each message several turns.
 */
export class RetriedStream implements AsyncIterableIterator<unknown, undefined> {
  readonly #open: () => AsyncIterator<unknown>;
  readonly #retries: Retries;
  #messages: AsyncIterator<unknown> | undefined;
  #hasReceived = false;
  #isOver = false;

  /** @param open starts the call; each time anew */
  constructor(open: () => AsyncIterator<unknown>, retries: Retries) {
    this.#open = open;
    this.#retries = retries;
  }

  next(): Promise<Step> {
    if (this.#hasReceived && this.#messages !== undefined) return this.#messages.next() as Promise<Step>;
    return this.#first();
  }

  async return(): Promise<Step> {
    this.#isOver = true;
    await this.#messages?.return?.();
    return OVER;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #first(): Promise<Step> {
    for (let number = 1; !this.#isOver; number += 1) {
      const attempt = { number, startMs: Date.now() };
      try {
        this.#messages = this.#open();
        const step = (await this.#messages.next()) as Step;
        this.#hasReceived = true;
        this.#retries.succeeded();
        return step;
      } catch (error) {
        const isRepeated = !this.#isOver && (await this.#retries.mayRetry(error, attempt));
        if (isRepeated) continue;
        // Who asks on after a failure learns only that it is over.
        this.#isOver = true;
        throw error;
      }
    }
    return OVER;
  }
}
