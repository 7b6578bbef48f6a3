import type { CreditDesk } from "./credit-desk.ts";
import { deniedUnit, type DenialMemory } from "./denial-memory.ts";
import type { Effect, UnavailableReason } from "./effect.ts";
import type { HangMap } from "./hang-map.ts";
import type { Identity } from "./identity.ts";
import type { AdmitRequest, Denial } from "./lease-input.ts";
import type { Placed, RecordDesk } from "./record-desk.ts";
import type { SettleDesk } from "./settle-desk.ts";
import type { OwnAcquire, OwnLease, OwnPool, OwnWaiter } from "./own-lease.ts";

export interface AdmissionParts {
  readonly emit: (effect: Effect) => void;
  readonly hangs: HangMap;
  readonly denials: DenialMemory;
  readonly credit: CreditDesk;
  readonly records: RecordDesk;
  readonly settling: SettleDesk;
  /** Requests that wait at most. */
  readonly maxWaiting: number;
}

/** The requests on their way in: each is admitted, refused or timed out, once, unless it is abandoned. */
export class Admissions {
  readonly #parts: AdmissionParts;
  /** Those that wait, and those whose intent is being written. */
  readonly #waiters = new Map<string, OwnWaiter>();
  readonly #queued = new Set<OwnPool>();
  readonly #denials = new Map<string, number>();
  #identity: Identity | undefined;
  #shutFor: UnavailableReason | undefined;
  #sequence = 0;
  #waiting = 0;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#identity !== undefined && this.#shutFor === undefined;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Refusals by reason. */
  get denials(): ReadonlyMap<string, number> {
    return this.#denials;
  }

