import { setTimeout as pause } from "node:timers/promises";
import { type MeteringServiceService, UsageRecord } from "@alfred/contracts";
import { AlfredError } from "@alfred/errors";
import { newId } from "@alfred/ids";
import type { Client } from "@alfred/rpc";
import type { Logger } from "@alfred/telemetry";

export interface UsageQueueParts {
  readonly metering: Client<typeof MeteringServiceService>;
  readonly log: Logger;
}

/** Most records in a message, as the contract says. */
const MAX_BATCH = 1_000;
/** How long records are gathered before they are sent, in milliseconds. */
const LINGER_MS = 50;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const SEND_TIMEOUT_MS = 10_000;
const FINAL = new Set(["INVALID_ARGUMENT", "PAYLOAD_TOO_LARGE"]);
/** What says something of metering and nothing of the records. */
const PASSING = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "OVERLOADED"]);
/** How often a batch may fail by anything else before its records are sent apart, and one of them is put aside. */
const MAX_FAILURES = 5;

/** A record, and who wants to know that it need not be kept elsewhere any more. */
interface Waiting {
  readonly record: UsageRecord;
  readonly onDone: (() => void) | undefined;
}

/**
 * Usage records on their way to metering, in batches, one after the other, each sent until it is acknowledged. It never
 * refuses a record: admission stops before it grows past its bound.
 */
export class UsageQueue {
  readonly #metering: Client<typeof MeteringServiceService>;
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  #waiting: Waiting[] = [];
  #sending = 0;
  #loop: Promise<void> | undefined;

  constructor({ metering, log }: UsageQueueParts) {
    this.#metering = metering;
    this.#log = log;
  }

  /** How many records are not acknowledged yet. */
  get size(): number {
    return this.#waiting.length + this.#sending;
  }

  /** Sends a record; `onDone` is called once metering has it, or will never take it. */
  push(record: UsageRecord, onDone?: () => void): void {
    this.#waiting.push({ record, onDone });
    this.#loop ??= this.#sendAll();
  }

  /** Resolves once all are acknowledged, or with the signal; then what is left is given up and logged. */
  async drain(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#stopped.abort();
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    await this.#loop;
    signal.removeEventListener("abort", stop);
    if (this.size > 0) this.#log.error({ records: this.size }, "usage records are left; the next start sends those that the journal holds");
  }

  async #sendAll(): Promise<void> {
    const { signal } = this.#stopped;
    while (this.#waiting.length > 0 && !signal.aborted) {
      // A full batch gains nothing by waiting, and nor does whoever stops.
      if (this.#waiting.length < MAX_BATCH) await this.#linger();
      const batch = this.#waiting.slice(0, MAX_BATCH);
      this.#waiting = this.#waiting.slice(MAX_BATCH);
      this.#sending = batch.length;
      const isSent = await this.#sendUntilTaken(batch);
      // What was not sent still counts as waiting.
      if (isSent) this.#sending = 0;
    }
    this.#loop = undefined;
  }

  #linger(): Promise<void> {
    return pause(LINGER_MS, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
  }

  /** Whether it was acknowledged before all stopped. */
  async #sendUntilTaken(batch: readonly Waiting[]): Promise<boolean> {
    const { signal } = this.#stopped;
    let failures = 0;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const error = await this.#send(batch);
      if (error === undefined) return true;
      if (!isOneOf(PASSING, error)) failures += 1;
      if (isOneOf(FINAL, error) || failures >= MAX_FAILURES) return this.#sendApart(batch, error);
      this.#log.warn({ err: error, waiting: this.size }, "usage records wait for metering and are sent again");
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
    }
    return false;
  }

  /** One record that metering refuses must not hold up the others. */
  async #sendApart(batch: readonly Waiting[], error: unknown): Promise<boolean> {
    if (batch.length > 1) {
      for (const one of batch) if (!(await this.#sendUntilTaken([one]))) return false;
      return true;
    }
    for (const { record, onDone } of batch) {
      this.#log.error({ err: error, record: UsageRecord.toJSON(record) }, "metering does not take a usage record; it was put aside");
      onDone?.();
    }
    return true;
  }

  async #send(batch: readonly Waiting[]): Promise<unknown> {
    try {
      const request = { requestId: newId("batch"), records: batch.map(({ record }) => record) };
      await this.#metering.recordUsage(request, { timeoutMs: SEND_TIMEOUT_MS, signal: this.#stopped.signal });
      for (const { onDone } of batch) onDone?.();
      return undefined;
    } catch (error) {
      return error ?? new Error("metering failed without an error");
    }
  }
}

function isOneOf(codes: ReadonlySet<string>, error: unknown): boolean {
  return error instanceof AlfredError && codes.has(error.code);
}
