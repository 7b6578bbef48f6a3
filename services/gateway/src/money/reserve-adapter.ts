import { type Amount, LeaseState, type Reservation, type ReserveResponse, Unit, type WalletServiceService } from "@alfred/contracts";
import { AlfredError, fail } from "@alfred/errors";
import type { Client } from "@alfred/rpc";
import type { Logger } from "@alfred/telemetry";
import { type Charge, NO_CHARGE } from "../domain/charge.ts";
import type { Admission, AdmissionRequest, MoneyPort, Settlement } from "../domain/money-port.ts";
import { SettlementQueue } from "./settlement-queue.ts";

/** How the wallet is asked. */
export interface ReserveConfig {
  /** When a hold turns to suspense unless settled, in milliseconds; above the longest request. */
  readonly holdTtlMs: number;
  /** How long a hold may be waited for, in milliseconds. */
  readonly reserveTimeoutMs: number;
  /** How long an answer waits for its settlement, in milliseconds. */
  readonly settleTimeoutMs: number;
}

export interface ReserveParts {
  readonly wallet: Client<typeof WalletServiceService>;
  readonly log: Logger;
}

/** How often one id can be tried anew after denials and attempts that cost nothing. */
const MAX_NUMBER = 20;
const DENIALS = new Set(["INSUFFICIENT_QUOTA", "BUDGET_HELD"]);
/** What the wallet says that is for the client to know. */
const TELLING = new Set([...DENIALS, "REQUEST_ID_REUSED", "OVERLOADED", "UNAVAILABLE"]);
const FINAL = new Set(["NOT_FOUND", "REQUEST_ID_REUSED", "INVALID_ARGUMENT", "FAILED_PRECONDITION"]);

/**
 * Money from the wallet, request by request: a reservation before the provider is called, its settlement after.
 *
 * A request is reserved under `<id>/1`. Where that was denied before, or answered without a charge, the next number is
 * tried; `/1t` is the same try with the worst case counted more closely. What happened under an id decides what a
 * repetition is told.
 *
 * Where the wallet does not answer, nobody knows whether a hold was made. It is asked for again and given back, unless
 * the caller may repeat the request: then the hold could be another try's by now, so it stays until it expires.
 */
export class ReserveAdapter implements MoneyPort {
  readonly #wallet: Client<typeof WalletServiceService>;
  readonly #config: ReserveConfig;
  readonly #log: Logger;
  readonly #queue: SettlementQueue;

  constructor(config: ReserveConfig, { wallet, log }: ReserveParts) {
    this.#config = config;
    this.#wallet = wallet;
    this.#log = log;
    this.#queue = new SettlementQueue(log);
  }

  get pending(): number {
    return this.#queue.size;
  }

  /** Resolves once the wallet has acknowledged everything, or with `signal`; then what is left is given up and logged. */
  drain(signal: AbortSignal): Promise<void> {
    return this.#queue.drain(signal);
  }

  async admit(request: AdmissionRequest): Promise<Admission> {
    let tight: Promise<Charge | undefined> | undefined;
    for (let number = 1; number <= MAX_NUMBER; number += 1) {
      let tried = await this.#try(request, `${request.id}/${number}`, request.worst, number);
      if (tried.denial !== undefined && mayFit(request.least, tried.denial)) {
        tight ??= request.tighter();
        const closer = await tight;
        if (closer !== undefined) tried = await this.#try(request, `${request.id}/${number}t`, closer, number);
      }
      if (tried.admission !== undefined) return tried.admission;
      if (tried.denial !== undefined && !isReplayed(tried.denial)) throw tried.denial;
    }
    throw fail("REQUEST_ID_REUSED", `The request was tried ${MAX_NUMBER} times under this id.`, {
      hint: "Choose a new id for a new request.",
    });
  }

  async settle(admission: Admission, cost: Charge): Promise<Settlement> {
    const send = (): Promise<Settlement> => this.#settle(admission, cost);
    try {
      return await send();
    } catch {
      // The answer goes on without it; what is wrong with it for good shows when it is tried again.
      this.#queue.push({ id: admission.id, run: () => send().then(() => undefined), isFinal });
      return { remainingNanos: undefined };
    }
  }

