import type { AdmittedEffect, Effect, HaltReason, HelloEffect, TimedOutEffect } from "../../services/gateway/src/leases/effect.ts";
import type { JournalEntry } from "../../services/gateway/src/leases/journal-entry.ts";
import { foldJournal } from "../../services/gateway/src/leases/journal-state.ts";
import { LeaseCore } from "../../services/gateway/src/leases/lease-core.ts";
import type { AdmitRequest, HeldReservation, RecordRef, Recovery } from "../../services/gateway/src/leases/lease-input.ts";
import { accountPath, chargeOf, costOf, leafIdOf } from "./accounts.ts";
import { HeldCalls } from "./held-calls.ts";
import { Promises } from "./invariants/promises.ts";
import { JournalHandle } from "./journal-handle.ts";
import type { LeaseNews } from "./messages.ts";
import type { Machine } from "./machine.ts";
import { Random } from "./random.ts";
import type { RequestPlan } from "./schedule.ts";
import { LeaseStream } from "./stream.ts";
import type { Surroundings } from "./surroundings.ts";
import { Violation } from "./trace.ts";
import { WalletCalls } from "./wallet-calls.ts";

/** How long a request waits for credit, from its arrival. */
const PATIENCE_MS = 5_000;
/** How late a request may be answered by a process that is not frozen: a tick, and what the journal takes. */
const ANSWER_SLACK_MS = 1_000;
const NOTE = Uint8Array.of(1);

interface Waiting {
  readonly plan: RequestPlan;
  readonly request: AdmitRequest;
  readonly isAwaited: boolean;
}

/** One process of a gateway: the real core, between a virtual disk, network, clock and providers. */
export class GatewayProcess {
  readonly name: string;
  readonly machine: Machine;
  readonly core = new LeaseCore({ compactAfter: 60, maxWaiting: 200 });
  readonly journal: JournalHandle<JournalEntry>;
  readonly #world: Surroundings;
  readonly #random: Random;
  readonly #calls: WalletCalls;
  readonly #promises: Promises;
  readonly #held: HeldCalls;
  readonly #waiting = new Map<string, Waiting>();
  readonly #streaming = new Map<string, { readonly ref: RecordRef; readonly isAwaited: boolean }>();
  readonly #onExit: (process: GatewayProcess, why: ExitReason) => void;
  #hello: HelloEffect | undefined;
  #identity: { readonly gatewayId: string; readonly incarnation: bigint } | undefined;
  #stream: LeaseStream | undefined;
  #lastNewsMs = 0;
  #halted: HaltReason | undefined;
  #isOver = false;
  #isStopping = false;
  #requests = 0;

  constructor(parts: { name: string; machine: Machine; world: Surroundings; onExit: (process: GatewayProcess, why: ExitReason) => void }) {
    const { name, machine, world } = parts;
    this.name = name;
    this.machine = machine;
    this.#world = world;
    this.#onExit = parts.onExit;
    this.#random = new Random(world.seed, name);
    this.#held = new HeldCalls(world.agenda);
    this.#promises = new Promises(world.counters);
    this.journal = new JournalHandle(machine.disk, {
      agenda: world.agenda,
      random: this.#random,
      counters: world.counters,
      isAlwaysSynced: machine.isAlwaysSynced,
      listener: {
        appended: (token) => this.#soon(() => this.core.appended(token, this.#nowMs())),
        synced: (token) => this.#soon(() => this.core.synced(token, this.#nowMs())),
        failed: () => this.#soon(() => this.core.diskFailed(this.#nowMs())),
      },
    });
    this.#calls = new WalletCalls({ world, link: machine.link, promises: this.#promises, soon: (run) => this.#soon(run), core: this.core, nowMs: () => this.#nowMs() });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Under which name and number the wallet welcomed it; undefined before. */
  get identity(): { readonly gatewayId: string; readonly incarnation: bigint } | undefined {
    return this.#identity;
  }

  get isHalted(): boolean {
    return this.#halted !== undefined;
  }

  /** Requests without an answer yet. */
  get unanswered(): number {
    return this.#waiting.size + this.#calls.openReservations;
  }

  /** Calls to providers under way. */
  get streaming(): number {
    return this.#streaming.size;
  }

  start(startId: string, newGatewayId: string): void {
    const { disk, bootId, isAlwaysSynced } = this.machine;
    const { entries, isCorrupt, isMarkedLost } = disk.recovered();
    const recovery = { state: foldJournal(entries), bootId, isCorrupt, isMarkedLost, isAlwaysSynced };
    this.#note(`starts as ${startId}`);
    this.#sawJournal(recovery);
    this.#do(this.core.start({ startId, newGatewayId, recovery }, this.#nowMs()));
    this.#planTick();
  }

  /** A client asks. Of a frozen process it is heard once that goes on. */
  request(plan: RequestPlan): void {
    this.#soon(() => {
      const request = this.#newRequest(plan);
      this.#waiting.set(request.id, { plan, request, isAwaited: false });
      if (plan.isImpatient) this.#world.agenda.after(300, () => this.#abandon(request.id));
      const effects = this.core.admit(request, this.#nowMs());
      if (effects.some(({ type }) => type === "refused")) this.#world.counters.count("rule: refused from memory");
      if (effects.some(({ type }) => type === "append")) this.#world.counters.count("rule: admitted from memory");
      return effects;
    });
  }

