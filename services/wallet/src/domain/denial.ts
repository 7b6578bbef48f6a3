import { formatUsd } from "@alfred/money";
import type { Account } from "./account.ts";
import type { Amount, Unit } from "./amount.ts";
import { used } from "./balance.ts";
import type { Draft } from "./draft.ts";
import type { Refusal } from "./refusal.ts";
import type { HardStanding } from "./standing.ts";
import { leftOf, limitedStandings } from "./standing.ts";
import type { Period, Windows } from "./window.ts";

/** A limit that an amount does not fit under. */
export interface Shortfall {
  readonly amount: Amount;
  readonly standing: HardStanding;
  /** Whether it would not fit even if all that is held came back. */
  readonly spent: boolean;
}

/**
 * Where amounts do not fit under the limits of a path; nothing where they do. Amounts of 0 always fit. A spent limit
 * comes before one merely held, since waiting cannot help; then the lowest account, then the tightest.
 */
export function findShortfalls(draft: Draft, path: readonly string[], windows: Windows, amounts: readonly Amount[]): Shortfall[] {
  const all = amounts.filter(({ value }) => value > 0n).flatMap((amount) => shortfalls(draft, path, windows, amount));
  return all.toSorted((one, other) => Number(other.spent) - Number(one.spent) || compare(path, one, other));
}

function shortfalls(draft: Draft, path: readonly string[], windows: Windows, amount: Amount): Shortfall[] {
  return limitedStandings(draft, path, windows, amount.unit).flatMap((standing) => {
    const { hard, held } = standing;
    if (used(standing) + amount.value <= hard) return [];
    return [{ amount, standing, spent: used(standing) - held + amount.value > hard }];
  });
}

function compare(path: readonly string[], { standing: one }: Shortfall, { standing: other }: Shortfall): number {
  const byAccount = path.indexOf(one.accountId) - path.indexOf(other.accountId);
  return byAccount !== 0 ? byAccount : Number((leftOf(one) ?? 0n) - (leftOf(other) ?? 0n));
}

/** The denial of one request, which says what that may cost. */
export function denialOf(draft: Draft, shortfall: Shortfall): Refusal {
  const { unit, value } = shortfall.amount;
  const sentence = `This can cost up to ${inWords(unit, value)}, and of the ${budgetInWords(draft, shortfall)}.`;
  return refusalOf(shortfall, sentence);
}

/** The denial of all requests that need what was asked for: it does not say how much that was. */
export function sharedDenialOf(draft: Draft, shortfall: Shortfall): Refusal {
  return refusalOf(shortfall, `This can cost more than is left: of the ${budgetInWords(draft, shortfall)}.`);
}

function refusalOf({ standing, spent }: Shortfall, message: string): Refusal {
  const { accountId, unit, period, hard, clamp, window } = standing;
  const reset = window.endMs === undefined ? "" : new Date(window.endMs).toISOString();
  const metadata = { account: accountId, unit, limit: String(hard), left: String(leftOf(standing) ?? 0n), reset, period };
  const reason = spent ? "INSUFFICIENT_QUOTA" : "BUDGET_HELD";
  return { reason, message, metadata: clamp ? { ...metadata, clamp: "true" } : metadata };
}

function budgetInWords(draft: Draft, { standing, spent }: Shortfall): string {
  const { accountId, unit, period, hard, held } = standing;
  const left = `${inWords(unit, leftOf(standing) ?? 0n)} is left`;
  const why = spent ? left : `${inWords(unit, held)} is held by requests in flight and ${left}`;
  return `${BUDGETS[period]} of ${inWords(unit, hard)} of ${nameOf(draft.account(accountId), accountId)} ${why}`;
}

function nameOf(account: Account | undefined, id: string): string {
  return `${account?.kind.replace("_", " ") ?? "account"} ${id}`;
}

const BUDGETS: Readonly<Record<Period, string>> = {
  day: "daily budget",
  week: "weekly budget",
  month: "monthly budget",
  none: "budget",
};

function inWords(unit: Unit, value: bigint): string {
  if (unit === "usd") return `$${formatUsd(value)}`;
  return unit === "credits" ? `${Number(value) / 1_000} credits` : `${value} tokens`;
}
