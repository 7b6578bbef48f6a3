import { setTimeout as pause } from "node:timers/promises";
import { type KeptObject, KeptObjectKind } from "@alfred/contracts";
import { isFailure } from "@alfred/errors";
import type { Logger } from "@alfred/telemetry";
import { durationOf } from "../money/wire.ts";
import { advanceBatch } from "./batch-end.ts";
import type { BatchParts } from "./batch-parts.ts";
import { sweepFile } from "./files.ts";
import type { Asking } from "./keeper.ts";

/** How long one that was taken is this gateway's alone, in milliseconds. */
const LEASE_MS = 600_000;
const MOST_AT_ONCE = 10;

/** What the watch works with. */
export interface KeeperWatchParts extends BatchParts {
  readonly log: Logger;
  /** How often what is due is asked for, in milliseconds, give or take a half, so that gateways do not ask all at once. */
  readonly lookMs: number;
}

/** Looks after batches, and uploads that were cut off. Any number of gateways do, each on what it has claimed. */
export class KeeperWatch implements AsyncDisposable {
  readonly #parts: KeeperWatchParts;
  readonly #stopped = new AbortController();
  readonly #looking: Promise<void>;

  constructor(parts: KeeperWatchParts) {
    this.#parts = parts;
    this.#looking = this.#lookOn();
  }

  /** Ends it; what is under way is given up, and due again once its lease ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#looking;
  }

  async #lookOn(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await pause(this.#parts.lookMs * (0.5 + this.#parts.random()), undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    await this.#claim(KeptObjectKind.KEPT_OBJECT_KIND_FILE, (object, asking) => sweepFile(this.#parts, object, asking));
    await this.#claim(KeptObjectKind.KEPT_OBJECT_KIND_BATCH, (object, asking) => advanceBatch(this.#parts, object, asking));
  }

  /** Does what is due, some at a time, until nothing is. */
  async #claim(kind: KeptObjectKind, work: (object: KeptObject, asking: Asking) => Promise<unknown>): Promise<void> {
    const { record, log } = this.#parts;
    const { signal } = this.#stopped;
    try {
      for (let claimed = MOST_AT_ONCE; claimed === MOST_AT_ONCE && !signal.aborted; ) {
        const { objects } = await record.claimKeptObjects({ kind, most: MOST_AT_ONCE, lease: durationOf(LEASE_MS) }, { signal });
        // Side by side, so that one provider's silence holds up no other's.
        await Promise.all(objects.map((object) => this.#work(object, work)));
        claimed = objects.length;
      }
    } catch (err) {
      if (!signal.aborted) log.warn({ err }, "what is kept at providers could not be looked after; it is tried again");
    }
  }

  async #work(object: KeptObject, work: (object: KeptObject, asking: Asking) => Promise<unknown>): Promise<void> {
    const { log, now } = this.#parts;
    const { signal } = this.#stopped;
    try {
      await work(object, { signal, deadlineMs: now() + LEASE_MS });
    } catch (err) {
      // Who asked for it meanwhile got on with it.
      if (!signal.aborted && !isFailure(err, "FAILED_PRECONDITION")) log.warn({ err, id: object.id, provider: object.providerId }, "what a provider keeps could not be looked after; it is tried again");
    }
  }
}
