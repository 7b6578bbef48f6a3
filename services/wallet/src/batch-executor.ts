import { setTimeout as sleep } from "node:timers/promises";
import { fail } from "@alfred/errors";
import type { AlfredError } from "@alfred/errors";
import { isConflict, isUniqueViolation } from "@alfred/postgres";
import { DatabaseError } from "pg";
import type { Job } from "./domain/job.ts";
import { OperationJob } from "./domain/job.ts";
import type { Operation } from "./domain/operation.ts";
import type { Outcome, Refusal } from "./domain/refusal.ts";

export interface BatchExecutorParts<Commit = unknown> {
  /** Commits a batch as a whole and says what that did, or throws the database's error and nothing moved. */
  readonly commit: (jobs: readonly Job[]) => Promise<Commit>;
  /** Hears what a commit did, once it is done and before its callers are answered. */
  readonly onCommit: (commit: Commit) => void;
  /** Operations per transaction. */
  readonly maxBatch: number;
  /** Operations that may wait; one more is refused as OVERLOADED. */
  readonly maxQueue: number;
  readonly metrics: BatchMetrics;
  /** Waits before a batch is tried again, `attempt` counting from 1; up to 200 ms at random unless stated. */
  readonly pause?: (attempt: number) => Promise<void>;
}

/** What the executor tells of itself. */
export interface BatchMetrics {
  batchDone(operations: number, durationMs: number): void;
  queueDepth(operations: number): void;
}

interface Pending {
  readonly job: Job;
  readonly signal: AbortSignal | undefined;
  settle(): void;
  fail(error: unknown): void;
}

/** Times a batch is tried when another process was in its way. */
const MAX_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/**
 * Runs operations in batches, one after the other: what comes in while one commits waits and forms the next, so that
 * a hundred reservations cost one transaction and one sync of the disk.
 */
export class BatchExecutor<Commit = unknown> implements AsyncDisposable {
  readonly #parts: BatchExecutorParts<Commit>;
  #queue: Pending[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(parts: BatchExecutorParts<Commit>) {
    this.#parts = parts;
  }

  /**
   * Runs an operation in the next batch and answers once it is committed. Throws the refusal; OVERLOADED when the
   * queue is full; UNAVAILABLE when the database failed. A caller that is gone before its batch starts is skipped.
   */
  async submit<T>(operation: Operation<T>, signal?: AbortSignal): Promise<T> {
    if (this.#closed) throw fail("UNAVAILABLE", "The wallet is stopping.");
    if (this.#queue.length >= this.#parts.maxQueue) {
      throw fail("OVERLOADED", `The wallet has ${this.#parts.maxQueue} operations waiting.`);
    }
    const outcome = await this.#enqueue(operation, signal);
    if (!outcome.ok) throw toError(outcome.refusal);
    return outcome.value;
  }

  /** Refuses new operations and resolves when those accepted are answered. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  #enqueue<T>(operation: Operation<T>, signal: AbortSignal | undefined): Promise<Outcome<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome<T>>();
    const job = new OperationJob(operation);
    const settle = (): void => {
      try {
        resolve(job.outcome());
      } catch (mistake) {
        reject(mistake);
      }
    };
    this.#queue.push({ job, signal, settle, fail: reject });
    this.#running ??= this.#drain();
    return promise;
  }

  async #drain(): Promise<void> {
    // Whatever else arrives in this turn of the event loop joins the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#parts.maxBatch);
      this.#parts.metrics.queueDepth(this.#queue.length);
      await this.#flush(batch);
    }
    this.#running = undefined;
  }

  async #flush(batch: readonly Pending[]): Promise<void> {
    const live = batch.filter((pending) => pending.signal?.aborted !== true);
    const gone = batch.filter((pending) => !live.includes(pending));
    for (const { fail: reject } of gone) reject(fail("CANCELLED", "The caller went away before the wallet began."));
    if (live.length === 0) return;
    const startedAt = performance.now();
    await this.#commitTogether(live);
    this.#parts.metrics.batchDone(live.length, performance.now() - startedAt);
  }

  async #commitTogether(batch: readonly Pending[]): Promise<void> {
    const error = await this.#attempt(batch);
    if (error === undefined) return;
    // What Postgres refuses comes from one operation: the others must not suffer for it.
    if (isOfOneOperation(error) && batch.length > 1) {
      for (const pending of batch) await this.#commitTogether([pending]);
      return;
    }
    for (const { fail: reject } of batch) reject(isOfOneOperation(error) ? error : unavailable(error));
  }

  /** Answers the batch, or returns the error that its last attempt ended with. */
  async #attempt(batch: readonly Pending[]): Promise<unknown> {
    const { pause = pauseAtRandom } = this.#parts;
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#parts.onCommit(await this.#parts.commit(batch.map(({ job }) => job)));
        for (const { settle } of batch) settle();
        return undefined;
      } catch (error) {
        if (faultOf(error) !== "conflict" || attempt === MAX_ATTEMPTS) return error;
        await pause(attempt);
      }
    }
  }
}

type Fault = "conflict" | "operation" | "database";

/** SQLSTATE classes that speak of what was sent, not of the server: data, constraint, syntax, raised by a trigger. */
const OPERATION_CLASSES = /^(?:22|23|42|P0)/;

/** Whether trying again may help, a single operation is to blame, or the database did not do its part. */
function faultOf(error: unknown): Fault {
  // Another process wrote the same row first: the next attempt sees what it wrote.
  if (isConflict(error) || isUniqueViolation(error)) return "conflict";
  const code = error instanceof DatabaseError ? (error.code ?? "") : "";
  return OPERATION_CLASSES.test(code) || error instanceof TypeError || error instanceof RangeError ? "operation" : "database";
}

/** A row that is still there after every attempt was not written by someone who was quicker. */
function isOfOneOperation(error: unknown): boolean {
  return faultOf(error) === "operation" || isUniqueViolation(error);
}

/** At random, so that two processes in each other's way do not meet again. */
async function pauseAtRandom(attempt: number): Promise<void> {
  await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
}

function unavailable(cause: unknown): AlfredError {
  return fail("UNAVAILABLE", "The wallet's database did not answer.", { cause });
}

function toError({ reason, message, metadata, hint }: Refusal): AlfredError {
  return fail(reason, message, hint === undefined ? { metadata } : { metadata, hint });
}
