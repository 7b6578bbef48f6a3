import { setTimeout as pause } from "node:timers/promises";
import type { AccountPath } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import type { KeyRing } from "@alfred/rpc";
import type { Logger } from "@alfred/telemetry";
import type { PathSpec } from "./domain/open-account.ts";
import { openPath } from "./domain/open-account.ts";
import type { Operations } from "./domain/ports.ts";
import { readPath } from "./rpc/path.ts";
import { takeFirst } from "./take.ts";

export interface DirectoryFeedParts {
  readonly ring: KeyRing;
  readonly operations: Operations;
  readonly log: Logger;
}

/** Paths opened at once, so that a snapshot of many thousand keys leaves room in the queue for those who spend. */
const MAX_AT_ONCE = 200;
const RETRY_AFTER_MS = 500;

/**
 * Opens the accounts of the directory's nodes and keys as it tells of them, with the limits that they were made with.
 * What waits is bounded by what the ring itself holds: one path per key and node.
 */
export class DirectoryFeed implements AsyncDisposable {
  readonly #parts: DirectoryFeedParts;
  readonly #stop = new AbortController();
  readonly #waiting = new Map<string, PathSpec>();
  /** Accounts are never closed, so one that was opened once needs no second look. */
  readonly #opened = new Set<string>();
  readonly #forget: ReadonlyArray<() => void>;
  #running: Promise<void> | undefined;

  constructor(parts: DirectoryFeedParts) {
    this.#parts = parts;
    const { ring } = parts;
    this.#forget = [ring.onKey(({ id, path }) => this.#offer(id, path)), ring.onNode(({ id, path }) => this.#offer(id, path))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const forget of this.#forget) forget();
    this.#stop.abort();
    await this.#running;
  }

  #offer(id: string, path: AccountPath | undefined): void {
    // Root's key has no accounts.
    if (path === undefined || this.#opened.has(id) || this.#stop.signal.aborted) return;
    try {
      this.#waiting.set(id, readPath(path));
    } catch (err) {
      this.#parts.log.error({ err, account: id }, "the directory's path of an account cannot be used");
      return;
    }
    this.#running ??= this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#stop.signal.aborted) {
      const batch = takeFirst(this.#waiting, MAX_AT_ONCE);
      const results = await Promise.all(batch.map(([id, path]) => this.#open(id, path)));
      if (results.includes("again")) await pause(RETRY_AFTER_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
    this.#running = undefined;
  }

  async #open(id: string, path: PathSpec): Promise<"done" | "again"> {
    try {
      await this.#parts.operations.submit(openPath(path, { actor: "service", requestId: "" }));
      this.#opened.add(id);
      return "done";
    } catch (err) {
      if (!isFailure(err) || !err.row.retryable) {
        this.#parts.log.error({ err, account: id }, "an account of the directory cannot be opened");
        return "done";
      }
      this.#waiting.set(id, path);
      return "again";
    }
  }
}
