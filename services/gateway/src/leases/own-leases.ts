import type { RecordRef } from "./lease-input.ts";
import type { OwnLease } from "./own-lease.ts";
import type { OwnRecord } from "./own-record.ts";

/** Figures of the leases, for metrics. */
export interface OwnLeaseFigures {
  /** Leases that may be spent from. */
  readonly openLeases: number;
  /** Credit in them that no request has taken, in nano-dollars. */
  readonly unspentNanos: bigint;
  /** When the oldest lease that the wallet has not closed was granted, by its clock; undefined where there is none. */
  readonly oldestGrantTimeMs: number | undefined;
  /** Records that the journal must still keep. */
  readonly journaledRecords: number;
  /** Credit of the leases that were closed since the start, in nano-dollars. */
  readonly closedCreditNanos: bigint;
  /** What of it was spent; the rest was given back. */
  readonly closedSpentNanos: bigint;
}

/** Figures of the core, for metrics. */
export interface LeaseFigures extends OwnLeaseFigures {
  /** Requests that wait for credit. */
  readonly waiting: number;
  /** Requests refused by a denial, by reason, since the start. */
  readonly denials: ReadonlyMap<string, number>;
}

/** The leases that the wallet or metering have not heard the last of. */
export class OwnLeases {
  readonly #leases = new Map<string, OwnLease>();
  #closedCreditNanos = 0n;
  #closedSpentNanos = 0n;

  get all(): Iterable<OwnLease> {
    return this.#leases.values();
  }

  /** Whether the wallet has closed all of them. */
  get isSettled(): boolean {
    return this.#leases.values().every((lease) => lease.isDone);
  }

  get figures(): OwnLeaseFigures {
    let [openLeases, unspentNanos, journaledRecords, oldest] = [0, 0n, 0, Number.POSITIVE_INFINITY];
    for (const lease of this.#leases.values()) {
      journaledRecords += lease.records.size;
      if (!lease.isDone) oldest = Math.min(oldest, lease.terms.grantTimeMs);
      if (lease.isClosing) continue;
      openLeases += 1;
      unspentNanos += lease.free.nanos;
    }
    const oldestGrantTimeMs = Number.isFinite(oldest) ? oldest : undefined;
    const [closedCreditNanos, closedSpentNanos] = [this.#closedCreditNanos, this.#closedSpentNanos];
    return { openLeases, unspentNanos, oldestGrantTimeMs, journaledRecords, closedCreditNanos, closedSpentNanos };
  }

  get(leaseId: string): OwnLease | undefined {
    return this.#leases.get(leaseId);
  }

  add(lease: OwnLease): void {
    this.#leases.set(lease.id, lease);
  }

  /** Metering has the note of a record. */
  noted({ leaseId, number }: RecordRef): void {
    const lease = this.#leases.get(leaseId);
    lease?.noted(number);
    if (lease !== undefined) this.#trim(lease);
  }

  /** The wallet has what was under way of this lease. Gives the records that somebody waits for. */
  acknowledge(lease: OwnLease): readonly OwnRecord[] {
    const wasDone = lease.isDone;
    const awaited = lease.acknowledge();
    if (lease.isDone && !wasDone) this.#count(lease);
    this.#trim(lease);
    return awaited;
  }

  /** Gives those that have something to tell because of the time; those that are over or unused close. */
  sweep(nowMs: number, idleMs: number): OwnLease[] {
    return [...this.#leases.values()].filter((lease) => !lease.isDone && age(lease, nowMs, idleMs));
  }

  #count({ terms, pool, admitted }: OwnLease): void {
    // A lease of an earlier start does not know its credit, one of a single request was never meant to be shared.
    if (pool === undefined) return;
    this.#closedCreditNanos += terms.credit.nanos;
    this.#closedSpentNanos += admitted.nanos;
  }

  #trim(lease: OwnLease): void {
    if (lease.isDone && lease.records.size === 0) this.#leases.delete(lease.id);
  }
}

function age(lease: OwnLease, nowMs: number, idleMs: number): boolean {
  const isUnused = lease.openCount === 0 && nowMs - lease.idleSinceMs >= idleMs;
  if (nowMs >= lease.terms.deadlineMs || isUnused) lease.close();
  if (lease.openCount > 0 && nowMs - lease.lastSentMs >= lease.terms.keepAliveMs) lease.keepAlive();
  return lease.isDirty;
}
