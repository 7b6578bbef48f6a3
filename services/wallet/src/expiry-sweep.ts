import { newId } from "@alfred/ids";
import type { Logger } from "@alfred/telemetry";
import type { Amount } from "./domain/amount.ts";
import type { Leases, Operations } from "./domain/ports.ts";
import { suspend } from "./domain/suspend.ts";

export interface ExpirySweepParts {
  readonly leases: Leases;
  readonly operations: Operations;
  readonly metrics: { held(amounts: readonly Amount[]): void };
  readonly now: () => number;
  readonly log: Logger;
  readonly everyMs: number;
}

const MAX_AT_ONCE = 200;

/** Moves what expired leases hold to suspense, again and again until disposed. */
export class ExpirySweep implements AsyncDisposable {
  readonly #parts: ExpirySweepParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: ExpirySweepParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#plan();
  }

  /** Suspends all that is expired now; answers how many leases that was. */
  async sweep(): Promise<number> {
    const { leases, operations, now } = this.#parts;
    let total = 0;
    for (;;) {
      const expired = await leases.expired(now(), MAX_AT_ONCE);
      const suspended = await Promise.all(
        expired.map(({ id, organisationId }) => operations.submit(suspend({ organisationId, leaseId: id, transferId: newId("trf") }))),
      );
      const moved = suspended.filter(Boolean).length;
      total += moved;
      // A round that moves nothing would find the same leases again.
      if (expired.length < MAX_AT_ONCE || moved === 0 || this.#isStopped) return total;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #plan(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, this.#parts.everyMs);
  }

  async #run(): Promise<void> {
    try {
      const suspended = await this.sweep();
      this.#parts.metrics.held(await this.#parts.leases.held());
      if (suspended > 0) this.#parts.log.warn({ leases: suspended }, "reservations expired unsettled and are in suspense");
    } catch (err) {
      this.#parts.log.warn({ err }, "expired reservations could not be suspended; the next sweep tries again");
    }
    this.#plan();
  }
}
