import type { Unit } from "./amount.ts";
import type { Balance } from "./balance.ts";
import type { Period, Window } from "./window.ts";

/** What an account stands for, in the order in which they may hang under each other. */
const ACCOUNT_KINDS = ["organisation", "department", "team", "user", "service_account", "key"] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** A budget for one unit and period, in the unit's smallest part; at least one of `hard` and `soft` is set. */
export interface Limit {
  readonly unit: Unit;
  readonly period: Period;
  /** What must never be passed. */
  readonly hard: bigint | undefined;
  /** What is warned of once this much is posted; at most `hard`. */
  readonly soft: bigint | undefined;
  /** Whether a request that may cost more than is left is to be cut to it instead of denied. Needs `hard`. */
  readonly clamp: boolean;
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
  readonly soft: bigint | undefined;
  readonly clamp: boolean;
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

/** The account with one limit set, or removed where it says neither `hard` nor `soft`. */
export function withLimit(account: Account, limit: Limit): Account {
  const others = account.limits.filter(({ unit, period }) => unit !== limit.unit || period !== limit.period);
  const isNone = limit.hard === undefined && limit.soft === undefined;
  return { ...account, limits: isNone ? others : [...others, limit] };
}

/** Whether something at the account must never be passed, for a unit or for any: leases hang where that is so. */
export function isLimited(account: Account | undefined, unit?: Unit): boolean {
  return account?.limits.some((limit) => limit.hard !== undefined && (unit === undefined || limit.unit === unit)) ?? false;
}

/** Whether an account of one kind may hang under another: departments nest, all else goes strictly down. */
export function mayHangUnder(kind: AccountKind, parent: AccountKind): boolean {
  if (kind === "department" && parent === "department") return true;
  return ACCOUNT_KINDS.indexOf(parent) < ACCOUNT_KINDS.indexOf(kind);
}