  /** From now on there is credit to be had. */
  open(identity: Identity, nowMs: number): void {
    this.#identity = identity;
    for (const pool of this.#queued) this.serve(pool, nowMs);
  }

  /** From now on nothing is admitted. */
  shut(reason: UnavailableReason): void {
    if (this.#shutFor !== undefined) return;
    this.#shutFor = reason;
    for (const waiter of this.#waiters.values()) this.#timeOut(waiter, reason);
  }

  /** Takes a request in: from a lease where one covers it, else it waits for credit. */
  admit(request: AdmitRequest, nowMs: number): void {
    const pool = this.#parts.hangs.poolFor(request.path);
    const waiter = this.#arrive(request);
    if (this.#shutFor !== undefined) return this.#timeOut(waiter, this.#shutFor);
    pool.rate.add(request.worst, nowMs);
    const lease = this.isOpen && pool.queue.isEmpty ? pool.leaseFor(request.worst, nowMs) : undefined;
    if (lease !== undefined) return this.#admitFrom(lease, waiter);
    const denial = this.#parts.denials.find(request.path, request.worst, nowMs);
    if (denial !== undefined) return this.#refuse(waiter, denial);
    if (this.#waiting >= this.#parts.maxWaiting) return this.#timeOut(waiter, "full");
    this.#enqueue(waiter, pool);
    this.#ask(pool, nowMs);
  }

  /** Takes in a request that has a lease for itself. */
  adopt(request: AdmitRequest, lease: OwnLease): void {
    const waiter = this.#arrive(request);
    if (this.#shutFor !== undefined) this.#timeOut(waiter, this.#shutFor);
    else this.#admitFrom(lease, waiter);
    lease.close();
    this.#parts.settling.mark(lease);
  }

  /** Nobody waits for the request any more; where its intent is being written it will have cost nothing. */
  abandon(id: string, nowMs: number): void {
    const waiter = this.#waiters.get(id);
    if (waiter === undefined) return;
    const { pool } = waiter;
    this.#leave(waiter);
    if (pool !== undefined) this.serve(pool, nowMs);
  }

  /** Intents were written. */
  written(placed: readonly Placed[], nowMs: number): void {
    for (const each of placed) if (!this.#afterWrite(each, nowMs)) this.#putBack(each.waiter, nowMs);
  }

  /** Admits those who wait, in order, as far as the leases go, and asks for credit for the others. */
  serve(pool: OwnPool, nowMs: number): void {
    for (let head = pool.queue.head; head !== undefined; head = pool.queue.head) {
      const lease = this.isOpen ? pool.leaseFor(head.request.worst, nowMs) : undefined;
      if (lease === undefined) break;
      this.#dequeue(head, pool);
      this.#parts.records.place(head, lease);
      if (this.#parts.records.isFull) this.#write();
    }
    this.#write();
    this.#ask(pool, nowMs);
  }

  /** Those of a pool stand where leases for them hang, as is known now. Gives the pools, which are to be served. */
  reroute(pool: OwnPool, nowMs: number): Set<OwnPool> {
    const pools = new Set<OwnPool>([pool]);
    for (const waiter of pool.queue.take(() => true)) {
      const right = this.#parts.hangs.poolFor(waiter.request.path);
      right.queue.push(waiter);
      right.rate.add(waiter.request.worst, nowMs);
      this.#queued.add(right);
      pools.add(right);
    }
    return pools;
  }

  /** As `reroute`, for all who wait in an organisation: its limits have another shape. */
  rerouteAll(organisationId: string, nowMs: number): Set<OwnPool> {
    const pools = [...this.#queued].filter(({ queue }) => queue.head?.request.path.organisationId === organisationId);
    return pools.reduce((rerouted, pool) => rerouted.union(this.reroute(pool, nowMs)), new Set<OwnPool>());
  }

  /** Refuses those that the denial of an acquire answers; the others ask again. */
  deny({ pool, path, cutoff, minimum, firstSentMs }: OwnAcquire, denial: Denial, nowMs: number): void {
    this.#parts.denials.remember(path.organisationId, minimum, denial, nowMs, firstSentMs);
    const unit = deniedUnit(denial);
    const accountId = denial.metadata["account"] ?? path.accounts[0]?.id;
    const answered = pool.queue.take(
      ({ sequence, request }) =>
        sequence <= cutoff && request.worst[unit] >= minimum[unit] && request.path.accounts.some(({ id }) => id === accountId),
    );
    this.#waiting -= answered.length;
    for (const waiter of answered) this.#refuse(waiter, denial);
    this.serve(pool, nowMs);
  }

  /** Ends the wait of those whose time is over. */
  expire(nowMs: number): void {
    for (const pool of this.#queued) {
      const expired = pool.queue.expire(nowMs);
      this.#waiting -= expired.length;
      for (const waiter of expired) this.#timeOut(waiter, "deadline");
      if (pool.queue.isEmpty) this.#queued.delete(pool);
      else if (expired.length > 0) this.serve(pool, nowMs);
    }
  }

  #arrive(request: AdmitRequest): OwnWaiter {
    this.#sequence += 1;
    const waiter: OwnWaiter = { request, sequence: this.#sequence, pool: undefined, isAbandoned: false };
    this.#waiters.set(request.id, waiter);
    return waiter;
  }

  #admitFrom(lease: OwnLease, waiter: OwnWaiter): void {
    this.#parts.records.place(waiter, lease);
    this.#write();
  }

  #write(): void {
    this.#parts.records.write(this.#identity?.isAlwaysSynced ?? false);
  }

  /** The intent is in the journal: the request may go, unless it is over by now. False where it needs another lease. */
  #afterWrite(placed: Placed, nowMs: number): boolean {
    const { waiter, lease, record } = placed;
    const { id, path, worst, deadlineMs } = waiter.request;
    const isLate = nowMs >= lease.terms.deadlineMs;
    if (waiter.isAbandoned || isLate || nowMs >= deadlineMs) {
      this.#parts.records.withdraw(placed, nowMs);
      if (waiter.isAbandoned) return true;
      if (nowMs < deadlineMs) return false;
      this.#timeOut(waiter, "deadline");
      return true;
    }
    this.#waiters.delete(id);
    const remaining = lease.pool?.remaining ?? {};
    const warnings = lease.pool?.warningsFor(path) ?? [];
    this.#parts.emit({ type: "admitted", id, ref: record.ref, worst, remaining, warnings });
    return true;
  }

  /** The lease ran out while the intent was written: the request has its old place in the line for another. */
  #putBack(waiter: OwnWaiter, nowMs: number): void {
    const pool = this.#parts.hangs.poolFor(waiter.request.path);
    pool.queue.putBack(waiter);
    this.#waiting += 1;
    this.#queued.add(pool);
    this.serve(pool, nowMs);
  }

  /** Asks for credit for the first in line; leases that are too small for it go back, they may be what is missing. */
  #ask(pool: OwnPool, nowMs: number): void {
    const { head } = pool.queue;
    if (head === undefined || this.#identity === undefined || !this.isOpen) return;
    for (const lease of pool.leases.slice()) {
      lease.close();
      this.#parts.settling.flushOne(lease, nowMs);
    }
    this.#parts.credit.ask(pool, head, this.#sequence, this.#identity, nowMs);
  }

  #enqueue(waiter: OwnWaiter, pool: OwnPool): void {
    pool.queue.push(waiter);
    this.#queued.add(pool);
    this.#waiting += 1;
  }

  #dequeue(waiter: OwnWaiter, pool: OwnPool): void {
    pool.queue.remove(waiter);
    this.#waiting -= 1;
  }

  #leave(waiter: OwnWaiter): void {
    if (waiter.pool !== undefined) this.#dequeue(waiter, waiter.pool);
    waiter.isAbandoned = true;
    this.#waiters.delete(waiter.request.id);
  }

  #refuse(waiter: OwnWaiter, denial: Denial): void {
    this.#leave(waiter);
    this.#denials.set(denial.reason, (this.#denials.get(denial.reason) ?? 0) + 1);
    this.#parts.emit({ type: "refused", id: waiter.request.id, denial });
  }

  #timeOut(waiter: OwnWaiter, reason: UnavailableReason): void {
    this.#leave(waiter);
    this.#parts.emit({ type: "timedOut", id: waiter.request.id, reason });
  }
}
