import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@alfred/telemetry";
import type { Pool, PoolClient } from "pg";
import { outboxChannel } from "./event.ts";
import type { OutboxEvent } from "./event.ts";
import { deletePublished, isUnpublishedUpTo, markPublished, newestUnpublished, readUnpublished } from "./rows.ts";
import type { OutboxRow } from "./rows.ts";
import { WakeUp } from "./wake-up.ts";

export interface OutboxRelayOptions {
  /** A pool in the schema's place; the relay keeps one of its connections. */
  readonly pool: Pool;
  readonly schema: string;
  /** Resolves when the event is durably accepted elsewhere. Called for a whole batch without waiting, in order. */
  readonly publish: (event: OutboxEvent) => Promise<void>;
  readonly log: Logger;
  /** Most events published at once; 500 unless stated. */
  readonly batchSize?: number;
  /** How long a published row is kept, in milliseconds; an hour unless stated. */
  readonly keptMs?: number;
  /** How often to look without having been notified, in milliseconds; 1 s unless stated. */
  readonly pollMs?: number;
  /** How long events are gathered after some were published, in milliseconds; 50 unless stated. */
  readonly gatherMs?: number;
}

const firstPauseMs = 100;
const longestPauseMs = 10_000;
const deleteEveryMs = 60_000;
const deleteBatch = 1_000;

/**
 * Publishes what stands in a schema's outbox, at least once and in the order of each organisation's sequence; an event
 * whose publishing failed comes again, after those of its batch that succeeded. One relay per schema works at a time,
 * whichever holds the schema's advisory lock; the others wait to take over.
 */
export class OutboxRelay implements AsyncDisposable {
  readonly #options: Required<OutboxRelayOptions>;
  readonly #stop = new AbortController();
  readonly #stopped = Promise.withResolvers<"stopped">();
  readonly #wakeUp = new WakeUp();
  readonly #run: Promise<void>;
  #passed = Promise.withResolvers<void>();
  #deletedAtMs = 0;
  #isBusy = false;

  /** Starts at once; needs no connection to be there yet. */
  constructor(options: OutboxRelayOptions) {
    this.#options = { batchSize: 500, keptMs: 3_600_000, pollMs: 1_000, gatherMs: 50, ...options };
    this.#run = this.#sessions();
  }

  /** Resolves when everything that was committed before this call is published; rejects when the relay is disposed first. */
  async flush(): Promise<void> {
    const { pool } = this.#options;
    const newest = await newestUnpublished(pool);
    if (newest === undefined) return;
    while (await isUnpublishedUpTo(pool, newest)) {
      if (this.#stop.signal.aborted) throw new Error("the outbox relay was stopped before everything was published");
      const { promise } = this.#passed;
      this.#wakeUp.wake();
      await promise;
    }
  }

  /** Stops after the batch that is under way, without waiting for a bus that does not answer. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#stopped.resolve("stopped");
    this.#wakeUp.wake();
    await this.#run;
    this.#passed.resolve();
  }

  async #sessions(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      try {
        await this.#session(() => (failures = 0));
      } catch (error) {
        failures += 1;
        if (failures === 1) this.#options.log.warn({ err: error }, "the outbox cannot be published; trying on");
      }
      this.#tellPassed();
      if (!this.#stop.signal.aborted && failures > 0) await this.#wakeUp.sleep(pauseMs(failures));
    }
  }

  /** Works on one connection, which holds the lock, hears the notifications and marks what was published. */
  async #session(succeeded: () => void): Promise<void> {
    const { pool, schema } = this.#options;
    const client = await pool.connect();
    const wake = (): void => this.#wakeUp.wake();
    client.on("notification", wake);
    try {
      await client.query(`LISTEN ${outboxChannel(schema)}`);
      for (let holds = false; !this.#stop.signal.aborted; ) {
        holds ||= await takesLock(client, schema);
        const more = holds && (await this.#pass(client));
        succeeded();
        this.#tellPassed();
        if (!more) await this.#rest();
      }
    } finally {
      client.removeListener("notification", wake);
      // Ending the connection ends the lock and the listening with it.
      client.release(true);
    }
  }

  /**
   * Sleeps until there is something to publish. Under load each commit would wake it by itself; a short pause makes
   * batches of them, which whoever takes them in stores with one transaction.
   */
  async #rest(): Promise<void> {
    const { pollMs, gatherMs } = this.#options;
    if (this.#isBusy) await sleep(gatherMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    await this.#wakeUp.sleep(pollMs);
  }

  /** Publishes one batch. Returns whether more may be waiting. */
  async #pass(client: PoolClient): Promise<boolean> {
    const { batchSize } = this.#options;
    const rows = await readUnpublished(client, batchSize);
    this.#isBusy = rows.length > 0;
    if (rows.length > 0) await this.#publish(client, rows);
    await this.#deleteOld(client);
    return rows.length === batchSize;
  }

  async #publish(client: PoolClient, rows: readonly OutboxRow[]): Promise<void> {
    const results = Promise.allSettled(rows.map(({ event }) => this.#options.publish(event)));
    const settled = await Promise.race([results, this.#stopped.promise]);
    // What the bus accepts after this is published once more by the next relay.
    if (settled === "stopped") return;
    const accepted = rows.filter((_, index) => settled[index]?.status === "fulfilled").map(({ position }) => position);
    if (accepted.length > 0) await markPublished(client, accepted);
    const refused = settled.find((result) => result.status === "rejected");
    if (refused !== undefined) throw new Error("the event bus refused an event", { cause: refused.reason });
  }

  async #deleteOld(client: PoolClient): Promise<void> {
    const nowMs = Date.now();
    if (nowMs - this.#deletedAtMs < deleteEveryMs) return;
    const deleted = await deletePublished(client, this.#options.keptMs, deleteBatch);
    // A full batch means that there is more: go on with the next pass.
    if (deleted < deleteBatch) this.#deletedAtMs = nowMs;
  }

  #tellPassed(): void {
    this.#passed.resolve();
    this.#passed = Promise.withResolvers();
  }
}

/** Takes the schema's lock if it is free; it is held until the connection ends. */
async function takesLock(client: PoolClient, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>("SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held", [
    `outbox/${schema}`,
  ]);
  return rows[0]?.held ?? false;
}

function pauseMs(failures: number): number {
  const full = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 10));
  return full / 2 + (Math.random() * full) / 2;
}
