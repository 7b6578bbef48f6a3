import type { Unit } from "./amount.ts";
import type { Period } from "./window.ts";

/** Which balance: one account, unit and window. */
export interface BalanceKey {
  readonly accountId: string;
  readonly unit: Unit;
  readonly period: Period;
  readonly periodStartMs: number;
}

/** What an account and all below it have used in one window, in the unit's smallest part. */
export interface Balance extends BalanceKey {
  readonly posted: bigint;
  readonly held: bigint;
  readonly suspense: bigint;
  /** Of `posted`, what exceeded its hold. */
  readonly overrun: bigint;
}

/** A change of a balance, each part negative for less. */
export interface BalanceChange {
  readonly posted?: bigint;
  readonly held?: bigint;
  readonly suspense?: bigint;
  readonly overrun?: bigint;
}

export function balanceId(key: BalanceKey): string {
  return `${key.accountId}\u0000${key.unit}\u0000${key.period}\u0000${key.periodStartMs}`;
}

export function emptyBalance(key: BalanceKey): Balance {
  const { accountId, unit, period, periodStartMs } = key;
  return { accountId, unit, period, periodStartMs, posted: 0n, held: 0n, suspense: 0n, overrun: 0n };
}

export function changeBalance(balance: Balance, change: BalanceChange): Balance {
  return {
    ...balance,
    posted: balance.posted + (change.posted ?? 0n),
    held: balance.held + (change.held ?? 0n),
    suspense: balance.suspense + (change.suspense ?? 0n),
    overrun: balance.overrun + (change.overrun ?? 0n),
  };
}

/** What counts against a limit. */
export function used(balance: Balance): bigint {
  return balance.posted + balance.held + balance.suspense;
}
