import { setTimeout as pause } from "node:timers/promises";
import { UsageRecord } from "@alfred/contracts";
import type { AlfredError } from "@alfred/errors";
import { newId } from "@alfred/ids";
import { type Charge, NO_CHARGE } from "../domain/charge.ts";
import type { Admission, AdmissionRequest, Considered, ConsideredRequest, MoneyPort, Settlement } from "../domain/money-port.ts";
import { readBootId } from "../journal/boot-id.ts";
import { type Journal, openJournal } from "../journal/journal.ts";
import type { HaltReason, ReportedRecord } from "../leases/effect.ts";
import { foldJournal } from "../leases/journal-state.ts";
import { LeaseCore } from "../leases/lease-core.ts";
import type { RecordRef } from "../leases/lease-input.ts";
import { AcquireCalls } from "./acquire-calls.ts";
import { Admissions } from "./admissions.ts";
import { Considerations } from "./considerations.ts";
import { LeaseDriver, type LeaseHands } from "./lease-driver.ts";
import { type LeaseEvent, LeaseWatch } from "./lease-watch.ts";
import type { MoneyConfig, MoneyFigures, MoneyParts } from "./money-parts.ts";
import { type GatewayIdentity, Reservations } from "./reservations.ts";
import { SettlementCalls } from "./settlement-calls.ts";
import { type Ask, tryAll } from "./tries.ts";
import { unavailable } from "./unavailable.ts";

/** How long a lease that is given back may take until the wallet has it, in milliseconds, and how often that is looked at. */
const RELEASE_MS = 1_000;
const RELEASE_LOOK_MS = 20;

/**
 * The gateway's money: decided from memory on leases of the wallet, and written down in a journal before any provider is
 * called. The rules are the core's (docs/leases.md); this joins it to the journal, the wallet, metering and the clock.
 */
export class LeaseAdapter implements MoneyPort {
  /** Resolves once the wallet has welcomed this start. */
  readonly live: Promise<void>;
  /** Resolves once nothing more is admitted, for good. */
  readonly halted: Promise<HaltReason>;
  readonly #config: MoneyConfig;
  readonly #parts: MoneyParts;
  readonly #driver: LeaseDriver;
  readonly #admissions: Admissions;
  readonly #reservations: Reservations;
  readonly #considerations: Considerations;
  readonly #watch: LeaseWatch;
  readonly #acquires: AcquireCalls;
  readonly #settlements: SettlementCalls;
  readonly #isLive = Promise.withResolvers<void>();
  readonly #isHalted = Promise.withResolvers<HaltReason>();
  readonly #isDrained = Promise.withResolvers<void>();
  #journal: Journal | undefined;
  #gatewayId = "";
  #identity: GatewayIdentity | undefined;
  #haltReason: HaltReason | undefined;

