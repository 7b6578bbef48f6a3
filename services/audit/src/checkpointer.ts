/** Writes checkpoints soon after chains have grown, and all that is due when it is disposed. */
import { setTimeout as sleep } from "node:timers/promises";

import type { Database } from "@alfred/postgres";
import type { Logger } from "@alfred/telemetry";

import type { AuditMetrics } from "./metrics.ts";
import type { CheckpointFiles } from "./store/checkpoint-files.ts";
import { listChains, lockCheckpoints, readHead } from "./store/links.ts";

/** What checkpointing works with. */
export interface CheckpointerParts {
  readonly database: Database;
  readonly files: CheckpointFiles;
  readonly metrics: AuditMetrics;
  readonly log: Logger;
  readonly now: () => number;
}

/**
 * A chain is checkpointed at most this often, in milliseconds. What was chained since the last time can be cut off
 * unnoticed.
 */
const EVERY_MS = 1_000;

/** Chains looked at together when the process starts. */
const PAGE = 500;

/** Keeps the checkpoints of all chains up to date. */
export class Checkpointer implements AsyncDisposable {
  readonly #parts: CheckpointerParts;
  readonly #due = new Set<string>();
  readonly #contradicted = new Set<string>();
  readonly #stop = new AbortController();
  #grown = Promise.withResolvers<void>();
  readonly #run: Promise<void>;

  /** Starts at once, with the chains that grew before and were not checkpointed any more. */
  constructor(parts: CheckpointerParts) {
    this.#parts = parts;
    this.#run = this.#keepUp();
  }

  /** These organisations' chains have grown. */
  note(organisations: Iterable<string>): void {
    for (const organisation of organisations) this.#due.add(organisation);
    this.#grown.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#grown.resolve();
    await this.#run;
    await this.#round();
  }

  async #keepUp(): Promise<void> {
    const { signal } = this.#stop;
    await this.#noteAll(signal).catch((error: unknown) =>
      this.#parts.log.error({ err: error }, "not all chains could be looked at"),
    );
    while (!signal.aborted) {
      await this.#grown.promise;
      this.#grown = Promise.withResolvers<void>();
      await this.#round();
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
      // What failed is due still.
      if (this.#due.size > 0) this.#grown.resolve();
    }
  }

  async #noteAll(signal: AbortSignal): Promise<void> {
    for (let after = ""; !signal.aborted;) {
      const organisations = await listChains(this.#parts.database, after, PAGE);
      this.note(organisations);
      if (organisations.length < PAGE) return;
      after = organisations.at(-1) ?? after;
    }
  }

  async #round(): Promise<void> {
    const organisations = [...this.#due];
    this.#due.clear();
    for (const organisation of organisations) {
      await this.#checkpoint(organisation).catch((error: unknown) => {
        this.#due.add(organisation);
        this.#parts.log.error({ err: error, organisation }, "a chain could not be checkpointed");
      });
    }
  }

  /** The lock keeps processes that share the folder from writing the same line twice. */
  async #checkpoint(organisation: string): Promise<void> {
    const { database, files, now } = this.#parts;
    const outcome = await database.transact(async (sql) => {
      await lockCheckpoints(sql, organisation);
      const head = await readHead(sql, organisation);
      const last = await files.last(organisation);
      if (last !== undefined && last.sequence > head.sequence) return "contradiction";
      if (last?.sequence === head.sequence) {
        return Buffer.compare(last.hash, head.hash) === 0 ? "known" : "contradiction";
      }
      await files.append(organisation, head, new Date(now()));
      return "written";
    });
    if (outcome === "written") this.#parts.metrics.checkpointed();
    if (outcome === "contradiction") this.#tellContradiction(organisation);
  }

  #tellContradiction(organisation: string): void {
    this.#contradicted.add(organisation);
    this.#parts.metrics.contradicted(this.#contradicted.size);
    this.#parts.log.error({ organisation }, "an audit chain contradicts its last checkpoint; VerifyChain tells where");
  }
}
