import type { AdmittedEffect, Effect, TimedOutEffect } from "../../services/gateway/src/leases/effect.ts";
import type { Charge } from "../../services/gateway/src/domain/charge.ts";
import type { AdmitRequest, HeldReservation, RecordRef } from "../../services/gateway/src/leases/lease-input.ts";
import { accountPath, chargeOf, costOf, leafIdOf } from "./accounts.ts";
import type { ProcessParts } from "./process-parts.ts";
import type { RequestPlan } from "./schedule.ts";
import { Violation } from "./trace.ts";
import type { WalletCalls } from "./wallet-calls.ts";

/** How long a request waits for credit, from its arrival. */
const PATIENCE_MS = 5_000;
/** How late a request may be answered: a tick, and what the journal takes. */
const ANSWER_SLACK_MS = 1_000;
const NOTE = Uint8Array.of(1);

interface Waiting {
  readonly plan: RequestPlan;
  readonly request: AdmitRequest;
  readonly isAwaited: boolean;
}

/** The clients of one process and the providers that it calls for them. */
export class ProcessRequests {
  readonly #parts: ProcessParts;
  readonly #calls: WalletCalls;
  readonly #waiting = new Map<string, Waiting>();
  #streaming = 0;
  #count = 0;

  constructor(parts: ProcessParts, calls: WalletCalls) {
    this.#parts = parts;
    this.#calls = calls;
  }

  /** Calls to providers under way. */
  get streaming(): number {
    return this.#streaming;
  }

  /** Requests without an answer yet. */
  get unanswered(): number {
    return this.#waiting.size + this.#calls.openReservations;
  }

  /** A client asks. Of a frozen process it is heard once that goes on. */
  ask(plan: RequestPlan): void {
    const { core, nowMs, soon, world } = this.#parts;
    soon(() => {
      const request = this.#newRequest(plan);
      this.#waiting.set(request.id, { plan, request, isAwaited: false });
      if (plan.isImpatient) world.agenda.after(300, () => this.#abandon(request.id));
      const effects = core.admit(request, nowMs());
      if (effects.some(({ type }) => type === "refused")) world.counters.count("rule: refused from memory");
      if (effects.some(({ type }) => type === "append")) world.counters.count("rule: admitted from memory");
      return effects;
    });
  }

  /** Has the wallet hold money for one request, as is done under an idempotency key. */
  reserve(plan: RequestPlan, identity: () => { readonly gatewayId: string; readonly incarnation: bigint } | undefined): void {
    const { core, name, soon } = this.#parts;
    soon(() => {
      const known = identity();
      if (!core.isLive || known === undefined) return [];
      const { id, worst } = this.#newRequest(plan);
      this.#calls.reserve({ requestId: `${name}/${id}`, leaf: plan.leaf, worst, ...known }, (held) => this.#adopt(plan, id, held));
      return [];
    });
  }

  /** A request goes to its provider, which bills from now on. */
  admitted({ id, ref, worst }: AdmittedEffect): void {
    const { nowMs, promises, soon, world } = this.#parts;
    const { plan, isAwaited } = this.#answered(id);
    world.counters.count("admitted");
    promises.admitted(ref.leaseId, nowMs());
    const cost = costOf(plan, worst);
    world.auditor.billed(world.tally.billed(ref, leafIdOf(plan.leaf), worst, cost));
    this.#streaming += 1;
    world.agenda.after(plan.durationMs, () => soon(() => this.#finish(ref, cost, isAwaited)));
  }

  refused({ id, denial }: Extract<Effect, { type: "refused" }>): void {
    const { nowMs, promises, world } = this.#parts;
    promises.refused(denial.metadata, this.#answered(id).request, nowMs());
    world.counters.count(`rule: refused as ${denial.reason}`);
  }

  timedOut({ id, reason }: TimedOutEffect): void {
    this.#answered(id);
    this.#parts.world.counters.count(`rule: unavailable for ${reason}`);
  }

  /** No request waits past its deadline in a process that has gone on for a while. */
  expectAnswers(goingForMs: number): void {
    const { name, nowMs } = this.#parts;
    if (goingForMs <= ANSWER_SLACK_MS) return;
    for (const { request } of this.#waiting.values()) {
      if (nowMs() > request.deadlineMs + ANSWER_SLACK_MS) throw new Violation(`hang: ${name} has not answered ${request.id} by its deadline`);
    }
  }

  /** Metering has the note of a record, after its time. */
  noteLater(ref: RecordRef): void {
    const { core, nowMs, random, soon, world } = this.#parts;
    world.agenda.after(random.between(5, 2_000), () => soon(() => core.noted(ref, nowMs())));
  }

  #adopt(plan: RequestPlan, id: string, held: HeldReservation): readonly Effect[] {
    const { core, nowMs, promises, world } = this.#parts;
    const request = { ...this.#newRequest(plan), id };
    this.#waiting.set(id, { plan, request, isAwaited: true });
    world.counters.count("rule: reservation adopted");
    promises.reserved(held.leaseId);
    return core.adopt(held, request, nowMs());
  }

  #newRequest(plan: RequestPlan): AdmitRequest {
    this.#parts.world.counters.count("request");
    const id = `r${(this.#count += 1)}`;
    return { id, path: accountPath(plan.leaf), worst: chargeOf(plan), note: NOTE, deadlineMs: this.#parts.nowMs() + PATIENCE_MS };
  }

  #abandon(id: string): void {
    const { core, nowMs, soon, world } = this.#parts;
    soon(() => {
      if (!this.#waiting.delete(id)) return [];
      world.counters.count("rule: request abandoned");
      return core.abandon(id, nowMs());
    });
  }

  #answered(id: string): Waiting {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) throw new Violation(`hang: ${this.#parts.name} answered ${id} although nobody waits for it`);
    this.#waiting.delete(id);
    return waiting;
  }

  #finish(ref: RecordRef, cost: Charge, isAwaited: boolean): readonly Effect[] {
    this.#streaming -= 1;
    this.noteLater(ref);
    return this.#parts.core.finish(ref, cost, NOTE, this.#parts.nowMs(), isAwaited);
  }
}
