import type { Charge } from "../domain/charge.ts";
import { Admissions } from "./admissions.ts";
import { CreditDesk } from "./credit-desk.ts";
import { DenialMemory } from "./denial-memory.ts";
import type { Effect } from "./effect.ts";
import { HangMap } from "./hang-map.ts";
import type { Identity } from "./identity.ts";
import { JournalWriter } from "./journal-writer.ts";
import type { AdmitRequest, Denial, GatewayStart, Grant, HeldReservation, RecordRef, Remaining, SettledLease } from "./lease-input.ts";
import { LEASE_DEFAULTS, type LeaseCoreConfig } from "./lease-config.ts";
import { LeaseIntake } from "./lease-intake.ts";
import { LeaseLife } from "./lease-life.ts";
import { LeaseSurvey } from "./lease-survey.ts";
import { type LeaseFigures, OwnLeases } from "./own-leases.ts";
import { RecordDesk } from "./record-desk.ts";
import { type Answered, SettleDesk } from "./settle-desk.ts";

/** How often all leases are looked at. */
const SWEEP_MS = 250;
const NONE: readonly Effect[] = [];

/**
 * Decides from memory who may spend, as docs/leases.md has it. Pure: no clock, timer, randomness or I/O; the same calls
 * give the same effects, which the caller carries out in order. `nowMs` is a clock that never goes back and runs on
 * while the machine sleeps.
 */
export class LeaseCore {
  /** What is there, for who only looks. */
  readonly survey: LeaseSurvey;
  readonly #config: LeaseCoreConfig;
  #effects: Effect[] = [];
  #sweptMs = Number.NEGATIVE_INFINITY;
  readonly #leases = new OwnLeases();
  readonly #hangs = new HangMap();
  readonly #denials: DenialMemory;
  readonly #settling: SettleDesk;
  readonly #credit: CreditDesk;
  readonly #records: RecordDesk;
  readonly #admissions: Admissions;
  readonly #intake: LeaseIntake;
  readonly #life: LeaseLife;

