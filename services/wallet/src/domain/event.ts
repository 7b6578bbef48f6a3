import type { AccountState } from "./account.ts";
import type { Unit } from "./amount.ts";
import type { Lease } from "./lease.ts";
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
}

/** What the wallet tells the rest of the house, once its transaction is committed. */
export type EventPayload =
  | { readonly type: "account_created"; readonly state: AccountState }
  | { readonly type: "limit_changed"; readonly change: LimitChange }
  | { readonly type: "settled"; readonly lease: Lease }
  | { readonly type: "suspended"; readonly lease: Lease }
  | { readonly type: "refunded"; readonly transfer: Transfer };

export interface WalletEvent {
  readonly organisationId: string;
  readonly origin: Origin;
  readonly occurTimeMs: number;
  readonly payload: EventPayload;
}
