import type { Unit } from "./amount.ts";
import type { Balance } from "./balance.ts";
import type { Period, Window } from "./window.ts";

/** What an account stands for, in the order in which they may hang under each other. */
const ACCOUNT_KINDS = ["organisation", "department", "team", "user", "service_account", "key"] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** What must never be passed, for one unit and period, in the unit's smallest part. */
export interface Limit {
  readonly unit: Unit;
  readonly period: Period;
  readonly hard: bigint;
}

/** An account of the tree. */
export interface Account {
  readonly id: string;
  readonly organisationId: string;
  /** Empty for an organisation. */
  readonly parentId: string;
  readonly kind: AccountKind;
  /** Itself first, the organisation last. */
  readonly path: readonly string[];
  /** IANA name; of meaning on the organisation only, whose windows all below it share. */
  readonly timeZone: string;
  readonly limits: readonly Limit[];
  readonly createTimeMs: number;
}

/** Where an account stands in one window. */
export interface Standing extends Balance {
  readonly hard: bigint | undefined;
  readonly window: Window;
}

/** An account with its standings: what callers are shown. */
export interface AccountState {
  readonly account: Account;
  readonly standings: readonly Standing[];
}

/** The account's limit for a unit and period, if it has one. */
export function limitOf(account: Account, unit: Unit, period: Period): Limit | undefined {
  return account.limits.find((limit) => limit.unit === unit && limit.period === period);
}

/** The account with one limit set, or removed where `hard` is undefined. */
export function withLimit(account: Account, unit: Unit, period: Period, hard: bigint | undefined): Account {
  const others = account.limits.filter((limit) => limit.unit !== unit || limit.period !== period);
  return { ...account, limits: hard === undefined ? others : [...others, { unit, period, hard }] };
}

/** Whether an account of one kind may hang under another: departments nest, all else goes strictly down. */
export function mayHangUnder(kind: AccountKind, parent: AccountKind): boolean {
  if (kind === "department" && parent === "department") return true;
  return ACCOUNT_KINDS.indexOf(parent) < ACCOUNT_KINDS.indexOf(kind);
}
