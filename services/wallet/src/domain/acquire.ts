import type { Amount, Unit } from "./amount.ts";
import type { BudgetWarning } from "./budget-warning.ts";
import type { Origin } from "./event.ts";
import type { GrantTerms, Identity } from "./identity.ts";
import type { Lease } from "./lease.ts";
import type { PathSpec } from "./open-account.ts";
import type { Refusal } from "./refusal.ts";

/** How much of one unit a gateway asks for, in the unit's smallest part. */
export interface Demand {
  readonly unit: Unit;
  /** What it would like, at least `minimum`. */
  readonly wanted: bigint;
  /** What it needs at least; 0 always fits. */
  readonly minimum: bigint;
}

/** Asks for credit, of all units or of none. */
export interface Acquire {
  /** Its fingerprint leaves out how long the caller waits. */
  readonly identity: Identity;
  readonly origin: Origin;
  readonly leaseId: string;
  readonly transferId: string;
  readonly gatewayId: string;
  readonly incarnation: bigint;
  readonly path: PathSpec;
  readonly demands: readonly Demand[];
  /** How long a lease may be spent from at most. */
  readonly ttlMs: number;
  /** How long after that it turns to suspense. */
  readonly graceMs: number;
  /** How many gateways acquired on an account lately, at least 1. */
  activeGateways(accountId: string): number;
  /** Whether what is held by others is denied now instead of waited for. */
  readonly isLast: boolean;
}

/** Credit that may be spent. */
export interface Granted extends GrantTerms {
  readonly type: "granted";
  readonly lease: Lease;
  readonly replayed: boolean;
  readonly remaining: readonly Amount[];
  readonly warnings: readonly BudgetWarning[];
}

/** Others hold what is asked for and are asked to give it back; nothing is on record, so the same acquire may try again. */
export interface Lacking {
  readonly type: "lacking";
  /** The lowest account that lacks: a release there is worth another try. */
  readonly accountId: string;
  /** What is answered if it is given up. */
  readonly refusal: Refusal;
}

export type AcquireResult = Granted | Lacking;
