import { type Attempt, type BudgetWarning, type Receipt, Unit, periodToJSON, unitToJSON, usageSourceToJSON } from "@alfred/contracts";
import { formatUsd } from "@alfred/money";
import { FieldMismatch, type Field } from "./field.ts";

/**
 * Our own object beside a stream's usage: what it cost. Providers do not send
 * it; where one does, it is theirs and goes to `extra`.
 */
export const receipt: Field<Receipt> = {
  read() {
    throw new FieldMismatch("nothing of this name");
  },
  write: (value) => ({
    request_id: value.requestId,
    cost_usd: formatUsd(value.cost?.value ?? 0n),
    ...(value.remaining === undefined ? {} : { remaining_usd: formatUsd(value.remaining.value) }),
    provider: value.provider,
    model: value.model,
    attempts: value.attempts,
    ...(value.attemptsDetail.length === 0 ? {} : { attempts_detail: value.attemptsDetail.map(writeAttempt) }),
    ...(value.routeRule === undefined ? {} : { route_rule: { id: value.routeRule.id, version: Number(value.routeRule.version) } }),
    ...(value.arm === undefined ? {} : { experiment: { name: value.arm.experiment, arm: value.arm.arm } }),
    usage_source: usageSourceToJSON(value.usageSource).replace("USAGE_SOURCE_", "").toLowerCase(),
    ...(value.cutReason === "" ? {} : { cut_reason: value.cutReason }),
    ...(value.warnings.length === 0 ? {} : { warnings: value.warnings.map(writeBudgetWarning) }),
  }),
};

/** A call to a provider as it is shown to clients: the reason is "answered" where it did. */
export function writeAttempt({ provider, model, reason, cost }: Attempt): { provider: string; model: string; reason: string; cost_usd: string } {
  return { provider, model, reason: reason || "answered", cost_usd: formatUsd(cost?.value ?? 0n) };
}

/** A soft limit that is passed, as it is shown to clients. */
export interface ShownWarning {
  readonly account: string;
  /** "usd", "tokens" or "credits". */
  readonly unit: string;
  /** "day", "week", "month" or "none". */
  readonly period: string;
  /** The soft limit: dollars as a decimal, other units as whole numbers in their smallest part. */
  readonly soft: string;
  /** What is spent, alike. */
  readonly spent: string;
  /** When the period ends, in UTC; absent where it never does. */
  readonly reset?: string;
}

/** A warning as clients see it, in the `alfred` object and in the header `x-alfred-budget-warning`. */
export function writeBudgetWarning({ accountId, unit, period, soft, posted, resetTime }: BudgetWarning): ShownWarning {
  const shown = (value: bigint): string => (unit === Unit.UNIT_USD ? formatUsd(value) : String(value));
  return {
    account: accountId,
    unit: unitToJSON(unit).replace("UNIT_", "").toLowerCase(),
    period: periodToJSON(period).replace("PERIOD_", "").toLowerCase(),
    soft: shown(soft),
    spent: shown(posted),
    ...(resetTime === undefined ? {} : { reset: resetTime.toISOString() }),
  };
}
