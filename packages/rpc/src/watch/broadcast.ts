import { fail } from "@alfred/errors";
import { MessageQueue } from "../call/message-queue.ts";
import { onAnyAbort } from "../call/transport.ts";

/** What a subscriber may ask for. */
export interface SubscribeOptions<T> {
  /** Ends the subscription, which then is simply over. */
  readonly signal?: AbortSignal;
  /** Only items for which it says true are queued. */
  readonly filter?: (item: T) => boolean;
}

/** One subscriber's items, in the order in which they were published. */
export type Subscription<T extends object> = AsyncIterableIterator<T, undefined> & Disposable & {
  /** How many items wait. */
  readonly size: number;
};

const DEFAULT_CAPACITY = 1_024;

/**
 * Hands every item to every subscriber. Publishing never waits: a subscriber that lags by more than its capacity is
 * ended with UNAVAILABLE, so that it starts over instead of growing memory or missing an item.
 */
export class Broadcast<T extends object> {
  readonly #capacity: number;
  readonly #subscribers = new Map<MessageQueue<T>, ((item: T) => boolean) | undefined>();
  #isClosed = false;

  /** @param options capacity: how many items a subscriber may lag behind, default 1,024 */
  constructor(options: { readonly capacity?: number } = {}) {
    this.#capacity = options.capacity ?? DEFAULT_CAPACITY;
  }

  /** How many subscribers there are. */
  get size(): number {
    return this.#subscribers.size;
  }

  publish(item: T): void {
    for (const [queue, filter] of this.#subscribers) {
      if (filter !== undefined && !filter(item)) continue;
      if (queue.isFull) this.#expel(queue);
      else void queue.push(item);
    }
  }

  /** Begins at once: what is published after this call is received, however late the first item is asked for. */
  subscribe(options: SubscribeOptions<T> = {}): Subscription<T> {
    const queue = new MessageQueue<T>(this.#capacity);
    const leave = (): void => void queue.return();
    const forget = onAnyAbort(options.signal === undefined ? [] : [options.signal], leave);
    queue.onReturn = () => {
      forget();
      this.#subscribers.delete(queue);
    };
    if (this.#isClosed) queue.end();
    else if (options.signal?.aborted !== true) this.#subscribers.set(queue, options.filter);
    return Object.assign(queue, { [Symbol.dispose]: leave });
  }

  /** Ends all subscriptions, now and to come; what waits in them is still received. */
  close(): void {
    this.#isClosed = true;
    for (const queue of this.#subscribers.keys()) {
      queue.end();
      queue.onReturn?.();
    }
  }

  #expel(queue: MessageQueue<T>): void {
    queue.onReturn?.();
    queue.clear();
    queue.fail(fail("UNAVAILABLE", "This watch fell too far behind and has to start over."));
  }
}
