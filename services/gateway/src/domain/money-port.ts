import type { AccountPath, BudgetWarning, UsageRecord } from "@alfred/contracts";
import type { AlfredError } from "@alfred/errors";
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
  /** Cuts the request to what a denial leaves; undefined where the limit does not say so, or leaves nothing. */
  readonly shorter: (denial: AlfredError) => Promise<Charge | undefined>;
  /** The record that metering gets should the gateway be cut off before it can say more; undefined where it gets none. */
  readonly draft: (held: Charge, repetition: number) => UsageRecord | undefined;
  /** How long credit may be waited for, in milliseconds; the gateway's own time unless stated. */
  readonly waitMs?: number;
  /** Fires when nobody waits for the request any more. */
  readonly signal: AbortSignal;
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
  /** Whether that is what the last call of `shorter` said. */
  readonly isClamped: boolean;
  /** Nano-dollars that the tightest limit still allows, undefined without limits. */
  readonly remainingNanos: bigint | undefined;
  /** Soft limits on the path that are passed. */
  readonly warnings: readonly BudgetWarning[];
}

/** What a settlement was answered with. */
export interface Settlement {
  /** Nano-dollars that the tightest limit still allows, undefined without limits or where it is not known yet. */
  readonly remainingNanos: bigint | undefined;
  /** Soft limits on the path that are passed, as far as is known. */
  readonly warnings: readonly BudgetWarning[];
}

/** What money would be asked for. */
export type ConsideredRequest = Pick<AdmissionRequest, "path" | "worst" | "least" | "tighter" | "shorter" | "signal">;

/** What would become of a request for money, of which nothing is kept. */
export interface Considered {
  /** Who says so: the gateway of what it has on lease, or the wallet. */
  readonly by: "lease" | "wallet";
  /** What would be held, or was asked for last. */
  readonly charge: Charge;
  /** Whether that is what the last call of `shorter` said. */
  readonly isClamped: boolean;
  /** Why it would be refused; undefined where it would not. */
  readonly denial: AlfredError | undefined;
  /** Nano-dollars that the tightest limit would still allow, undefined without limits. */
  readonly remainingNanos: bigint | undefined;
  /** Soft limits on the path that are passed. */
  readonly warnings: readonly BudgetWarning[];
}

/** Where the gateway's money comes from. */
export interface MoneyPort {
  /**
   * Takes the worst case, or nothing. What was taken outlives the process: should it be killed, the worst case is charged.
   * @throws AlfredError INSUFFICIENT_QUOTA, BUDGET_HELD; REQUEST_IN_PROGRESS, REQUEST_ALREADY_ANSWERED,
   * REQUEST_ID_REUSED for a repeated id; CANCELLED where nobody waits for it any more; UNAVAILABLE, OVERLOADED
   */
  admit(request: AdmissionRequest): Promise<Admission>;
  /**
   * Says what `admit` would, without waiting for what others hold, and takes nothing.
   * @throws AlfredError UNAVAILABLE, OVERLOADED
   */
  consider(request: ConsideredRequest): Promise<Considered>;
  /**
   * Charges what it cost, `NO_CHARGE` included, and gives back the rest; `record` is what metering gets of it, once it is
   * written down. Never fails: it is repeated until acknowledged.
   */
  settle(admission: Admission, cost: Charge, record?: UsageRecord): Promise<Settlement>;
  /** What was settled and is not acknowledged yet, as of a moment ago. */
  readonly pending: number;
}
