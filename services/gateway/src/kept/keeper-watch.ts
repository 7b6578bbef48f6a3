import { setTimeout as pause } from "node:timers/promises";
import { type KeptObject, KeptObjectKind } from "@alfred/contracts";
import type { Logger } from "@alfred/telemetry";
import { durationOf } from "../money/wire.ts";
import { sweepFile } from "./files.ts";
import type { KeptParts } from "./kept-parts.ts";

/** How often what is due is asked for, in milliseconds, give or take a half, so that gateways do not ask all at once. */
const LOOK_MS = 60_000;
/** How long one that was taken is this gateway's alone, in milliseconds. */
const LEASE_MS = 600_000;
const MOST_AT_ONCE = 10;

/** What the watch works with. */
export interface KeeperWatchParts extends KeptParts {
  readonly log: Logger;
  readonly random: () => number;
}

/** Looks after uploads that were cut off. Any number of gateways do, each on what it has claimed. */
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
      await pause(LOOK_MS * (0.5 + this.#parts.random()), undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { record, log } = this.#parts;
    try {
      const claim = { kind: KeptObjectKind.KEPT_OBJECT_KIND_FILE, most: MOST_AT_ONCE, lease: durationOf(LEASE_MS) };
      const { objects } = await record.claimKeptObjects(claim, { signal: this.#stopped.signal });
      for (const object of objects) await this.#sweep(object);
    } catch (err) {
      if (!this.#stopped.signal.aborted) log.warn({ err }, "what is kept at providers could not be looked after; it is tried again");
    }
  }

  async #sweep(object: KeptObject): Promise<void> {
    const { log, now } = this.#parts;
    try {
      await sweepFile(this.#parts, object, { signal: this.#stopped.signal, deadlineMs: now() + LEASE_MS });
    } catch (err) {
      if (!this.#stopped.signal.aborted) log.warn({ err, id: object.id, provider: object.providerId }, "an upload that was cut off could not be ended; it is tried again");
    }
  }
}