  constructor(config: Partial<LeaseCoreConfig> = {}) {
    this.#config = { ...LEASE_DEFAULTS, ...config };
    const emit = (effect: Effect): void => void this.#effects.push(effect);
    const { maxWaiting, denialMs, compactAfter } = this.#config;
    const [leases, hangs, denials] = [this.#leases, this.#hangs, new DenialMemory(denialMs)];
    const journal = new JournalWriter(emit);
    const identity = (): Identity | undefined => this.#life.identity;
    const settling = new SettleDesk(emit, identity);
    const credit = new CreditDesk(emit);
    const records = new RecordDesk(journal, settling);
    const admissions = new Admissions({ emit, hangs, denials, credit, records, settling, maxWaiting });
    this.survey = new LeaseSurvey(leases, hangs, () => this.isLive);
    this.#denials = denials;
    this.#settling = settling;
    this.#credit = credit;
    this.#records = records;
    this.#admissions = admissions;
    this.#intake = new LeaseIntake({ leases, hangs, credit, settling, admissions, identity });
    this.#life = new LeaseLife({ emit, journal, leases, credit, settling, records, admissions, compactAfter });
  }

  /** Whether requests are admitted. */
  get isLive(): boolean {
    return this.#admissions.isOpen;
  }

  get figures(): LeaseFigures {
    return { ...this.#leases.figures, waiting: this.#admissions.waiting, denials: this.#admissions.denials };
  }

  /** The first call, once. Requests may come before the start is welcomed: they wait. */
  start(start: GatewayStart, nowMs: number): readonly Effect[] {
    this.#life.start(start, nowMs);
    return this.#take();
  }

  /** The operating system has a write. */
  appended(token: number, nowMs: number): readonly Effect[] {
    if (this.#life.identity?.isAlwaysSynced !== true) this.#admissions.written(this.#records.written(token), nowMs);
    return this.#moved(nowMs);
  }

  /** The disk has a write, and all before it. */
  synced(token: number, nowMs: number): readonly Effect[] {
    this.#admissions.written(this.#records.written(token), nowMs);
    this.#life.synced(token, nowMs);
    return this.#moved(nowMs);
  }

  /** A write or a sync failed: nothing is admitted any more. What was admitted is settled from memory. */
  diskFailed(nowMs: number): readonly Effect[] {
    this.#life.diskFailed(nowMs);
    return this.#moved(nowMs);
  }

  /** The wallet knows this start; also each time that the watch comes back. */
  welcomed(startId: string, incarnation: bigint, nowMs: number): readonly Effect[] {
    this.#life.welcomed(startId, incarnation, nowMs);
    return this.#moved(nowMs);
  }

  /** Another start holds the name: `startId`, or empty where an acquire was refused as stale. */
  superseded(startId: string, nowMs: number): readonly Effect[] {
    this.#life.superseded(startId, nowMs);
    return this.#moved(nowMs);
  }

  /** Takes a request in: answered by `admitted`, `refused` or `timedOut`, once, unless it is abandoned before. */
  admit(request: AdmitRequest, nowMs: number): readonly Effect[] {
    this.#admissions.admit(request, nowMs);
    return this.#take();
  }

  /** The caller of a request that was not answered yet went away; no effect names it any more. */
  abandon(id: string, nowMs: number): readonly Effect[] {
    this.#admissions.abandon(id, nowMs);
    return this.#take();
  }

  /**
   * What an admitted request cost, once; a second time is ignored.
   * @param note the usage record, kept until it is `noted`; may be empty
   * @param isAwaited asks for `acknowledged`, and settles at once
   */
  finish(ref: RecordRef, cost: Charge, note: Uint8Array, nowMs: number, isAwaited = false): readonly Effect[] {
    const lease = this.#leases.get(ref.leaseId);
    if (lease === undefined || !this.#records.finish(lease, ref.number, cost, note, nowMs, isAwaited)) return NONE;
    const { pool } = lease;
    if (lease.isUrgent || this.#life.isStopping) this.#settling.flushOne(lease, nowMs);
    if (pool !== undefined && !pool.queue.isEmpty) this.#admissions.serve(pool, nowMs);
    return this.#take();
  }

  /** Metering has the note of this record. */
  noted(ref: RecordRef, nowMs: number): readonly Effect[] {
    this.#leases.noted(ref);
    return this.#moved(nowMs);
  }

  /** What the limits of a record's account still allow, as far as is known here. */
  remaining(ref: RecordRef): Remaining {
    return this.#leases.get(ref.leaseId)?.pool?.remaining ?? {};
  }

  /** The wallet's answer to an acquire; one that was answered before is ignored. */
  granted(acquireId: string, grant: Grant, nowMs: number): readonly Effect[] {
    const acquire = this.#credit.answered(acquireId);
    if (acquire !== undefined) this.#intake.receive(acquire, grant, nowMs);
    return this.#moved(nowMs);
  }

  /** The wallet's refusal of an acquire; one that was answered before is ignored. */
  denied(acquireId: string, denial: Denial, nowMs: number): readonly Effect[] {
    const acquire = this.#credit.answered(acquireId);
    if (acquire !== undefined) this.#admissions.deny(acquire, denial, nowMs);
    return this.#moved(nowMs);
  }

  /** No answer to an acquire came: it is asked again under its id. */
  unanswered(acquireId: string, nowMs: number): readonly Effect[] {
    this.#credit.unanswered(acquireId, nowMs);
    return this.#take();
  }

  /** The wallet holds `request.worst` for this request alone: it is answered as by `admit`, as number 1 of its lease. */
  adopt(held: HeldReservation, request: AdmitRequest, nowMs: number): readonly Effect[] {
    if (this.#leases.get(held.leaseId) === undefined) this.#intake.adopt(held, request, nowMs);
    return this.#moved(nowMs);
  }

  /** Leases are asked back; those that are not known yet may be on their way. */
  recalled(leaseIds: readonly string[], nowMs: number): readonly Effect[] {
    for (const leaseId of leaseIds) this.#intake.recall(leaseId, nowMs);
    return this.#take();
  }

  /** Limits of an organisation changed: what was denied may fit now, and leases may hang elsewhere. */
  limitsRevised(organisationId: string, revision: bigint, nowMs: number): readonly Effect[] {
    this.#denials.forget(organisationId);
    this.#intake.revise(organisationId, revision, nowMs);
    return this.#moved(nowMs);
  }

  /** The wallet's answers to a batch, in its order; a batch that was given up before is ignored. */
  settled(batchId: number, results: readonly SettledLease[], nowMs: number): readonly Effect[] {
    for (const answered of this.#settling.settled(batchId, results)) this.#afterSettling(answered, nowMs);
    return this.#moved(nowMs);
  }

  /** No answer to a batch came: it is told again. */
  unsettled(batchId: number, nowMs: number): readonly Effect[] {
    this.#settling.unsettled(batchId, nowMs);
    return this.#take();
  }

  /** What is due by now; to be called every 50 ms. */
  tick(nowMs: number): readonly Effect[] {
    this.#admissions.expire(nowMs);
    if (this.#life.identity !== undefined) this.#credit.retry(this.#life.identity, nowMs);
    if (nowMs - this.#sweptMs >= SWEEP_MS) this.#sweep(nowMs);
    this.#settling.flush(nowMs);
    return this.#moved(nowMs);
  }

  /** Admits nothing more, settles everything, and says `drained`. Records under way go on until they are finished. */
  stop(nowMs: number): readonly Effect[] {
    this.#life.stop(nowMs);
    return this.#moved(nowMs);
  }

  #afterSettling({ lease, result }: Answered, nowMs: number): void {
    if (result?.leaseId !== lease.id) return this.#settling.again(lease);
    const { pool, terms } = lease;
    pool?.told(result.remaining, result.warnings, lease.sentPaths);
    const remaining = pool?.remaining ?? {};
    const warnings = (terms.path && pool?.warningsFor(terms.path)) ?? [];
    for (const { ref } of this.#leases.acknowledge(lease)) this.#effects.push({ type: "acknowledged", ref, remaining, warnings });
    if (lease.isClosing && terms.path !== undefined) this.#denials.release(terms.path, nowMs);
    // Closed over our heads: whoever did it stated what it cost, so nothing may be admitted from it.
    if (result.state !== "open") lease.close();
    this.#settling.mark(lease);
    if (lease.isUrgent || this.#life.isStopping) this.#settling.flushOne(lease, nowMs);
  }

  #sweep(nowMs: number): void {
    this.#sweptMs = nowMs;
    for (const lease of this.#leases.sweep(nowMs, this.#config.idleMs)) this.#settling.mark(lease);
    this.#hangs.prune();
    this.#denials.prune(nowMs);
    this.#life.compactIfLong();
  }

  /** What came of a call that may have been the last that a stop waited for. */
  #moved(nowMs: number): readonly Effect[] {
    this.#life.advance(nowMs);
    return this.#take();
  }

  #take(): readonly Effect[] {
    if (this.#effects.length === 0) return NONE;
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