  /** Has the wallet hold money for one request, as is done under an idempotency key. */
  reserve(plan: RequestPlan): void {
    this.#soon(() => {
      const identity = this.#identity;
      if (!this.core.isLive || identity === undefined) return [];
      const { id, worst } = this.#newRequest(plan);
      this.#calls.reserve({ requestId: `${this.name}/${id}`, leaf: plan.leaf, worst, ...identity }, (held) => this.#adopt(plan, id, held));
      return [];
    });
  }

  pause(forMs: number): void {
    this.#note(`is frozen for ${forMs} ms`);
    this.#held.hold(forMs);
  }

  thaw(): void {
    this.#held.release();
  }

  /** Ends at once: what is in memory is gone. */
  kill(): void {
    this.#note("is killed");
    this.#exit("killed");
  }

  /** Stops as a process that was asked to. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#note("stops");
    this.#soon(() => this.core.stop(this.#nowMs()));
  }

  #adopt(plan: RequestPlan, id: string, held: HeldReservation): readonly Effect[] {
    const request = { ...this.#newRequest(plan), id };
    this.#waiting.set(id, { plan, request, isAwaited: true });
    this.#world.counters.count("rule: reservation adopted");
    this.#promises.reserved(held.leaseId);
    return this.core.adopt(held, request, this.#nowMs());
  }

  /** Why the journal may be trusted, or not. */
  #sawJournal({ state, bootId, isCorrupt, isMarkedLost }: Recovery): void {
    const isOtherBoot = state.bootId !== undefined && state.bootId !== bootId;
    const why = isCorrupt || isMarkedLost ? "damaged or marked lost" : isOtherBoot ? (state.isClean ? "clean" : state.isAlwaysSynced ? "always synced" : "of an earlier boot") : undefined;
    if (why !== undefined) this.#world.counters.count(`rule: journal found ${why}`);
  }

  #newRequest(plan: RequestPlan): AdmitRequest {
    const id = `r${(this.#requests += 1)}`;
    this.#world.counters.count("request");
    return { id, path: accountPath(plan.leaf), worst: chargeOf(plan), note: NOTE, deadlineMs: this.#nowMs() + PATIENCE_MS };
  }

  #abandon(id: string): void {
    this.#soon(() => {
      if (!this.#waiting.delete(id)) return [];
      this.#world.counters.count("rule: request abandoned");
      return this.core.abandon(id, this.#nowMs());
    });
  }

  /** Every 50 ms or so; a busy process is late. */
  #planTick(): void {
    this.#world.agenda.after(this.#random.between(50, 130), () => {
      if (this.#isOver) return;
      if (!this.#held.isHolding) this.#tick();
      this.#planTick();
    });
  }

  #tick(): void {
    const nowMs = this.#nowMs();
    this.#do(this.core.tick(nowMs));
    for (const { request } of this.#held.goingForMs > ANSWER_SLACK_MS ? this.#waiting.values() : []) {
      if (nowMs > request.deadlineMs + ANSWER_SLACK_MS) throw new Violation(`hang: ${this.name} has not answered ${request.id} by its deadline`);
    }
    // A stream that says nothing is as good as broken.
    if (this.#stream?.isOpen === true && nowMs - this.#lastNewsMs > 10_000) this.#watch();
  }

  #do(effects: readonly Effect[]): void {
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case "append":
        this.#promises.writing(effect.entries);
        this.#tallyIntents(effect.entries);
        return this.journal.append(effect.token, effect.entries, effect.sync);
      case "compact":
        return this.journal.compact(effect.token, effect.entries);
      case "hello":
        this.#hello = effect;
        return this.#watch();
      case "acquire":
        return this.#calls.acquire(effect);
      case "settle":
        return this.#calls.settle(effect);
      case "admitted":
        return this.#admitted(effect);
      case "refused":
        this.#world.counters.count(`rule: refused as ${effect.denial.reason}`);
        return this.#answered(effect.id);
      case "timedOut":
        return this.#timedOut(effect);
      case "acknowledged":
        return this.#world.counters.count("rule: awaited settlement acknowledged");
      case "report":
        for (const { ref } of effect.records) this.#noteLater(ref);
        return this.#world.counters.count("rule: usage of a crashed process reported");
      case "halted":
        return this.#halt(effect.reason);
      case "drained":
        if (this.#streaming.size > 0) throw new Violation(`hang: ${this.name} says that it is over with ${this.#streaming.size} calls under way`);
        return this.#exit("drained");
    }
  }

  #tallyIntents(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      if (entry.type === "intent") this.#world.tally.intended(entry, entry.accountId, entry.worst);
    }
  }

  #watch(): void {
    const { world, hello } = { world: this.#world, hello: this.#hello };
    if (hello === undefined || this.#isOver) return;
    this.#stream?.close();
    this.#lastNewsMs = this.#nowMs();
    const stream = new LeaseStream(world.agenda, this.machine.link, {
      hear: (news) => this.#soon(() => this.#hear(stream, news)),
      broken: () => this.#watchAgain(stream),
    });
    this.#stream = stream;
    this.machine.link.send("to-wallet", () => world.wallet.watch(hello, stream));
    // Where no welcome comes, the call has failed.
    world.agenda.after(3_000, () => {
      if (this.#stream === stream && this.#identity === undefined) this.#watchAgain(stream);
    });
  }

  #watchAgain(stream: LeaseStream): void {
    stream.close();
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    this.#world.agenda.after(this.#random.between(100, 1_500), () => this.#watch());
  }

  #hear(stream: LeaseStream, news: LeaseNews): readonly Effect[] {
    if (this.#stream !== stream) return [];
    const nowMs = this.#nowMs();
    this.#lastNewsMs = nowMs;
    switch (news.type) {
      case "welcome":
        this.#identity = { gatewayId: this.#hello?.gatewayId ?? "", incarnation: news.incarnation };
        return this.core.welcomed(news.startId, news.incarnation, nowMs);
      case "superseded":
        stream.close();
        return this.core.superseded(news.startId, nowMs);
      case "recalled":
        this.#promises.recalled(news.leaseIds);
        return this.core.recalled(news.leaseIds, nowMs);
      case "limits-revised":
        return this.core.limitsRevised(news.organisationId, news.revision, nowMs);
      case "quiet":
        return [];
    }
  }

  #admitted({ id, ref, worst }: AdmittedEffect): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) throw new Violation(`hang: ${this.name} answered ${id} although nobody waits for it`);
    this.#waiting.delete(id);
    this.#world.counters.count("admitted");
    this.#promises.admitted(ref.leaseId, this.#nowMs());
    const { plan, isAwaited } = waiting;
    const cost = costOf(plan, worst);
    this.#world.auditor.billed(this.#world.tally.billed(ref, leafIdOf(plan.leaf), worst, cost));
    this.#streaming.set(`${ref.leaseId} ${ref.number}`, { ref, isAwaited });
    this.#world.agenda.after(plan.durationMs, () => this.#soon(() => this.#finish(ref, cost, isAwaited)));
  }

  #finish(ref: RecordRef, cost: ReturnType<typeof costOf>, isAwaited: boolean): readonly Effect[] {
    this.#streaming.delete(`${ref.leaseId} ${ref.number}`);
    this.#noteLater(ref);
    return this.core.finish(ref, cost, NOTE, this.#nowMs(), isAwaited);
  }

  /** Metering takes its time. */
  #noteLater(ref: RecordRef): void {
    this.#world.agenda.after(this.#random.between(5, 2_000), () => this.#soon(() => this.core.noted(ref, this.#nowMs())));
  }

  #timedOut({ id, reason }: TimedOutEffect): void {
    this.#world.counters.count(`rule: unavailable for ${reason}`);
    this.#answered(id);
  }

  #answered(id: string): void {
    if (!this.#waiting.delete(id)) throw new Violation(`hang: ${this.name} answered ${id} although nobody waits for it`);
  }

  #halt(reason: HaltReason): void {
    this.#note(`halts: ${reason}`);
    this.#world.counters.count(`rule: halted as ${reason}`);
    this.#halted = reason;
    this.stop();
  }

  #exit(why: ExitReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stream?.break();
    this.journal.end();
    this.#note(`is over: ${why}`);
    this.#onExit(this, this.#halted === "superseded" ? "superseded" : why);
  }

  #soon(call: () => readonly Effect[]): void {
    this.#held.run(() => {
      if (!this.#isOver) this.#do(call());
    });
  }

  #nowMs(): number {
    return this.machine.clock.nowMs;
  }

  #note(text: string): void {
    this.#world.trace.note(this.#world.agenda.nowMs, `${this.name} ${text}`);
  }
}

/** Why a process is over. */
export type ExitReason = "killed" | "drained" | "superseded";
