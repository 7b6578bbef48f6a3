import type { JetStreamClient, JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Logger } from "@alfred/telemetry";
import { Arrivals } from "./arrivals.ts";
import { DEFAULT_BATCH_EVENTS } from "./event-bus.ts";
import type { AuditEvent, BatchHandler, BatchOptions, EventBus, EventHandler } from "./event-bus.ts";
import { DURABLE, MAX_UNACKNOWLEDGED, ensureConsumer, ensureStream } from "./jet-stream-settings.ts";
import type { StreamSettings } from "./jet-stream-settings.ts";
import { eventOf, headersOf, subjectOf } from "./message.ts";
import { NatsLink } from "./nats-link.ts";
import { pause, persist } from "./persistence.ts";

export interface JetStreamBusOptions {
  /** "nats://127.0.0.1:4222"; several, separated by commas, for a cluster. */
  readonly url: string;
  /** Who connects, as the server lists it. */
  readonly name: string;
  readonly log: Logger;
  /** ALFRED_EVENTS unless stated. */
  readonly stream?: string;
  /** "alfred.events" unless stated. */
  readonly subject?: string;
  /** What the stream may hold when it is made here, in bytes; 1 GiB unless stated. */
  readonly maxBytes?: number;
}

/** How long one publish may take, connecting included, in milliseconds. */
const publishTimeoutMs = 5_000;
/** Most publishes under way. */
const mostInFlight = 4_096;
const gibibyte = 1024 ** 3;

/**
 * Events in a JetStream work queue on disk. Message ids are the event ids, so that the server drops what is published
 * twice within two minutes. NATS may be down at any time: publishes are refused then, and consuming goes on when it
 * is back.
 */
export class JetStreamBus implements EventBus {
  readonly #log: Logger;
  readonly #settings: StreamSettings;
  readonly #link: NatsLink;
  #stream: Promise<JetStreamClient> | undefined;
  #inFlight = 0;
  #consumer: AsyncDisposable | undefined;

  constructor({ url, name, log, stream = "ALFRED_EVENTS", subject = "alfred.events", maxBytes = gibibyte }: JetStreamBusOptions) {
    this.#log = log;
    this.#settings = { stream, subject, maxBytes };
    this.#link = new NatsLink(url, name, log);
  }

  async publish(event: AuditEvent): Promise<void> {
    if (this.#inFlight >= mostInFlight) throw new Error(`the event bus is full: ${mostInFlight} events are under way`);
    this.#inFlight += 1;
    try {
      const connection = await this.#link.connection(publishTimeoutMs);
      const client = await this.#ensuredStream(connection);
      const options = { headers: headersOf(event), timeout: publishTimeoutMs, expect: { streamName: this.#settings.stream } };
      await client.publish(subjectOf(this.#settings.subject, event), event.bytes, options);
    } catch (error) {
      // The stream may have gone with its server's disk: look again next time.
      this.#stream = undefined;
      throw error;
    } finally {
      this.#inFlight -= 1;
    }
  }

  consume(handler: EventHandler): AsyncDisposable {
    return this.#attach(async ([event]) => {
      if (event !== undefined) await handler(event);
    }, 1);
  }

  consumeBatches(handler: BatchHandler, { maxEvents = DEFAULT_BATCH_EVENTS }: BatchOptions = {}): AsyncDisposable {
    return this.#attach(handler, maxEvents);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer?.[Symbol.asyncDispose]();
    await this.#link[Symbol.asyncDispose]();
  }

  #ensuredStream(connection: NatsConnection): Promise<JetStreamClient> {
    this.#stream ??= ensureStream(connection, this.#settings).then((manager) => manager.jetstream());
    return this.#stream;
  }

  #attach(handler: BatchHandler, maxEvents: number): AsyncDisposable {
    if (this.#consumer !== undefined) throw new Error("the event bus has a consumer already");
    const stop = new AbortController();
    const run = this.#sessions(handler, maxEvents, stop.signal);
    const consumer = {
      [Symbol.asyncDispose]: async (): Promise<void> => {
        stop.abort();
        await run;
        if (this.#consumer === consumer) this.#consumer = undefined;
      },
    };
    this.#consumer = consumer;
    return consumer;
  }

  /** One session after the other; a session ends when the server or the connection made a hole in it. */
  async #sessions(handler: BatchHandler, maxEvents: number, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#session(handler, maxEvents, signal);
        failures = 0;
      } catch (error) {
        if (failures === 0 && !signal.aborted) this.#log.warn({ err: error }, "events cannot be read from NATS; trying on");
        failures += 1;
      }
      await pause(failures, signal);
    }
  }

  async #session(handler: BatchHandler, maxEvents: number, signal: AbortSignal): Promise<void> {
    const connection = await this.#link.connection(publishTimeoutMs, signal);
    const manager = await ensureStream(connection, this.#settings);
    await ensureConsumer(manager, this.#settings);
    const consumer = await manager.jetstream().consumers.get(this.#settings.stream, DURABLE);
    const arrivals = new Arrivals<JsMsg>();
    const messages = await consumer.consume({
      max_messages: MAX_UNACKNOWLEDGED / 2,
      abort_on_missing_resource: true,
      callback: (message) => arrivals.add(message),
    });
    const end = (): void => arrivals.end();
    signal.addEventListener("abort", end, { once: true });
    void messages.closed().then(end);
    if (signal.aborted) end();
    try {
      await this.#handleAll(arrivals, handler, maxEvents, signal);
    } finally {
      signal.removeEventListener("abort", end);
      await messages.close();
      if (!connection.isClosed()) await connection.flush();
    }
  }

  async #handleAll(arrivals: Arrivals<JsMsg>, handler: BatchHandler, maxEvents: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const messages = await arrivals.take(maxEvents);
      if (messages.length === 0) return;
      const events = this.#eventsOf(messages);
      const act = (): Promise<void> => (events.length === 0 ? Promise.resolve() : handler(events));
      if (await persist("handling events", act, signal, this.#log)) arrivals.acknowledge(messages);
    }
  }

  #eventsOf(messages: readonly JsMsg[]): AuditEvent[] {
    return messages.flatMap((message) => {
      const event = eventOf(message);
      if (event === undefined) this.#log.error({ subject: message.subject }, "a message that is no event is passed over");
      return event === undefined ? [] : [event];
    });
  }
}
