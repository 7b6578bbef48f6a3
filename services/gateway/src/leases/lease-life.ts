import type { Admissions } from "./admissions.ts";
import type { CreditDesk } from "./credit-desk.ts";
import type { Effect, HaltReason } from "./effect.ts";
import { CLEAN, Identity } from "./identity.ts";
import { snapshotOf } from "./journal-snapshot.ts";
import type { JournalWriter } from "./journal-writer.ts";
import type { GatewayStart } from "./lease-input.ts";
import type { OwnLease } from "./own-lease.ts";
import type { OwnLeases } from "./own-leases.ts";
import type { RecordDesk } from "./record-desk.ts";
import { recoverLeases, reportOf } from "./replay.ts";
import type { SettleDesk } from "./settle-desk.ts";

export interface LeaseLifeParts {
  readonly emit: (effect: Effect) => void;
  readonly journal: JournalWriter;
  readonly leases: OwnLeases;
  readonly credit: CreditDesk;
  readonly settling: SettleDesk;
  readonly records: RecordDesk;
  readonly admissions: Admissions;
  readonly compactAfter: number;
}

/**
 * new: before `start`; starting: the start id goes to disk; greeting: the wallet is told; welcomed: the boot id goes to
 * disk; live: credit may be had; drained: it is over.
 */
type Phase = "new" | "starting" | "greeting" | "welcomed" | "live" | "drained";

/** A gateway's life, from its start to the last word that it owes. */
export class LeaseLife {
  readonly #parts: LeaseLifeParts;
  #identity: Identity | undefined;
  #phase: Phase = "new";
  #haltReason: HaltReason | undefined;
  #recovered: readonly OwnLease[] = [];
  #isStopping = false;
  #isMarkedClean = false;
  /** The write that the next phase waits for. */
  #awaited: number | undefined;

  constructor(parts: LeaseLifeParts) {
    this.#parts = parts;
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  start(start: GatewayStart, nowMs: number): void {
    if (this.#phase !== "new") return;
    this.#identity = new Identity(start);
    this.#recovered = recoverLeases(start.recovery.state, nowMs);
    for (const lease of this.#recovered) this.#parts.leases.add(lease);
    this.#phase = "starting";
    this.#awaited = this.#parts.journal.append(this.#identity.firstEntries, true);
  }

  synced(token: number, nowMs: number): void {
    if (token !== this.#awaited || this.#identity === undefined) return;
    this.#awaited = undefined;
    if (this.#phase === "starting") this.#greet(this.#identity);
    else if (this.#phase === "welcomed") this.#goLive(this.#identity, nowMs);
    else if (this.#phase === "live") this.#drained();
  }

  welcomed(startId: string, incarnation: bigint, nowMs: number): void {
    const identity = this.#identity;
    if (identity === undefined || startId !== identity.startId || this.#phase === "drained") return;
    if (identity.incarnation === undefined) {
      if (this.#phase === "greeting") this.#noteBoot(identity, incarnation);
    } else if (identity.incarnation === incarnation) this.#resume(identity, nowMs);
    // The wallet took this start for a new one: what it knew of our leases was lost.
    else this.#halt("superseded", nowMs);
  }

  superseded(startId: string, nowMs: number): void {
    if (this.#identity === undefined) return;
    if (this.#phase === "greeting") {
      if (this.#identity.replace(startId)) this.#parts.emit(this.#identity.hello);
    } else if (this.#phase === "welcomed" || this.#phase === "live") {
      if (startId === "" || !this.#identity.isPast(startId)) this.#halt("superseded", nowMs);
    }
  }

  diskFailed(nowMs: number): void {
    this.#parts.journal.break();
    this.#halt("disk", nowMs);
    this.#parts.records.giveUpWrites(nowMs);
  }

  stop(nowMs: number): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#parts.admissions.shut("stopped");
    this.#closeAll(nowMs);
  }

  /** After a stop: goes on where nothing is waited for any more. */
  advance(nowMs: number): void {
    if (!this.#isStopping || this.#phase === "drained") return;
    if (this.#phase !== "live") return this.#advanceUnwelcomed();
    if (!this.#parts.records.isIdle) return;
    this.#markClean();
    if (!this.#parts.credit.isEmpty || !this.#parts.leases.isSettled) return this.#parts.settling.flush(nowMs);
    if (this.#haltReason !== undefined) return this.#drained();
    if (this.#awaited === undefined) this.#compact([CLEAN]);
  }

  /** Rewrites the journal where most of it is of no use any more. */
  compactIfLong(): void {
    const isQuiet = this.#phase === "live" && !this.#isStopping && this.#haltReason === undefined;
    if (isQuiet && this.#parts.journal.isLong(this.#parts.compactAfter)) this.#parts.journal.compact(this.#snapshot());
  }

  #greet(identity: Identity): void {
    this.#phase = "greeting";
    this.#parts.emit(identity.hello);
  }

  #noteBoot(identity: Identity, incarnation: bigint): void {
    Object.assign(identity, { incarnation });
    this.#phase = "welcomed";
    this.#compact([]);
  }

  #goLive(identity: Identity, nowMs: number): void {
    this.#phase = "live";
    for (const lease of this.#recovered) this.#parts.settling.mark(lease);
    const report = reportOf(this.#recovered);
    if (report !== undefined) this.#parts.emit(report);
    this.#recovered = [];
    this.#parts.settling.flush(nowMs);
    this.#parts.admissions.open(identity, nowMs);
  }

  #resume(identity: Identity, nowMs: number): void {
    if (this.#phase !== "live" || this.#haltReason !== undefined) return;
    this.#parts.credit.resume();
    this.#parts.credit.retry(identity, nowMs);
    this.#parts.settling.resume();
    this.#parts.settling.flush(nowMs);
  }

  #halt(reason: HaltReason, nowMs: number): void {
    // Also where the disk halted it before: what is asked for is never answered to a stale start.
    if (reason === "superseded") this.#parts.credit.drop();
    if (this.#haltReason !== undefined || this.#phase === "drained") return;
    this.#haltReason = reason;
    this.#parts.admissions.shut(reason);
    this.#parts.emit({ type: "halted", reason });
    this.#closeAll(nowMs);
  }

  #closeAll(nowMs: number): void {
    for (const lease of this.#parts.leases.all) {
      lease.close();
      this.#parts.settling.mark(lease);
    }
    if (this.#phase === "live") this.#parts.settling.flush(nowMs);
  }

  /** A stop before the first admission: what earlier starts left stays in the journal. */
  #advanceUnwelcomed(): void {
    const isWritten = this.#phase !== "welcomed" || this.#haltReason !== undefined;
    if (isWritten) this.#drained();
  }

  /** Says as early as it is true that nothing is admitted after this, so that even an exit without the wallet is clean. */
  #markClean(): void {
    if (this.#isMarkedClean || this.#haltReason !== undefined) return;
    this.#isMarkedClean = true;
    this.#parts.journal.append([CLEAN], true);
  }

  #compact(last: readonly [] | readonly [typeof CLEAN]): void {
    this.#awaited = this.#parts.journal.compact([...this.#snapshot(), ...last]);
  }

  #snapshot(): ReturnType<typeof snapshotOf> {
    return snapshotOf(this.#identity?.header ?? [], this.#parts.leases.all);
  }

  #drained(): void {
    this.#phase = "drained";
    this.#parts.emit({ type: "drained" });
  }
}
