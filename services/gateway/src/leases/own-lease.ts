import type { AccountPath } from "@alfred/contracts";
import { type Charge, NO_CHARGE } from "../domain/charge.ts";
import { covers, lowerOf, minus, plus } from "./charge-sums.ts";
import type { Settlement } from "./effect.ts";
import type { LeasePool, PendingAcquire } from "./lease-pool.ts";
import { openRecord, type OwnRecord } from "./own-record.ts";
import { settlementOf } from "./settlement.ts";
import type { Waiter } from "./waiting-queue.ts";

/** Where leases of one account are spent from. */
export type OwnPool = LeasePool<OwnLease>;
/** A request on its way to one of them. */
export type OwnWaiter = Waiter<OwnPool>;
/** An acquire of one of them. */
export type OwnAcquire = PendingAcquire<OwnLease>;

/** What a lease is, for as long as it lives. */
export interface LeaseTerms {
  readonly leaseId: string;
  readonly organisationId: string;
  readonly grantTimeMs: number;
  readonly incarnation: bigint;
  readonly credit: Charge;
  /** Past it nothing is admitted; on the core's clock. */
  readonly deadlineMs: number;
  /** While a record is open the wallet hears of it at least this often. */
  readonly keepAliveMs: number;
  /** One that it was granted for; undefined for a lease of an earlier start. */
  readonly path: AccountPath | undefined;
}

/** Records that one settlement carries at most. */
const MAX_RECORDS = 1_000;

/**
 * A lease of this gateway: open, then closing, then done. While open it admits; once it closes it never admits again, so
 * its ceiling only falls; it is done when the wallet has its final settlement.
 */
export class OwnLease {
  readonly terms: LeaseTerms;
  /** Where it is spent from; undefined where nothing is admitted from it: of an earlier start, or of one request. */
  readonly pool: OwnPool | undefined;
  readonly records = new Map<number, OwnRecord>();
  nextNumber = 1;
  isClosing = false;
  isDone = false;
  /** Whether others wait for what it gives back. */
  isRecalled = false;
  /** Whether the journal knows it. */
  isJournaled = false;
  openCount = 0;
  idleSinceMs: number;
  lastSentMs: number;
  /** How often in a row its settlement failed. */
  failures = 0;
  /** Open worst cases, and of what is finished the cost as far as the worst case covers it. */
  #admitted: Charge = NO_CHARGE;
  #unsettled: OwnRecord[] = [];
  #sent: OwnRecord[] | undefined;
  #sentPaths: readonly AccountPath[] = [];
  #isFinalSent = false;
  #isCeilingDue = false;
  #isHeartbeatDue = false;
  #awaited = 0;

  constructor(terms: LeaseTerms, pool: OwnPool | undefined, nowMs: number) {
    this.terms = terms;
    this.pool = pool;
    this.idleSinceMs = nowMs;
    this.lastSentMs = nowMs;
  }

  get id(): string {
    return this.terms.leaseId;
  }

  /** What its records can come to at most, of what they were admitted for. */
  get admitted(): Charge {
    return this.#admitted;
  }

  /** What may still be admitted. */
  get free(): Charge {
    return minus(this.terms.credit, this.#admitted);
  }

  /** Whether a settlement is under way. */
  get isInFlight(): boolean {
    return this.#sent !== undefined;
  }

  /** The paths that its last settlement named. */
  get sentPaths(): readonly AccountPath[] {
    return this.#sentPaths;
  }

  /** Whether somebody waits for its settlement, so that it should not wait for the next tick. */
  get isUrgent(): boolean {
    return this.isRecalled || this.#awaited > 0 || this.pool?.queue.isEmpty === false;
  }

  /** Whether there is anything to tell the wallet. */
  get isDirty(): boolean {
    return this.#unsettled.length > 0 || this.#isCeilingDue || this.#isHeartbeatDue || this.#isFinalDue;
  }

  get #isFinalDue(): boolean {
    return this.isClosing && this.openCount === 0 && !this.#isFinalSent && !this.isDone;
  }

