import { setTimeout as pause } from "node:timers/promises";
import { LeaseState, type Reservation, type ReserveRequest, type ReserveResponse, type WalletServiceService } from "@alfred/contracts";
import { AlfredError, fail, isFailure } from "@alfred/errors";
import type { Client } from "@alfred/rpc";
import type { Logger } from "@alfred/telemetry";
import type { Charge } from "../domain/charge.ts";
import type { Admission, AdmissionRequest } from "../domain/money-port.ts";
import { BUDGET_REASONS, type HeldReservation } from "../leases/lease-input.ts";
import { isReplayed, tryAll, type Tried } from "./tries.ts";
import { amountsOf, durationOf, remainingOf } from "./wire.ts";

/** How the wallet is asked for holds of single requests. */
export interface ReservationsConfig {
  /** When a hold turns to suspense unless something is heard of it, in milliseconds; above the longest request. */
  readonly holdTtlMs: number;
  /** How long a hold may be waited for, in milliseconds. */
  readonly reserveTimeoutMs: number;
}

/** This start of the gateway, as the wallet knows it. */
export interface GatewayIdentity {
  readonly gatewayId: string;
  readonly incarnation: bigint;
}

/** What a hold is wanted for. */
export interface Wanted {
  readonly request: AdmissionRequest;
  readonly worst: Charge;
  readonly repetition: number;
  readonly isClamped: boolean;
}

export interface ReservationsParts {
  readonly wallet: Client<typeof WalletServiceService>;
  readonly log: Logger;
  /** @throws AlfredError UNAVAILABLE before the wallet knows this start, and once it knows another */
  readonly identity: () => GatewayIdentity;
  /** Another start of this gateway has its name. */
  readonly superseded: () => void;
  /** Admits a request on money that the wallet holds for it. */
  readonly adopt: (reservation: HeldReservation, wanted: Wanted) => Promise<Admission>;
  /** Gives back what was admitted and is not spent. */
  readonly giveBack: (admission: Admission) => void;
}

/** How often one id can be tried anew after denials and attempts that cost nothing. */
const MAX_NUMBER = 20;
/** What the wallet says that is for the client to know. */
const TELLING = new Set([...BUDGET_REASONS, "REQUEST_ID_REUSED", "OVERLOADED", "UNAVAILABLE"]);
const UNDECIDED = new Set(["DEADLINE_EXCEEDED", "UNAVAILABLE", "INTERNAL", "CANCELLED"]);
/** What says something of the wallet and nothing of the hold. */
const PASSING = new Set(["UNAVAILABLE", "INTERNAL", "OVERLOADED"]);
/** Holds at most that nobody heard of and that are looked for; what is beyond stays until it expires. */
const MAX_UNHEARD = 10_000;
/** Clients that try again do so within about a second; until then what nobody heard of is theirs. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Holds of requests that their callers may repeat: only the wallet knows what became of the first, so each is asked for
 * there, as a lease with one record.
 *
 * A request is reserved under `<id>/1`. Where that was denied before, or answered without a charge, the next number is
 * tried; `/1t` and `/1c1` are the same try with a lower worst case. What happened under an id decides what a repetition is
 * told.
 *
 * Where the wallet does not answer, nobody knows whether a hold was made. It is asked again until it says; a hold of this
 * gateway that none of its requests has is then the one that nobody heard of. The next try of the same request takes it,
 * or it goes back. Tries under one id come one after the other here, so that a hold is no two's.
 */
export class Reservations implements Disposable {
  readonly #config: ReservationsConfig;
  readonly #parts: ReservationsParts;
  /** Ids that are being asked for. */
  readonly #asking = new Set<string>();
  /** Ids under which a hold may have been made that nobody heard of. */
  readonly #unheard = new Set<string>();
  readonly #stopped = new AbortController();

  constructor(config: ReservationsConfig, parts: ReservationsParts) {
    this.#config = config;
    this.#parts = parts;
  }

  /** @throws AlfredError as `MoneyPort.admit` of a repeatable request */
  async admit(request: AdmissionRequest): Promise<Admission> {
    for (let number = 1; number <= MAX_NUMBER; number += 1) {
      const tried = await tryAll(request, (worst, name, isClamped) =>
        this.#try(`${request.id}/${number}${name}`, { request, worst, repetition: number - 1, isClamped }),
      );
      if (tried.admission !== undefined) return tried.admission;
      if (tried.denial !== undefined && !isReplayed(tried.denial)) throw tried.denial;
    }
    throw fail("REQUEST_ID_REUSED", `The request was tried ${MAX_NUMBER} times under this id.`, {
      hint: "Choose a new id for a new request.",
    });
  }

  /** What nobody heard of is looked for no longer: the next start of the gateway closes it. */
  [Symbol.dispose](): void {
    this.#stopped.abort();
  }

