import type { JournalEntry } from "../../../services/gateway/src/leases/journal-entry.ts";
import type { Counters } from "../counters.ts";
import { Violation } from "../trace.ts";

/** What one process may not do any more with its leases, as seen from outside of its core. */
export class Promises {
  readonly #counters: Counters;
  readonly #firstSentMs = new Map<string, number>();
  readonly #deadlinesMs = new Map<string, number>();
  readonly #recalled = new Set<string>();
  /** Held for one request alone: the recall of such a lease comes too late to matter. */
  readonly #reservations = new Set<string>();

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** An acquire is sent; the deadline of its lease counts from the first time. */
  sent(acquireId: string, nowMs: number): void {
    if (!this.#firstSentMs.has(acquireId)) this.#firstSentMs.set(acquireId, nowMs);
  }

  granted(acquireId: string, leaseId: string, { ttlMs, nowMs }: { readonly ttlMs: number; readonly nowMs: number }): void {
    const deadlineMs = (this.#firstSentMs.get(acquireId) ?? 0) + ttlMs;
    if (this.#recalled.has(leaseId) && !this.#deadlinesMs.has(leaseId)) this.#counters.count("rule: recall overtook its grant");
    if (nowMs >= deadlineMs) this.#counters.count("rule: grant came after its deadline");
    this.#deadlinesMs.set(leaseId, deadlineMs);
  }

  reserved(leaseId: string): void {
    this.#reservations.add(leaseId);
  }

  recalled(leaseIds: readonly string[]): void {
    for (const id of leaseIds) this.#recalled.add(id);
  }

  /** What is about to be written takes credit: not of a lease that was asked back. */
  writing(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      if (entry.type !== "intent" || !this.#recalled.has(entry.leaseId) || this.#reservations.has(entry.leaseId)) continue;
      throw new Violation(`recall: ${entry.leaseId} is spent from although it was asked back`);
    }
  }

  /** A request goes to its provider: not on a lease whose time is over. */
  admitted(leaseId: string, nowMs: number): void {
    const deadlineMs = this.#deadlinesMs.get(leaseId);
    if (deadlineMs !== undefined && nowMs >= deadlineMs) throw new Violation(`deadline: ${leaseId} is spent from ${nowMs - deadlineMs} ms after its deadline`);
  }
}