  async #settle({ id, organisationId }: Held, cost: Charge): Promise<Settlement> {
    const amounts = amountsOf(cost);
    const request = { requestId: id, reservationId: id, amounts, organisationId };
    const { remaining } = await this.#wallet.settle(request, { timeoutMs: this.#config.settleTimeoutMs });
    return { remainingNanos: usdOf(remaining) };
  }

  /** One id: an admission, a denial, or neither where an earlier try under it cost nothing. */
  async #try(request: AdmissionRequest, requestId: string, worst: Charge, number: number): Promise<Tried> {
    try {
      const answer = await this.#reserve(request, requestId, worst);
      if (!answer.replayed || !request.isRepeatable) return { admission: admissionOf(answer, request, worst, number) };
      refuseRepetition(answer.reservation);
      return {};
    } catch (error) {
      if (isDenial(error)) return { denial: error };
      throw error;
    }
  }

  async #reserve(request: AdmissionRequest, requestId: string, worst: Charge): Promise<ReserveResponse> {
    const { path, fingerprint, isRepeatable } = request;
    const { reserveTimeoutMs: timeoutMs } = this.#config;
    const seconds = BigInt(Math.ceil(this.#config.holdTtlMs / 1_000));
    const message = { requestId, path, amounts: amountsOf(worst), ttl: { seconds, nanos: 0 }, fingerprint };
    // A hold that an unheard first call made would look like another's, where there can be others.
    const ask = (): Promise<ReserveResponse> => this.#wallet.reserve(message, { timeoutMs, retry: !isRepeatable });
    try {
      return await ask();
    } catch (error) {
      if (isUndecided(error) && !isRepeatable) this.#abandon(ask, requestId, path.organisationId);
      if (isUndecided(error) && isRepeatable) this.#log.warn({ err: error, request_id: requestId }, "a hold may stay until it expires");
      throw presentable(error);
    }
  }

  /** Asks for a hold again that may have been made, and gives it back. */
  #abandon(ask: () => Promise<ReserveResponse>, id: string, organisationId: string): void {
    const run = async (): Promise<void> => {
      const { reservation } = await ask();
      if (reservation?.state === LeaseState.LEASE_STATE_CLOSED) return;
      if (reservation !== undefined) await this.#settle({ id: reservation.id, organisationId }, NO_CHARGE);
    };
    this.#queue.push({ id, run, isFinal: (error) => isFinal(error) || isDenial(error) });
  }
}

/** What a settlement needs of an admission. */
type Held = Pick<Admission, "id" | "organisationId">;

interface Tried {
  readonly admission?: Admission;
  readonly denial?: AlfredError;
}

function admissionOf(answer: ReserveResponse, request: AdmissionRequest, held: Charge, number: number): Admission {
  const { reservation, remaining } = answer;
  if (reservation === undefined) throw fail("INTERNAL", "The wallet answered without a reservation.");
  const { organisationId } = request.path;
  return { id: reservation.id, organisationId, held, repetition: number - 1, remainingNanos: usdOf(remaining) };
}

/** @throws AlfredError unless the earlier try is over and cost nothing */
function refuseRepetition(reservation: Reservation | undefined): void {
  if (reservation?.state !== LeaseState.LEASE_STATE_CLOSED) {
    throw fail("REQUEST_IN_PROGRESS", "A request with this id is still being worked on.");
  }
  if (reservation.settled.some(({ value }) => value > 0n)) {
    throw fail("REQUEST_ALREADY_ANSWERED", "A request with this id was answered and charged before.");
  }
}

/** Both units, so that limits on either hold; a unit that costs nothing now may have a limit all the same. */
function amountsOf({ nanos, tokens }: Charge): Amount[] {
  return [
    { unit: Unit.UNIT_USD, value: nanos },
    { unit: Unit.UNIT_TOKENS, value: tokens },
  ];
}

function usdOf(amounts: readonly Amount[]): bigint | undefined {
  return amounts.find(({ unit }) => unit === Unit.UNIT_USD)?.value;
}

function isDenial(error: unknown): error is AlfredError {
  return error instanceof AlfredError && DENIALS.has(error.code);
}

function isReplayed({ metadata }: AlfredError): boolean {
  return metadata["replayed"] === "true";
}

/** Whether a charge could be below the limit that refused more; a replayed denial does not say what is left now. */
function mayFit(least: Charge, denial: AlfredError): boolean {
  const { unit, left = "" } = denial.metadata;
  if (isReplayed(denial) || !/^\d+$/.test(left)) return true;
  return (unit === "tokens" ? least.tokens : least.nanos) <= BigInt(left);
}

/** What is wrong between the gateway and the wallet is no fault of the client's. */
function presentable(error: unknown): unknown {
  if (!(error instanceof AlfredError) || TELLING.has(error.code)) return error;
  if (error.code === "DEADLINE_EXCEEDED") return fail("UNAVAILABLE", "The wallet did not answer in time.", { cause: error });
  return fail("INTERNAL", "The wallet could not be asked.", { cause: error });
}

/** Whether the wallet may have done what it did not answer. */
function isUndecided(error: unknown): boolean {
  return !(error instanceof AlfredError) || ["DEADLINE_EXCEEDED", "UNAVAILABLE", "INTERNAL", "CANCELLED"].includes(error.code);
}

function isFinal(error: unknown): boolean {
  return error instanceof AlfredError && FINAL.has(error.code);
}
