import type { AccountPath } from "@alfred/contracts";
import type { Charge } from "./charge.ts";

/** What money is asked for. */
export interface AdmissionRequest {
  /** The id under which money moves, unique in the installation; the same id is the same request. */
  readonly id: string;
  /** Whether the caller may send the same request again; else an id that is known already was sent again by ourselves. */
  readonly isRepeatable: boolean;
  /** The accounts that it falls on. */
  readonly path: AccountPath;
  /** SHA-256 in hex of what the money is for, or empty. */
  readonly fingerprint: string;
  /** The most that it can cost. */
  readonly worst: Charge;
  /** What no closer count can undercut: the answer without its prompt. */
  readonly least: Charge;
  /** Counts more closely, at a cost of its own; asked only where `worst` is denied. Undefined where it finds no less. */
  readonly tighter: () => Promise<Charge | undefined>;
}

/** Money held for one request. It is settled exactly once, whatever becomes of the request. */
export interface Admission {
  /** The name of the hold, for adapters. */
  readonly id: string;
  readonly organisationId: string;
  /** How often this request was tried before without a charge; 0 the first time. */
  readonly repetition: number;
  /** What is held. */
  readonly held: Charge;
  /** Nano-dollars that the tightest limit still allows, undefined without limits. */
  readonly remainingNanos: bigint | undefined;
}

/** What a settlement was answered with. */
export interface Settlement {
  /** Nano-dollars that the tightest limit still allows, undefined without limits or where it is not known yet. */
  readonly remainingNanos: bigint | undefined;
}

/** Where the gateway's money comes from: the wallet per request, or leases. */
export interface MoneyPort {
  /**
   * Takes the worst case, or nothing.
   * @throws AlfredError INSUFFICIENT_QUOTA, BUDGET_HELD; REQUEST_IN_PROGRESS, REQUEST_ALREADY_ANSWERED,
   * REQUEST_ID_REUSED for a repeated id; UNAVAILABLE, OVERLOADED
   */
  admit(request: AdmissionRequest): Promise<Admission>;
  /** Charges what it cost, `NO_CHARGE` included, and gives back the rest. Never fails: it is retried until acknowledged. */
  settle(admission: Admission, cost: Charge): Promise<Settlement>;
  /** Settlements that are not acknowledged yet. */
  readonly pending: number;
}
