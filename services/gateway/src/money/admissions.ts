import { setImmediate as nextTurn } from "node:timers/promises";
import { encoded, UsageRecord } from "@alfred/contracts";
import { type AlfredError, fail, reasonOfName } from "@alfred/errors";
import { failpoint } from "@alfred/lifecycle";
import type { Charge } from "../domain/charge.ts";
import type { Admission, Settlement } from "../domain/money-port.ts";
import type { AcknowledgedEffect, AdmittedEffect, Effect } from "../leases/effect.ts";
import { type AdmitRequest, type Denial, type HeldReservation, nameOf, type RecordRef } from "../leases/lease-input.ts";
import type { LeaseDriver } from "./lease-driver.ts";
import type { Wanted } from "./reservations.ts";
import type { Tried } from "./tries.ts";
import { unavailable } from "./unavailable.ts";

/** What concerns one request. */
export type RequestEffect = Extract<Effect, { type: "admitted" | "refused" | "timedOut" | "acknowledged" }>;

export interface AdmissionsParts {
  readonly driver: LeaseDriver;
  /** How long a settlement that is awaited is waited for, in milliseconds. */
  readonly settleWaitMs: number;
}

/** How admissions came about, since the start. */
export interface AdmissionCounts {
  /** Decided from memory. */
  readonly fromMemory: number;
  /** The wallet was asked first. */
  readonly withCall: number;
}

interface Asking {
  readonly wanted: Wanted;
  readonly isAwaited: boolean;
  readonly admitted: (admission: Admission) => void;
  readonly denied: (denial: AlfredError) => void;
  readonly failed: (error: AlfredError) => void;
}

interface Open {
  readonly ref: RecordRef;
  readonly isAwaited: boolean;
}

const NO_NOTE = new Uint8Array();

/** Requests on their way through the core: those that wait for credit, and those admitted and not settled yet. */
export class Admissions {
  readonly #driver: LeaseDriver;
  readonly #settleWaitMs: number;
  readonly #asking = new Map<string, Asking>();
  readonly #open = new Map<string, Open>();
  /** Who waits for the acknowledgement of a settlement, by the admission's name. */
  readonly #awaited = new Map<string, (told: AcknowledgedEffect | undefined) => void>();
  #asked = 0;
  #fromMemory = 0;
  #withCall = 0;

  constructor({ driver, settleWaitMs }: AdmissionsParts) {
    this.#driver = driver;
    this.#settleWaitMs = settleWaitMs;
  }

  /** Admitted and not settled yet. */
  get open(): number {
    return this.#open.size;
  }

