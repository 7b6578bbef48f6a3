import type { AccountPath, BudgetWarning } from "@alfred/contracts";
import type { Charge } from "../domain/charge.ts";
import type { FoundJournal } from "./journal-state.ts";

/** One admission: the lease and its number in it, from 1. */
export interface RecordRef {
  readonly leaseId: string;
  readonly number: number;
}

/** An admission's name. */
export function nameOf({ leaseId, number }: RecordRef): string {
  return `${leaseId}/${number}`;
}

/** The wallet's reasons that speak of a budget, and not of the request or of the wallet. */
export const BUDGET_REASONS: ReadonlySet<string> = new Set(["INSUFFICIENT_QUOTA", "BUDGET_HELD"]);

/** A request that asks for its worst case. */
export interface AdmitRequest {
  /** Unique among the requests under way. */
  readonly id: string;
  /** The accounts that it falls on, leaf first. */
  readonly path: AccountPath;
  /** The most that it can cost; each unit at least 0. */
  readonly worst: Charge;
  /** The usage record to report should the process die before it is over; may be empty. */
  readonly note: Uint8Array;
  /** When waiting for credit ends, on the core's clock. */
  readonly deadlineMs: number;
}

/** Per unit what the tightest limit still allows; absent where there is none. */
export interface Remaining {
  readonly nanos?: bigint;
  readonly tokens?: bigint;
}

/** Where a lease stands with the wallet. */
export type LeaseStanding = "open" | "suspense" | "closed";

/** The wallet's answer to an acquire. */
export interface Grant {
  readonly leaseId: string;
  readonly organisationId: string;
  /** The account that it hangs on. */
  readonly accountId: string;
  readonly state: LeaseStanding;
  readonly isRecalled: boolean;
  /** By the wallet's clock, in milliseconds since 1970. */
  readonly grantTimeMs: number;
  /** How long it may be spent from, counted from the first send of its acquire. */
  readonly ttlMs: number;
  readonly credit: Charge;
  /** Beyond this lease. */
  readonly remaining: Remaining;
  /** Soft limits on the path that are passed. */
  readonly warnings: readonly BudgetWarning[];
  /** The revision of the organisation's limits that it was granted under. */
  readonly limitsRevision: bigint;
}

/** The wallet's refusal. */
export interface Denial {
  /** An error reason: INSUFFICIENT_QUOTA and BUDGET_HELD are remembered, any other answers once. */
  readonly reason: string;
  readonly message: string;
  /** `account`, `unit` ("tokens", or money otherwise), `limit`, `left`, `reset`, and `clamp` where the limit says so. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The wallet's answer to one settlement. */
export interface SettledLease {
  readonly leaseId: string;
  readonly state: LeaseStanding;
  /** Of the first path of the settlement. */
  readonly remaining: Remaining;
  /** Soft limits on its paths that are passed. */
  readonly warnings: readonly BudgetWarning[];
}

/** Money that the wallet holds for one request alone. */
export interface HeldReservation {
  readonly leaseId: string;
  readonly organisationId: string;
  readonly grantTimeMs: number;
  readonly remaining: Remaining;
  readonly warnings: readonly BudgetWarning[];
}

/** What was found on disk, and how this process goes on with it. */
export interface Recovery extends FoundJournal {
  /** Whether this process puts every admission on disk before it counts. */
  readonly isAlwaysSynced: boolean;
}

/** A start of the gateway. */
export interface GatewayStart {
  /** New with each start. */
  readonly startId: string;
  /** The name that a new journal gets; unused where the journal has one. */
  readonly newGatewayId: string;
  readonly recovery: Recovery;
}
