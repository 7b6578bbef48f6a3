import { formatUsd } from "@alfred/money";
import type { Account, Standing } from "./account.ts";
import type { Amount, Unit } from "./amount.ts";
import { used } from "./balance.ts";
import type { Draft } from "./draft.ts";
import type { Refusal } from "./refusal.ts";
import { leftOf, limitedStandings } from "./standing.ts";
import type { Period, Windows } from "./window.ts";

/** A limit that an amount does not fit under. */
interface Shortfall {
  readonly amount: Amount;
  readonly standing: Standing & { readonly hard: bigint };
  /** Whether it would not fit even if all that is held came back. */
  readonly spent: boolean;
}

/**
 * Why amounts do not fit under the limits of a path, or undefined where they do. Amounts of 0 always fit. A spent
 * limit is reported before one merely held, since waiting cannot help; then the lowest account, then the tightest.
 */
export function findDenial(
  draft: Draft,
  path: readonly string[],
  windows: Windows,
  amounts: readonly Amount[],
): Refusal | undefined {
  const all = amounts.filter(({ value }) => value > 0n).flatMap((amount) => shortfalls(draft, path, windows, amount));
  const spent = all.filter((shortfall) => shortfall.spent);
  const [worst] = (spent.length > 0 ? spent : all).toSorted((one, other) => compare(path, one, other));
  return worst === undefined ? undefined : describe(worst, draft.account(worst.standing.accountId));
}

function shortfalls(draft: Draft, path: readonly string[], windows: Windows, amount: Amount): Shortfall[] {
  return limitedStandings(draft, path, windows, amount.unit).flatMap((standing) => {
    const { hard, held } = standing;
    if (hard === undefined || used(standing) + amount.value <= hard) return [];
    return [{ amount, standing: { ...standing, hard }, spent: used(standing) - held + amount.value > hard }];
  });
}

function compare(path: readonly string[], { standing: one }: Shortfall, { standing: other }: Shortfall): number {
  const byAccount = path.indexOf(one.accountId) - path.indexOf(other.accountId);
  return byAccount !== 0 ? byAccount : Number((leftOf(one) ?? 0n) - (leftOf(other) ?? 0n));
}

function describe({ amount, standing, spent }: Shortfall, account: Account | undefined): Refusal {
  const left = leftOf(standing) ?? 0n;
  const reset = standing.window.endMs === undefined ? "" : new Date(standing.window.endMs).toISOString();
  const { accountId, unit, period, hard } = standing;
  const why = spent
    ? `${inWords(unit, left)} is left`
    : `${inWords(unit, standing.held)} is held by requests in flight and ${inWords(unit, left)} is left`;
  const who = `${account?.kind.replace("_", " ") ?? "account"} ${accountId}`;
  return {
    reason: spent ? "INSUFFICIENT_QUOTA" : "BUDGET_HELD",
    message: `This can cost up to ${inWords(unit, amount.value)}, and of the ${BUDGETS[period]} of ${inWords(unit, hard)} of ${who} ${why}.`,
    metadata: { account: accountId, unit, limit: String(hard), left: String(left), reset, period },
  };
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