  get counts(): AdmissionCounts {
    return { fromMemory: this.#fromMemory, withCall: this.#withCall };
  }

  /**
   * Asks for credit of a lease.
   * @throws AlfredError UNAVAILABLE, OVERLOADED; CANCELLED where the request's signal fires first
   */
  ask(wanted: Wanted, deadlineMs: number): Promise<Tried> {
    const { signal } = wanted.request;
    const { promise, resolve, reject } = Promise.withResolvers<Tried>();
    if (signal.aborted) return Promise.reject(cancelled());
    const id = this.#next();
    const leave = (): void => {
      this.#asking.delete(id);
      this.#driver.tell((core, nowMs) => core.abandon(id, nowMs));
      reject(cancelled());
    };
    const settle = <Answer>(answer: (value: Answer) => void) => (value: Answer): void => {
      signal.removeEventListener("abort", leave);
      answer(value);
    };
    const admitted = settle((admission: Admission) => resolve({ admission }));
    const denied = settle((denial: AlfredError) => resolve({ denial }));
    this.#asking.set(id, { wanted, isAwaited: false, admitted, denied, failed: settle(reject) });
    signal.addEventListener("abort", leave, { once: true });
    this.#driver.tell((core, nowMs) => this.#counted(core.admit(admitRequest(id, wanted, deadlineMs), nowMs)));
    return promise;
  }

  /** Admits a request on money that the wallet holds for it alone. @throws AlfredError UNAVAILABLE */
  adopt(held: HeldReservation, wanted: Wanted): Promise<Admission> {
    const { promise, resolve, reject } = Promise.withResolvers<Admission>();
    const id = this.#next();
    this.#withCall += 1;
    this.#asking.set(id, { wanted, isAwaited: true, admitted: resolve, denied: reject, failed: reject });
    this.#driver.tell((core, nowMs) => core.adopt(held, admitRequest(id, wanted, Number.POSITIVE_INFINITY), nowMs));
    return promise;
  }

  /** Never rejects; of an admission that is settled already it changes nothing. */
  settle({ id, warnings }: Admission, cost: Charge, record: UsageRecord | undefined): Promise<Settlement> {
    const open = this.#open.get(id);
    if (open === undefined) return Promise.resolve({ remainingNanos: undefined, warnings });
    this.#open.delete(id);
    const { ref, isAwaited } = open;
    const acknowledged = isAwaited ? this.#acknowledgement(id) : undefined;
    const note = record === undefined ? NO_NOTE : encoded(UsageRecord, record);
    this.#driver.finish(ref, record, (core, nowMs) => core.finish(ref, cost, note, nowMs, isAwaited));
    if (acknowledged !== undefined) return acknowledged.then((told) => ({ remainingNanos: told?.remaining.nanos, warnings: told?.warnings ?? warnings }));
    // What a client is told it cost is in the journal by then, which writes at the end of the turn.
    return nextTurn().then(() => ({ remainingNanos: this.#driver.core.remaining(ref).nanos, warnings }));
  }

  /** Passes on what the core says. */
  answer(effect: RequestEffect): void {
    if (effect.type === "acknowledged") return this.#awaited.get(nameOf(effect.ref))?.(effect);
    const asking = this.#asking.get(effect.id);
    this.#asking.delete(effect.id);
    if (asking === undefined) return;
    if (effect.type === "refused") asking.denied(denialError(effect.denial));
    else if (effect.type === "timedOut") asking.failed(unavailable(effect.reason));
    else this.#admitted(asking, effect);
  }

  #admitted({ wanted, isAwaited, admitted }: Asking, { ref, worst, remaining, warnings }: AdmittedEffect): void {
    failpoint("journal-written");
    const id = nameOf(ref);
    this.#open.set(id, { ref, isAwaited });
    const { request: { path }, repetition, isClamped } = wanted;
    const { organisationId } = path;
    admitted({ id, organisationId, repetition, held: worst, isClamped, remainingNanos: remaining.nanos, warnings });
  }

  /** Resolves with the acknowledgement, or with nothing once that takes too long. */
  #acknowledgement(id: string): Promise<AcknowledgedEffect | undefined> {
    const { promise, resolve } = Promise.withResolvers<AcknowledgedEffect | undefined>();
    const timer = setTimeout(() => this.#awaited.get(id)?.(undefined), this.#settleWaitMs);
    this.#awaited.set(id, (told) => {
      clearTimeout(timer);
      this.#awaited.delete(id);
      resolve(told);
    });
    return promise;
  }

  /** What is written down at once was decided from memory. */
  #counted(effects: readonly Effect[]): readonly Effect[] {
    if (effects.some(({ type }) => type === "append")) this.#fromMemory += 1;
    else this.#withCall += 1;
    return effects;
  }

  #next(): string {
    this.#asked += 1;
    return String(this.#asked);
  }
}

function admitRequest(id: string, { request, worst, repetition }: Wanted, deadlineMs: number): AdmitRequest {
  const draft = request.draft(worst, repetition);
  const note = draft === undefined ? NO_NOTE : encoded(UsageRecord, draft);
  return { id, path: request.path, worst, note, deadlineMs };
}

function denialError({ reason, message, metadata }: Denial): AlfredError {
  return fail(reasonOfName(reason) ?? "INTERNAL", message, { metadata });
}

function cancelled(): AlfredError {
  return fail("CANCELLED", "The caller ended the call.");
}