  async #try(requestId: string, wanted: Wanted): Promise<Tried> {
    if (this.#asking.has(requestId)) throw inProgress();
    this.#asking.add(requestId);
    try {
      return await this.#ask(this.#messageOf(requestId, wanted), wanted);
    } catch (error) {
      if (error instanceof AlfredError && BUDGET_REASONS.has(error.code)) return { denial: error };
      throw error;
    } finally {
      this.#asking.delete(requestId);
    }
  }

  async #ask(message: ReserveRequest, wanted: Wanted): Promise<Tried> {
    const answer = await this.#reserve(message, wanted);
    if (!answer.replayed || this.#isUnheardOf(message, answer)) {
      this.#unheard.delete(message.requestId);
      return { admission: await this.#parts.adopt(heldOf(answer, wanted), wanted) };
    }
    return whatBecameOf(answer.reservation);
  }

  async #reserve(message: ReserveRequest, wanted: Wanted): Promise<ReserveResponse> {
    try {
      // A hold that an unheard first call made would look like another's.
      return await this.#parts.wallet.reserve(message, { timeoutMs: this.#config.reserveTimeoutMs, retry: false });
    } catch (error) {
      if (isFailure(error, "GATEWAY_SUPERSEDED")) this.#parts.superseded();
      if (isUndecided(error)) this.#lookFor(message, wanted, error);
      throw presentable(error);
    }
  }

  /** Whether a hold is one that this start made and nobody heard of. */
  #isUnheardOf({ requestId, gatewayId }: ReserveRequest, { reservation }: ReserveResponse): boolean {
    const isOpen = reservation?.state === LeaseState.LEASE_STATE_OPEN;
    return isOpen && reservation?.gatewayId === gatewayId && this.#unheard.has(requestId);
  }

  #lookFor({ requestId }: ReserveRequest, wanted: Wanted, err: unknown): void {
    if (this.#unheard.has(requestId)) return;
    if (this.#unheard.size >= MAX_UNHEARD) return this.#parts.log.warn({ err, request_id: requestId }, "a hold may stay until it expires");
    this.#unheard.add(requestId);
    void this.#findOut(requestId, wanted);
  }

  /** Asks until the wallet says what became of a hold; a try of the same request may take it first. */
  async #findOut(requestId: string, wanted: Wanted): Promise<void> {
    const { signal } = this.#stopped;
    const untilMs = performance.now() + this.#config.holdTtlMs;
    let pauseMs = FIRST_PAUSE_MS;
    do {
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    } while (!signal.aborted && performance.now() < untilMs && !(await this.#isFound(requestId, wanted)));
    this.#unheard.delete(requestId);
  }

  /** Whether there is nothing more to find out; a hold that is found goes back. */
  async #isFound(requestId: string, wanted: Wanted): Promise<boolean> {
    if (!this.#unheard.has(requestId)) return true;
    if (this.#asking.has(requestId)) return false;
    try {
      const { admission } = await this.#try(requestId, wanted);
      if (admission !== undefined) this.#parts.giveBack(admission);
      return true;
    } catch (error) {
      return error instanceof AlfredError && !PASSING.has(error.code);
    }
  }

  #messageOf(requestId: string, { request, worst }: Wanted): ReserveRequest {
    const { path, fingerprint } = request;
    const ttl = durationOf(this.#config.holdTtlMs);
    return { requestId, path, amounts: amountsOf(worst), ttl, fingerprint, validateOnly: false, returned: [], ...this.#parts.identity() };
  }
}

function heldOf({ reservation, remaining, warnings }: ReserveResponse, { request }: Wanted): HeldReservation {
  if (reservation === undefined) throw fail("INTERNAL", "The wallet answered without a reservation.");
  const { organisationId } = request.path;
  const grantTimeMs = reservation.createTime?.getTime() ?? 0;
  return { leaseId: reservation.id, organisationId, grantTimeMs, remaining: remainingOf(remaining), warnings };
}

function inProgress(): AlfredError {
  return fail("REQUEST_IN_PROGRESS", "A request with this id is still being worked on.");
}

/** @throws AlfredError unless the earlier try is over and cost nothing */
function whatBecameOf(reservation: Reservation | undefined): Tried {
  if (reservation?.state !== LeaseState.LEASE_STATE_CLOSED) throw inProgress();
  if (reservation.settled.some(({ value }) => value > 0n)) {
    throw fail("REQUEST_ALREADY_ANSWERED", "A request with this id was answered and charged before.");
  }
  return {};
}

/** What is wrong between the gateway and the wallet is no fault of the client's. */
function presentable(error: unknown): unknown {
  if (!(error instanceof AlfredError) || TELLING.has(error.code)) return error;
  if (error.code === "DEADLINE_EXCEEDED" || error.code === "GATEWAY_SUPERSEDED") {
    return fail("UNAVAILABLE", "The wallet did not answer in time.", { cause: error });
  }
  return fail("INTERNAL", "The wallet could not be asked.", { cause: error });
}

/** Whether the wallet may have done what it did not answer. */
function isUndecided(error: unknown): boolean {
  return !(error instanceof AlfredError) || UNDECIDED.has(error.code);
}
