import type { Charge } from "../domain/charge.ts";
import type { Effect } from "./effect.ts";
import type { AdmitRequest, Denial, GatewayStart, Grant, HeldReservation, RecordRef, Remaining, SettledLease } from "./lease-input.ts";

/** Bounds and times of the core; the defaults are the protocol's. */
export interface LeaseCoreConfig {
  /** Requests that wait at most. */
  readonly maxWaiting: number;
  /** A lease without a request is given back after this. */
  readonly idleMs: number;
  /** An open record is heard of at least this often: a third of the leases' ttl. */
  readonly keepAliveMs: number;
  /** How long a denial answers the requests after it. */
  readonly denialMs: number;
  /** Journal entries after which it is rewritten. */
  readonly compactAfter: number;
}

/** Figures for metrics. */
export interface LeaseFigures {
  /** Requests that wait for credit. */
  readonly waiting: number;
  /** Leases that may be spent from. */
  readonly openLeases: number;
  /** Credit in them that no request has taken, in nano-dollars. */
  readonly unspentNanos: bigint;
  /** When the oldest lease that is not yet closed was granted, by the wallet's clock; undefined where there is none. */
  readonly oldestGrantTimeMs: number | undefined;
  /** Records that the journal must still keep. */
  readonly journaledRecords: number;
  /** Credit of all leases that were closed, in nano-dollars, since the start. */
  readonly closedCreditNanos: bigint;
  /** What of it was spent; the rest was given back. */
  readonly closedSpentNanos: bigint;
  /** Requests refused by a denial, by reason, since the start. */
  readonly denials: ReadonlyMap<string, number>;
}

/**
 * Decides from memory who may spend, as docs/leases.md has it. Pure: no clock, timer, randomness or I/O; the same calls
 * give the same effects, which the caller carries out in order. `nowMs` is a clock that never goes back and runs on
 * while the machine sleeps.
 */
export declare class LeaseCore {
  constructor(config?: Partial<LeaseCoreConfig>);
  /** Whether requests are admitted. */
  get isLive(): boolean;
  get figures(): LeaseFigures;
  start(start: GatewayStart, nowMs: number): Effect[];
  appended(token: number, nowMs: number): Effect[];
  synced(token: number, nowMs: number): Effect[];
  diskFailed(nowMs: number): Effect[];
  welcomed(startId: string, incarnation: bigint, nowMs: number): Effect[];
  /** `startId` is the one that holds the name; empty where an acquire was refused as stale. */
  superseded(startId: string, nowMs: number): Effect[];
  admit(request: AdmitRequest, nowMs: number): Effect[];
  /** The caller of a request that is not admitted yet went away; no effect names it any more. */
  abandon(id: string, nowMs: number): Effect[];
  /** `isAwaited` asks for `acknowledged`, and settles at once. */
  finish(ref: RecordRef, cost: Charge, note: Uint8Array, nowMs: number, isAwaited?: boolean): Effect[];
  /** Metering has the note of this record. */
  noted(ref: RecordRef, nowMs: number): Effect[];
  /** What the limits of a record's account still allow, as far as is known here. */
  remaining(ref: RecordRef): Remaining;
  granted(acquireId: string, grant: Grant, nowMs: number): Effect[];
  denied(acquireId: string, denial: Denial, nowMs: number): Effect[];
  unanswered(acquireId: string, nowMs: number): Effect[];
  /** The wallet holds `request.worst` for this request alone; it is admitted as number 1 once that is written. */
  adopt(reservation: HeldReservation, request: AdmitRequest, nowMs: number): Effect[];
  recalled(leaseIds: readonly string[], nowMs: number): Effect[];
  limitsRevised(organisationId: string, revision: bigint, nowMs: number): Effect[];
  settled(batchId: number, results: readonly SettledLease[], nowMs: number): Effect[];
  unsettled(batchId: number, nowMs: number): Effect[];
  /** Every 50 ms. */
  tick(nowMs: number): Effect[];
  stop(nowMs: number): Effect[];
}
