import type { JournalEntry } from "../../../services/gateway/src/leases/journal-entry.ts";
import type { Charge } from "../../../services/gateway/src/domain/charge.ts";
import type { AdmitRequest, Denial } from "../../../services/gateway/src/leases/lease-input.ts";
import type { Counters } from "../counters.ts";
import { Violation } from "../trace.ts";

/** How long a denial answers the requests after it. */
const REMEMBERED_MS = 1_000;

/** What one process may not do any more with its leases, as seen from outside of its core. */
export class Promises {
  readonly #counters: Counters;
  readonly #firstSentMs = new Map<string, number>();
  readonly #deadlinesMs = new Map<string, number>();
  #denials: ReadonlyArray<{ account: string; unit: keyof Charge; minimum: Charge; atMs: number }> = [];
  readonly #recalled = new Set<string>();
  /** Asked back before they were there: whoever waited for them is served, and nobody after that. */
  readonly #overtaken = new Set<string>();
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
    if (this.#overtaken.has(leaseId) && !this.#deadlinesMs.has(leaseId)) this.#counters.count("rule: recall overtook its grant");
    if (nowMs >= deadlineMs) this.#counters.count("rule: grant came after its deadline");
    this.#deadlinesMs.set(leaseId, deadlineMs);
  }

  /** The wallet refused an acquire that needed at least `minimum`. */
  denied({ metadata }: Denial, minimum: Charge, nowMs: number): void {
    const denial = { account: metadata["account"] ?? "", unit: unitOf(metadata), minimum, atMs: nowMs };
    this.#denials = [...this.#denials, denial];
  }

  /** A request is refused: only by the wallet's word on an account of its path, on no more than it needs, and not for long. */
  refused({ account = "", ...metadata }: Denial["metadata"], { path, worst }: AdmitRequest, nowMs: number): void {
    const unit = unitOf(metadata);
    this.#denials = this.#denials.filter(({ atMs }) => nowMs - atMs <= REMEMBERED_MS);
    const isSaid = this.#denials.some((denial) => denial.account === account && denial.unit === unit && denial.minimum[unit] <= worst[unit]);
    const isOnPath = path.accounts.some(({ id }) => id === account);
    if (!isSaid || !isOnPath) throw new Violation(`denial: a request for ${worst[unit]} ${unit} is refused for ${account}, and the wallet did not say so`);
  }

  reserved(leaseId: string): void {
    this.#reservations.add(leaseId);
  }

  recalled(leaseIds: readonly string[]): void {
    for (const id of leaseIds) {
      if (this.#deadlinesMs.has(id)) this.#recalled.add(id);
      else this.#overtaken.add(id);
    }
  }

  /** What is about to be written takes credit: not of a lease that was asked back once it was there. */
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

function unitOf({ unit }: Denial["metadata"]): keyof Charge {
  return unit === "tokens" ? "tokens" : "nanos";
}