  /** Whether a request may be admitted: everything at once, or nothing. */
  canAdmit(worst: Charge, nowMs: number): boolean {
    return !this.isClosing && nowMs < this.terms.deadlineMs && covers(this.free, worst);
  }

  /** Admits a request; only after `canAdmit`. */
  take(path: AccountPath, worst: Charge, note: Uint8Array): OwnRecord {
    const record = openRecord({ leaseId: this.id, number: this.nextNumber }, path, worst, note);
    this.nextNumber += 1;
    this.openCount += 1;
    this.#admitted = plus(this.#admitted, worst);
    this.records.set(record.ref.number, record);
    return record;
  }

  /** A record of an earlier start, with its cost. */
  recover(record: OwnRecord): void {
    this.records.set(record.ref.number, record);
    this.#admitted = plus(this.#admitted, lowerOf(record.cost ?? record.worst, record.worst));
    this.#unsettled.push(record);
  }

  /** The record, now with its cost; undefined where it is not open. */
  finish(number: number, cost: Charge, note: Uint8Array, nowMs: number, isAwaited: boolean): OwnRecord | undefined {
    const record = this.records.get(number);
    if (record === undefined || record.cost !== undefined) return undefined;
    record.cost = cost;
    record.note = note;
    record.isAwaited = isAwaited;
    record.isNoted = note.length === 0;
    if (isAwaited) this.#awaited += 1;
    this.#admitted = minus(this.#admitted, minus(record.worst, lowerOf(cost, record.worst)));
    this.#unsettled.push(record);
    this.openCount -= 1;
    this.idleSinceMs = nowMs;
    return record;
  }

  /** Admits nothing more, and says so with its next settlement. */
  close(): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.#isCeilingDue = this.free.nanos > 0n || this.free.tokens > 0n;
    this.pool?.remove(this);
  }

  /** Something is to be sent, even if there is nothing to tell: the lease lives on. */
  keepAlive(): void {
    this.#isHeartbeatDue = true;
  }

  /** What there is to tell, now under way; only while nothing is. */
  settle(nowMs: number): Settlement {
    const isAll = this.#unsettled.length <= MAX_RECORDS;
    const records = isAll ? this.#unsettled : this.#unsettled.slice(0, MAX_RECORDS);
    this.#unsettled = isAll ? [] : this.#unsettled.slice(MAX_RECORDS);
    this.#sent = records;
    this.#isFinalSent = isAll && this.#isFinalDue;
    this.#isCeilingDue = false;
    this.#isHeartbeatDue = false;
    this.lastSentMs = nowMs;
    const settlement = settlementOf(this, records, this.#isFinalSent);
    this.#sentPaths = settlement.paths;
    return settlement;
  }

  /** The wallet has what was under way. Gives the records that somebody waited for. */
  acknowledge(): readonly OwnRecord[] {
    const awaited: OwnRecord[] = [];
    for (const record of this.#sent ?? []) {
      record.isSettled = true;
      if (record.isAwaited) awaited.push(record);
      this.#trim(record);
    }
    this.#awaited -= awaited.length;
    this.#sent = undefined;
    this.failures = 0;
    if (this.#isFinalSent) this.isDone = true;
    return awaited;
  }

  /** Nobody knows whether the wallet has what was under way; it is told again. */
  unacknowledged(): void {
    this.#unsettled = [...(this.#sent ?? []), ...this.#unsettled];
    this.#sent = undefined;
    this.#isFinalSent = false;
    this.#isCeilingDue = this.isClosing;
    this.#isHeartbeatDue = true;
    this.failures += 1;
  }

  /** Metering has the note of a record. */
  noted(number: number): void {
    const record = this.records.get(number);
    if (record === undefined || record.cost === undefined) return;
    record.isNoted = true;
    this.#trim(record);
  }

  #trim(record: OwnRecord): void {
    if (record.isSettled && record.isNoted) this.records.delete(record.ref.number);
  }
}
