import type { Account, AccountState, Limit, Standing } from "./account.ts";
import { limitOf } from "./account.ts";
import type { Amount, Unit } from "./amount.ts";
import { least, most, UNITS } from "./amount.ts";
import type { Balance, BalanceKey } from "./balance.ts";
import { used } from "./balance.ts";
import type { BudgetWarning } from "./budget-warning.ts";
import type { Draft } from "./draft.ts";
import type { Window, Windows } from "./window.ts";
import { PERIODS } from "./window.ts";

/** Where an account stands in every window that is limited or was used. */
export function accountState(account: Account, windows: Windows, balanceAt: (key: BalanceKey) => Balance): AccountState {
  const standings = UNITS.flatMap((unit) =>
    PERIODS.map((period): Standing => {
      const window = windows[period];
      const balance = balanceAt({ accountId: account.id, unit, period, periodStartMs: window.startMs });
      return standingOf(balance, window, limitOf(account, unit, period));
    }),
  );
  return { account, standings: standings.filter((standing) => isLimit(standing) || wasUsed(standing)) };
}

function standingOf(balance: Balance, window: Window, limit: Limit | undefined): Standing {
  return { ...balance, hard: limit?.hard, soft: limit?.soft, clamp: limit?.clamp ?? false, window };
}

function isLimit({ hard, soft }: Standing): boolean {
  return hard !== undefined || soft !== undefined;
}

function wasUsed(balance: Balance): boolean {
  return used(balance) !== 0n || balance.overrun !== 0n;
}

/** What a standing still allows, never below 0; undefined where nothing limits it. */
export function leftOf(standing: Standing): bigint | undefined {
  return standing.hard === undefined ? undefined : most(standing.hard - used(standing), 0n);
}

/** A standing that must never be passed. */
export type HardStanding = Standing & { readonly hard: bigint };

/** The standings of one unit that must never be passed, along a path from its first account to its last. */
export function limitedStandings(draft: Draft, path: readonly string[], windows: Windows, unit: Unit): HardStanding[] {
  return standingsAlong(draft, path, windows, unit).flatMap((standing) => {
    const { hard } = standing;
    return hard === undefined ? [] : [{ ...standing, hard }];
  });
}

/** The soft limits of some units that are passed, along a path. */
export function warningsAlong(draft: Draft, path: readonly string[], windows: Windows, units: readonly Unit[]): BudgetWarning[] {
  const standings = units.flatMap((unit) => standingsAlong(draft, path, windows, unit));
  return standings.flatMap(({ accountId, unit, period, soft, posted, window }) => {
    return soft !== undefined && posted >= soft ? [{ accountId, unit, period, soft, posted, window }] : [];
  });
}

function standingsAlong(draft: Draft, path: readonly string[], windows: Windows, unit: Unit): Standing[] {
  return path.flatMap((accountId) => {
    const limits = draft.account(accountId)?.limits.filter((limit) => limit.unit === unit) ?? [];
    return limits.map((limit): Standing => {
      const window = windows[limit.period];
      return standingOf(draft.balance({ accountId, unit, period: limit.period, periodStartMs: window.startMs }), window, limit);
    });
  });
}

/** Per unit what the tightest limit along a path still allows; nothing for units without limits. */
export function remaining(draft: Draft, path: readonly string[], windows: Windows, units: readonly Unit[]): Amount[] {
  return units.flatMap((unit) => {
    const lefts = limitedStandings(draft, path, windows, unit).flatMap((standing) => leftOf(standing) ?? []);
    const [first, ...others] = lefts;
    return first === undefined ? [] : [{ unit, value: others.reduce(least, first) }];
  });
}
