import type { AccountState } from "./account.ts";
import type { Amount, Unit } from "./amount.ts";
import type { BudgetWarning } from "./budget-warning.ts";
import type { Lease } from "./lease.ts";
import type { RecordNumbers } from "./record-numbers.ts";
import type { Transfer } from "./transfer.ts";
import type { Period } from "./window.ts";

/** Who asked for something and under which id, as events and audit name it. */
export interface Origin {
  /** A key's id, "service" or "root". */
  readonly actor: string;
  readonly requestId: string;
}

/** A limit, before and after; undefined where there was or is none. */
export interface LimitChange {
  readonly accountId: string;
  readonly unit: Unit;
  readonly period: Period;
  readonly hardBefore: bigint | undefined;
  readonly hardAfter: bigint | undefined;
  readonly softBefore: bigint | undefined;
  readonly softAfter: bigint | undefined;
  readonly clampBefore: boolean;
  readonly clampAfter: boolean;
}

/** What one settlement charged one account; negative where a worst case was replaced by a lower cost. */
export interface LeaseCharge {
  readonly leaseId: string;
  readonly accountId: string;
  readonly records: RecordNumbers;
  readonly amounts: readonly Amount[];
}

/** A lease that an operator closed. */
export interface LeaseClosure {
  readonly lease: Lease;
  readonly cost: readonly Amount[];
  readonly reason: string;
  readonly forced: boolean;
}

/** What the wallet tells the rest of the house, once its transaction is committed. `settled` and `suspended` are of reservations. */
export type EventPayload =
  | { readonly type: "account_created"; readonly state: AccountState }
  | { readonly type: "limit_changed"; readonly change: LimitChange }
  | { readonly type: "settled"; readonly lease: Lease }
  | { readonly type: "suspended"; readonly lease: Lease }
  | { readonly type: "refunded"; readonly transfer: Transfer }
  | { readonly type: "lease_charged"; readonly charge: LeaseCharge }
  | { readonly type: "lease_suspended"; readonly lease: Lease }
  | { readonly type: "lease_closed"; readonly closure: LeaseClosure }
  | { readonly type: "soft_limit_passed"; readonly warning: BudgetWarning };

export interface WalletEvent {
  readonly organisationId: string;
  readonly origin: Origin;
  readonly occurTimeMs: number;
  readonly payload: EventPayload;
}
