import type { Logger } from "@alfred/telemetry";
import { DEFAULT_BATCH_EVENTS } from "./event-bus.ts";
import type { AuditEvent, BatchHandler, BatchOptions, EventBus, EventHandler } from "./event-bus.ts";
import { persist } from "./persistence.ts";

export interface InProcessBusOptions {
  readonly log: Logger;
  /** Most events that may wait; more are refused. 10,000 unless stated. */
  readonly capacity?: number;
}

interface Waiting {
  readonly event: AuditEvent;
  readonly accepted: PromiseWithResolvers<void>;
}

/**
 * A bus within one process. It keeps nothing: `publish` resolves only when the consumer has handled the event, so
 * what is durable is what the consumer stored. Without a consumer, `publish` waits for one.
 */
export class InProcessBus implements EventBus {
  readonly #log: Logger;
  readonly #capacity: number;
  readonly #waiting: Waiting[] = [];
  #arrival = Promise.withResolvers<void>();
  #consumer: AsyncDisposable | undefined;
  #closed = false;

  constructor({ log, capacity = 10_000 }: InProcessBusOptions) {
    this.#log = log;
    this.#capacity = capacity;
  }

  publish(event: AuditEvent): Promise<void> {
    if (this.#closed) return Promise.reject(closedError());
    if (this.#waiting.length >= this.#capacity) {
      return Promise.reject(new Error(`the event bus is full: ${this.#capacity} events wait for the consumer`));
    }
    const accepted = Promise.withResolvers<void>();
    this.#waiting.push({ event, accepted });
    this.#arrival.resolve();
    return accepted.promise;
  }

  consume(handler: EventHandler): AsyncDisposable {
    return this.#attach(async ([event]) => {
      if (event !== undefined) await handler(event);
    }, 1);
  }

  consumeBatches(handler: BatchHandler, { maxEvents = DEFAULT_BATCH_EVENTS }: BatchOptions = {}): AsyncDisposable {
    return this.#attach(handler, maxEvents);
  }

  /** Lets the call that is under way end and refuses what still waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#consumer?.[Symbol.asyncDispose]();
    for (const { accepted } of this.#waiting.splice(0)) accepted.reject(closedError());
  }

  #attach(handler: BatchHandler, maxEvents: number): AsyncDisposable {
    if (this.#closed) throw closedError();
    if (this.#consumer !== undefined) throw new Error("the event bus has a consumer already");
    const stop = new AbortController();
    const run = this.#run(handler, maxEvents, stop.signal);
    const consumer = {
      [Symbol.asyncDispose]: async (): Promise<void> => {
        stop.abort();
        this.#arrival.resolve();
        await run;
        if (this.#consumer === consumer) this.#consumer = undefined;
      },
    };
    this.#consumer = consumer;
    return consumer;
  }

  async #run(handler: BatchHandler, maxEvents: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#waiting.length === 0) {
        this.#arrival = Promise.withResolvers();
        await this.#arrival.promise;
        continue;
      }
      // They stay in the queue until they are handled, so that a consumer that comes later finds them.
      const batch = this.#waiting.slice(0, maxEvents);
      const events = batch.map(({ event }) => event);
      const handled = await persist("handling events", () => handler(events), signal, this.#log);
      if (!handled) return;
      for (const { accepted } of this.#waiting.splice(0, batch.length)) accepted.resolve();
    }
  }
}

function closedError(): Error {
  return new Error("the event bus is closed");
}
