import type { Effect, Settlement } from "./effect.ts";
import type { Identity } from "./identity.ts";
import type { SettledLease } from "./lease-input.ts";
import type { OwnLease } from "./own-lease.ts";

/** What one call carries at most. */
const MAX_SETTLEMENTS = 1_000;
const MAX_RECORDS = 2_000;
/** A lease that failed this often is sent by itself, so that it cannot hold up others. */
const MAX_FAILURES = 3;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** A lease whose settlement was answered, and with what. */
export interface Answered {
  readonly lease: OwnLease;
  readonly result: SettledLease | undefined;
}

/** Which leases have something to tell, and what is under way. One settlement of a lease at a time. */
export class SettleDesk {
  readonly #emit: (effect: Effect) => void;
  readonly #identity: () => Identity | undefined;
  readonly #dirty = new Set<OwnLease>();
  readonly #batches = new Map<number, readonly OwnLease[]>();
  #batchId = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(emit: (effect: Effect) => void, identity: () => Identity | undefined) {
    this.#emit = emit;
    this.#identity = identity;
  }

  /** The lease has something to tell, with the next tick. */
  mark(lease: OwnLease): void {
    if (lease.isDirty) this.#dirty.add(lease);
  }

  /** Tells what one lease has to tell, now where that is possible. */
  flushOne(lease: OwnLease, nowMs: number): void {
    this.mark(lease);
    if (this.#canSend(lease, nowMs)) this.#send([lease], nowMs);
  }

  /** Tells everything that can be told now. */
  flush(nowMs: number): void {
    let batch: OwnLease[] = [];
    for (const lease of this.#dirty) {
      if (!this.#canSend(lease, nowMs)) continue;
      if (lease.failures >= MAX_FAILURES) this.#send([lease], nowMs);
      else batch.push(lease);
      if (batch.length < MAX_SETTLEMENTS) continue;
      this.#send(batch, nowMs);
      batch = [];
    }
    if (batch.length > 0) this.#send(batch, nowMs);
  }

  /** The wallet is there again. */
  resume(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#pausedUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** The leases of a batch with their answers; none where the batch was given up before. */
  settled(batchId: number, results: readonly SettledLease[]): Answered[] {
    const leases = this.#batches.get(batchId) ?? [];
    this.#batches.delete(batchId);
    this.resume();
    return leases.map((lease, index) => ({ lease, result: results[index] }));
  }

  /** The batch may or may not have been taken: it is told again, after a pause. */
  unsettled(batchId: number, nowMs: number): void {
    const leases = this.#batches.get(batchId);
    if (leases === undefined) return;
    this.#batches.delete(batchId);
    for (const lease of leases) this.again(lease);
    this.#pausedUntilMs = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }

  /** One settlement was not taken. */
  again(lease: OwnLease): void {
    lease.unacknowledged();
    this.mark(lease);
  }

  #canSend(lease: OwnLease, nowMs: number): boolean {
    const isWelcome = this.#identity()?.incarnation !== undefined;
    return isWelcome && nowMs >= this.#pausedUntilMs && lease.isDirty && !lease.isInFlight;
  }

  #send(leases: readonly OwnLease[], nowMs: number): void {
    let sent: OwnLease[] = [];
    let settlements: Settlement[] = [];
    let records = 0;
    for (const lease of leases) {
      this.#dirty.delete(lease);
      const settlement = lease.settle(nowMs);
      if (lease.isDirty) this.#dirty.add(lease);
      sent.push(lease);
      settlements.push(settlement);
      records += settlement.records.length;
      if (records < MAX_RECORDS) continue;
      this.#emitBatch(sent, settlements);
      [sent, settlements, records] = [[], [], 0];
    }
    if (sent.length > 0) this.#emitBatch(sent, settlements);
  }

  #emitBatch(leases: readonly OwnLease[], settlements: readonly Settlement[]): void {
    const identity = this.#identity();
    if (identity?.incarnation === undefined) return;
    this.#batchId += 1;
    this.#batches.set(this.#batchId, leases);
    const { gatewayId, incarnation } = identity;
    this.#emit({ type: "settle", batchId: this.#batchId, gatewayId, incarnation, settlements });
  }
}
