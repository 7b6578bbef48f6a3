import { newId } from "@alfred/ids";
import type { Logger } from "@alfred/telemetry";
import type { LeaseTotals } from "./domain/lease-totals.ts";
import type { Leases, Operations } from "./domain/ports.ts";
import { suspend } from "./domain/suspend.ts";

export interface ExpirySweepParts {
  readonly leases: Leases;
  readonly totals: { read(nowMs: number): Promise<LeaseTotals> };
  readonly operations: Operations;
  readonly metrics: { expired(leases: number): void; totals(totals: LeaseTotals): void };
  readonly now: () => number;
  readonly log: Logger;
  readonly everyMs: number;
}

const MAX_AT_ONCE = 200;
/** The sums go over every organisation, so they are not read with each sweep. */
const TOTALS_EVERY_MS = 10_000;

/** Moves what expired leases hold to suspense, again and again until disposed. */
export class ExpirySweep implements AsyncDisposable {
  readonly #parts: ExpirySweepParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;
  #totalsReadMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ExpirySweepParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#plan();
  }

  /** Suspends all that is expired now; answers how many leases that was. */
  async sweep(): Promise<number> {
    const { leases, operations, metrics, now } = this.#parts;
    let total = 0;
    for (;;) {
      const expired = await leases.expired(now(), MAX_AT_ONCE);
      const suspended = await Promise.all(
        expired.map(({ id, organisationId }) => operations.submit(suspend({ organisationId, leaseId: id, transferId: newId("trf") }))),
      );
      const moved = suspended.filter(Boolean).length;
      total += moved;
      metrics.expired(moved);
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
    const { log } = this.#parts;
    try {
      const suspended = await this.sweep();
      await this.#tellTotals();
      if (suspended > 0) log.warn({ leases: suspended }, "leases or reservations expired without a word and are in suspense");
    } catch (err) {
      log.warn({ err }, "what expired could not be suspended; the next sweep tries again");
    }
    this.#plan();
  }

  async #tellTotals(): Promise<void> {
    const { totals, metrics, now } = this.#parts;
    if (performance.now() - this.#totalsReadMs < TOTALS_EVERY_MS) return;
    metrics.totals(await totals.read(now()));
    this.#totalsReadMs = performance.now();
  }
}
