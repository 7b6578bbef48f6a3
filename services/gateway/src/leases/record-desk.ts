import { type Charge, NO_CHARGE } from "../domain/charge.ts";
import type { JournalEntry } from "./journal-entry.ts";
import type { JournalWriter } from "./journal-writer.ts";
import { NO_NOTE, type OwnRecord } from "./own-record.ts";
import type { SettleDesk } from "./settle-desk.ts";
import type { OwnLease, OwnWaiter } from "./own-lease.ts";

/** A request with its record, whose intent is being written. */
export interface Placed {
  readonly waiter: OwnWaiter;
  readonly lease: OwnLease;
  readonly record: OwnRecord;
}

/** Requests at most whose intents are one append, which the journal takes whole or not at all: 8 MiB are 16 KiB for each. */
const MAX_PLACED = 500;

/** The records of admissions: the intent is written before anybody hears of it, the actual after. */
export class RecordDesk {
  readonly #journal: JournalWriter;
  readonly #settling: SettleDesk;
  readonly #writes = new Map<number, readonly Placed[]>();
  #placed: Placed[] = [];
  #entries: JournalEntry[] = [];

  constructor(journal: JournalWriter, settling: SettleDesk) {
    this.#journal = journal;
    this.#settling = settling;
  }

  /** Whether no intent is being written. */
  get isIdle(): boolean {
    return this.#writes.size === 0;
  }

  /** Whether what is placed is enough for one append. */
  get isFull(): boolean {
    return this.#placed.length >= MAX_PLACED;
  }

  /** Takes a request's worst case from a lease that can admit it; it is written with the next `write`. */
  place(waiter: OwnWaiter, lease: OwnLease): void {
    const { path, worst, note } = waiter.request;
    const record = lease.take(path, worst, note);
    this.#journal.addPath(path, this.#entries);
    if (!lease.isJournaled) this.#entries.push(headerOf(lease));
    lease.isJournaled = true;
    this.#entries.push({ type: "intent", ...record.ref, accountId: record.accountId, worst, note });
    this.#placed.push({ waiter, lease, record });
  }

  /** Hands all that was placed to the journal, at once. */
  write(sync: boolean): void {
    if (this.#placed.length === 0) return;
    const token = this.#journal.append(this.#entries, sync);
    this.#writes.set(token, this.#placed);
    this.#placed = [];
    this.#entries = [];
  }

  /** What a write was for; once. */
  written(token: number): readonly Placed[] {
    const placed = this.#writes.get(token) ?? [];
    this.#writes.delete(token);
    return placed;
  }

  /** Those whose intents are being written. */
  underWay(): Placed[] {
    return [...this.#writes.values()].flat();
  }

  /** No write is answered any more. */
  giveUpWrites(nowMs: number): void {
    for (const placed of this.underWay()) this.withdraw(placed, nowMs);
    this.#writes.clear();
  }

  /** The request is not sent to its provider, so it cost nothing. */
  withdraw({ lease, record }: Placed, nowMs: number): void {
    this.finish(lease, record.ref.number, NO_CHARGE, NO_NOTE, nowMs, false);
  }

  /** What a record cost, to be told to the wallet. Whether it was open. */
  finish(lease: OwnLease, number: number, cost: Charge, note: Uint8Array, nowMs: number, isAwaited: boolean): boolean {
    const record = lease.finish(number, cost, note, nowMs, isAwaited);
    if (record === undefined) return false;
    this.#journal.append([{ type: "actual", ...record.ref, cost, note }], false);
    this.#settling.mark(lease);
    return true;
  }
}

function headerOf(lease: OwnLease): JournalEntry {
  const { leaseId, organisationId, grantTimeMs, incarnation } = lease.terms;
  return { type: "lease", leaseId, organisationId, grantTimeMs, incarnation, nextNumber: 1 };
}
