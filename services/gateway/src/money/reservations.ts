import { LeaseState, type Reservation, type ReserveResponse, type WalletServiceService } from "@alfred/contracts";
import { AlfredError, fail, isFailure } from "@alfred/errors";
import type { Client } from "@alfred/rpc";
import type { Logger } from "@alfred/telemetry";
import type { Charge } from "../domain/charge.ts";
import type { Admission, AdmissionRequest } from "../domain/money-port.ts";
import type { HeldReservation } from "../leases/lease-input.ts";
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
}

/** How often one id can be tried anew after denials and attempts that cost nothing. */
const MAX_NUMBER = 20;
const DENIALS = new Set(["INSUFFICIENT_QUOTA", "BUDGET_HELD"]);
/** What the wallet says that is for the client to know. */
const TELLING = new Set([...DENIALS, "REQUEST_ID_REUSED", "OVERLOADED", "UNAVAILABLE"]);
const UNDECIDED = new Set(["DEADLINE_EXCEEDED", "UNAVAILABLE", "INTERNAL", "CANCELLED"]);

/**
 * Holds of requests that their callers may repeat: only the wallet knows what became of the first, so each is asked for
 * there, as a lease with one record.
 *
 * A request is reserved under `<id>/1`. Where that was denied before, or answered without a charge, the next number is
 * tried; `/1t` and `/1c1` are the same try with a lower worst case. What happened under an id decides what a repetition is
 * told.
 *
 * Where the wallet does not answer, nobody knows whether a hold was made, and it could be another try's by now: it stays
 * until this gateway starts anew, or it expires.
 */
export class Reservations {
  readonly #config: ReservationsConfig;
  readonly #parts: ReservationsParts;

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

  async #try(requestId: string, wanted: Wanted): Promise<Tried> {
    try {
      const { reservation, replayed, remaining } = await this.#reserve(requestId, wanted);
      if (reservation === undefined) throw fail("INTERNAL", "The wallet answered without a reservation.");
      if (replayed) return whatBecameOf(reservation);
      const { organisationId } = wanted.request.path;
      const grantTimeMs = reservation.createTime?.getTime() ?? 0;
      const held = { leaseId: reservation.id, organisationId, grantTimeMs, remaining: remainingOf(remaining), warnings: [] };
      return { admission: await this.#parts.adopt(held, wanted) };
    } catch (error) {
      if (error instanceof AlfredError && DENIALS.has(error.code)) return { denial: error };
      throw error;
    }
  }

  async #reserve(requestId: string, { request, worst }: Wanted): Promise<ReserveResponse> {
    const { path, fingerprint } = request;
    const ttl = durationOf(this.#config.holdTtlMs);
    const message = { requestId, path, amounts: amountsOf(worst), ttl, fingerprint, ...this.#parts.identity() };
    try {
      // A hold that an unheard first call made would look like another's.
      return await this.#parts.wallet.reserve(message, { timeoutMs: this.#config.reserveTimeoutMs, retry: false });
    } catch (error) {
      if (isFailure(error, "GATEWAY_SUPERSEDED")) this.#parts.superseded();
      if (isUndecided(error)) this.#parts.log.warn({ err: error, request_id: requestId }, "a hold may stay until it expires");
      throw presentable(error);
    }
  }
}

/** @throws AlfredError unless the earlier try is over and cost nothing */
function whatBecameOf(reservation: Reservation): Tried {
  if (reservation.state !== LeaseState.LEASE_STATE_CLOSED) {
    throw fail("REQUEST_IN_PROGRESS", "A request with this id is still being worked on.");
  }
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