  constructor(config: MoneyConfig, parts: MoneyParts) {
    const { wallet, log } = parts;
    [this.#config, this.#parts] = [config, parts];
    this.live = this.#isLive.promise;
    this.halted = this.#isHalted.promise;
    const driver = new LeaseDriver({ core: new LeaseCore({ idleMs: config.leaseIdleMs }), clock: parts.clock });
    this.#driver = driver;
    this.#admissions = new Admissions({ driver, settleWaitMs: config.settleWaitMs });
    this.#reservations = new Reservations(config, {
      wallet, log,
      identity: () => this.#requireIdentity(),
      superseded: () => driver.tell((core, nowMs) => core.superseded("", nowMs)),
      adopt: (held, wanted) => this.#admissions.adopt(held, wanted),
      giveBack: (admission) => void this.#admissions.settle(admission, NO_CHARGE, undefined),
    });
    this.#considerations = new Considerations({ ...config, driver, wallet, requireLive: () => void this.#requireIdentity() });
    this.#watch = new LeaseWatch({ wallet, log, hear: (event, startId) => this.#hear(event, startId) });
    this.#acquires = new AcquireCalls({ wallet, log, answers: {
      granted: (id, grant) => driver.tell((core, nowMs) => core.granted(id, grant, nowMs)),
      denied: (id, denial) => driver.tell((core, nowMs) => core.denied(id, denial, nowMs)),
      unanswered: (id) => driver.tell((core, nowMs) => core.unanswered(id, nowMs)),
      superseded: () => driver.tell((core, nowMs) => core.superseded("", nowMs)),
    } });
    this.#settlements = new SettlementCalls({ wallet, log, answers: {
      settled: (id, results) => driver.tell((core, nowMs) => core.settled(id, results, nowMs)),
      unsettled: (id) => driver.tell((core, nowMs) => core.unsettled(id, nowMs)),
    } });
  }

  /** Whether requests are admitted. */
  get isLive(): boolean {
    return this.#driver.core.isLive;
  }

  get pending(): number {
    return Math.max(0, this.#driver.journaledRecords - this.#admissions.open);
  }

  get figures(): MoneyFigures {
    const { core } = this.#driver;
    return { ...core.figures, ...this.#admissions.counts, journalBytes: this.#journal?.bytes ?? 0, halted: this.#haltReason };
  }

  /**
   * Opens the journal and says Hello to the wallet; does not wait for its answer.
   * @throws JournalError where another process has the folder, or it cannot be used
   */
  async open(): Promise<void> {
    const { journalFolder: folder, journalSync: sync } = this.#config;
    const driver = this.#driver;
    const journal = await openJournal({
      folder, sync,
      log: this.#parts.log,
      onAppended: (token) => driver.appended(token),
      onSynced: (token) => driver.synced(token),
      onFailed: (err) => {
        this.#parts.log.error({ err }, "the journal cannot be written any more; nothing is admitted until the gateway starts anew");
        driver.diskFailed();
      },
    });
    this.#journal = journal;
    const bootId = (await readBootId()) ?? "";
    const { entries, isCorrupt, isMarkedLost } = journal.recovered;
    const recovery = { state: foldJournal(entries), bootId, isCorrupt, isMarkedLost, isAlwaysSynced: sync === "always" };
    driver.begin(journal, this.#hands());
    driver.tell((core, nowMs) => core.start({ startId: newId("start"), newGatewayId: newId("gw"), recovery }, nowMs));
  }

  async admit(request: AdmissionRequest): Promise<Admission> {
    if (request.isRepeatable) return this.#reservations.admit(request);
    const deadlineMs = this.#driver.nowMs + (request.waitMs ?? this.#config.creditWaitMs);
    const ask: Ask = (worst, _name, isClamped) => this.#admissions.ask({ request, worst, repetition: 0, isClamped }, deadlineMs);
    const { admission, denial } = await tryAll(request, ask, (refusal) => this.#released(request, refusal));
    if (admission !== undefined) return admission;
    throw denial ?? unavailable("stopped");
  }

  consider(request: ConsideredRequest): Promise<Considered> {
    return this.#considerations.consider(request);
  }

  settle(admission: Admission, cost: Charge, record?: UsageRecord): Promise<Settlement> {
    return this.#admissions.settle(admission, cost, record);
  }

  /** Gives back what is not spent and has the rest acknowledged; or stops with `signal`, and the next start goes on with it. */
  async drain(signal: AbortSignal): Promise<void> {
    if (this.#journal === undefined) return;
    this.#driver.tell((core, nowMs) => core.stop(nowMs));
    const given = Promise.withResolvers<"late">();
    if (signal.aborted) given.resolve("late");
    signal.addEventListener("abort", () => given.resolve("late"), { once: true });
    const outcome = await Promise.race([this.#isDrained.promise, given.promise]);
    const { journaledRecords: records, openLeases: leases } = this.#driver.core.figures;
    if (outcome === "late") this.#parts.log.warn({ records, leases }, "not all is settled; the next start of this gateway goes on with it");
  }

  /** Closes the journal, and ends what is under way with the wallet. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#reservations[Symbol.dispose]();
    this.#driver[Symbol.dispose]();
    this.#acquires[Symbol.dispose]();
    this.#settlements[Symbol.dispose]();
    await this.#watch[Symbol.asyncDispose]();
    await this.#journal?.[Symbol.asyncDispose]();
  }

  #hands(): LeaseHands {
    return {
      hello: (effect) => {
        this.#gatewayId = effect.gatewayId;
        this.#watch.hello(effect);
      },
      acquire: (effect) => void this.#acquires.ask(effect),
      settle: (effect) => void this.#settlements.send(effect),
      report: ({ records }) => {
        for (const record of records) this.#report(record);
      },
      answer: (effect) => this.#admissions.answer(effect),
      halted: (reason) => this.#halt(reason),
      drained: () => this.#isDrained.resolve(),
      live: () => this.#isLive.resolve(),
      written: (ref, record) => this.#parts.records.push(record, () => this.#noted(ref)),
    };
  }

  #hear(event: LeaseEvent, startId: string): void {
    const driver = this.#driver;
    switch (event.$case) {
      case "welcome": {
        const { incarnation } = event.value;
        this.#identity = { gatewayId: this.#gatewayId, incarnation };
        return driver.tell((core, nowMs) => core.welcomed(startId, incarnation, nowMs));
      }
      case "superseded":
        return driver.tell((core, nowMs) => core.superseded(event.value.startId, nowMs));
      case "recalled":
        return driver.tell((core, nowMs) => core.recalled(event.value.leaseIds, nowMs));
      case "limitsRevised": {
        const { organisationId, revision } = event.value;
        return driver.tell((core, nowMs) => core.limitsRevised(organisationId, revision, nowMs));
      }
      case "quiet":
        return;
    }
  }

  /**
   * A lease that is too small for a request is given back at once, which takes the wallet a moment; or it had it before the
   * denial came. Where nothing was given back, asking again costs no call: the denial is remembered.
   */
  async #released({ path: { organisationId } }: AdmissionRequest, { metadata }: AlfredError): Promise<void> {
    const { survey } = this.#driver.core;
    const isGivingBack = (): boolean => survey.isGivingBack(organisationId, metadata["account"] ?? organisationId);
    for (let waitedMs = 0; waitedMs < RELEASE_MS && isGivingBack(); waitedMs += RELEASE_LOOK_MS) await pause(RELEASE_LOOK_MS);
  }

  /** What an earlier process left for metering. */
  #report({ ref, note, isIndeterminate }: ReportedRecord): void {
    const noted = (): void => this.#noted(ref);
    try {
      const record = UsageRecord.decode(note);
      if (record.recordId === "") return noted();
      this.#parts.log.info({ record: record.recordId, interrupted: isIndeterminate }, "a record of an earlier start is reported");
      this.#parts.records.push(record, noted);
    } catch (err) {
      this.#parts.log.error({ err, lease: ref.leaseId, number: ref.number }, "a record of usage in the journal cannot be read");
      noted();
    }
  }

  /** Metering has the usage of an admission, so the journal need not keep it. */
  #noted(ref: RecordRef): void {
    this.#driver.tell((core, nowMs) => core.noted(ref, nowMs));
  }

  #halt(reason: HaltReason): void {
    this.#haltReason = reason;
    this.#parts.log.error({ reason, gateway: this.#gatewayId }, "nothing more is admitted by this gateway; what it admitted is settled");
    this.#isHalted.resolve(reason);
  }

  #requireIdentity(): GatewayIdentity {
    if (this.#haltReason !== undefined) throw unavailable(this.#haltReason);
    if (this.#identity === undefined || !this.isLive) throw unavailable("deadline");
    return this.#identity;
  }
}
