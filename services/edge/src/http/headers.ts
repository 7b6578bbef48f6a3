import type { Amount, AppliedRouteRule, AssignedArm, Attempt, BudgetWarning, DryRunResponse, RateLimit, Receipt, StreamStarted } from "@alfred/contracts";
import { formatUsd } from "@alfred/money";
import { writeAttempt, writeBudgetWarning } from "@alfred/openai";

/** The headers that OpenAI's clients know; the reset counts from now, as "59.9s". */
export function rateLimitHeaders(rateLimit: RateLimit | undefined): Record<string, string> {
  if (rateLimit === undefined) return {};
  const resetMs = Math.max(0, (rateLimit.resetTime?.getTime() ?? Date.now()) - Date.now());
  return {
    "x-ratelimit-limit-requests": String(rateLimit.limit),
    "x-ratelimit-remaining-requests": String(rateLimit.remaining),
    "x-ratelimit-reset-requests": `${resetMs / 1000}s`,
  };
}

/** What an answer cost, what remains, and who gave it. */
export function receiptHeaders(receipt: Receipt | undefined): Record<string, string> {
  if (receipt === undefined) return {};
  return {
    "x-alfred-cost-usd": formatUsd(receipt.cost?.value ?? 0n),
    ...(receipt.cutReason === "" ? {} : { "x-alfred-cut-reason": receipt.cutReason }),
    ...attemptHeaders(receipt.attemptsDetail),
    ...ruleHeader(receipt.routeRule),
    ...armHeader(receipt.arm),
    ...providerHeaders(receipt),
  };
}

/**
 * What each call to a provider was and cost, one after the other, where there were several: "openai/gpt-4o;
 * reason=PROVIDER_UNAVAILABLE; cost_usd=0". Before a stream's first piece what failed so far is known.
 */
function attemptHeaders(attempts: readonly Attempt[]): Record<string, string> {
  if (attempts.length === 0) return {};
  const texts = attempts.map((attempt) => {
    const { provider, model, reason, cost_usd } = writeAttempt(attempt);
    return `${encodeURIComponent(provider)}/${encodeURIComponent(model)}; reason=${reason}; cost_usd=${cost_usd}`;
  });
  return { "x-alfred-attempts-detail": texts.join(", ") };
}

/** The rule that said where a request goes, as "cheap-drafts; version=3". */
function ruleHeader(rule: AppliedRouteRule | undefined): Record<string, string> {
  return rule === undefined ? {} : { "x-alfred-route-rule": `${rule.id}; version=${rule.version}` };
}

/** The arm of an experiment that a request is in, as "cheaper-model/control". */
function armHeader(arm: AssignedArm | undefined): Record<string, string> {
  return arm === undefined ? {} : { "x-alfred-experiment": `${arm.experiment}/${arm.arm}` };
}

/** More soft limits than these are not told of: a header has to fit. */
const MAX_WARNINGS = 8;

/**
 * Soft limits that are passed, one after the other, as "team_1; unit=usd; period=month; soft=5; spent=5.25;
 * reset=2026-12-01T00:00:00.000Z". Dollars are decimals, tokens whole numbers; there is no reset where the limit is for all time.
 */
function warningHeaders(warnings: readonly BudgetWarning[]): Record<string, string> {
  if (warnings.length === 0) return {};
  const texts = warnings.slice(0, MAX_WARNINGS).map((warning) => {
    const { account, ...facts } = writeBudgetWarning(warning);
    return [encodeURIComponent(account), ...Object.entries(facts).map(([name, value]) => `${name}=${value}`)].join("; ");
  });
  return { "x-alfred-budget-warning": texts.join(", ") };
}

/** What is known before a stream's first piece. */
export function startedHeaders(started: StreamStarted): Record<string, string> {
  return { ...attemptHeaders(started.failedAttempts), ...ruleHeader(started.routeRule), ...armHeader(started.arm), ...providerHeaders(started), ...rateLimitHeaders(started.rateLimit) };
}

/** What a dry run says, as far as a real answer would have headers for it; it costs nothing itself. */
export function dryRunHeaders({ provider, model, hold, routeRule, arm, rateLimit }: DryRunResponse): Record<string, string> {
  return {
    "x-alfred-dry-run": "true",
    "x-alfred-cost-usd": "0",
    ...(hold?.cost === undefined ? {} : { "x-alfred-worst-cost-usd": formatUsd(hold.cost.value) }),
    ...ruleHeader(routeRule),
    ...armHeader(arm),
    ...(provider === "" ? {} : providerHeaders({ provider, model, attempts: 0, remaining: hold?.remaining, warnings: hold?.warnings ?? [] })),
    ...rateLimitHeaders(rateLimit),
  };
}

/** Who answers, what remains, and which soft limits are passed; known before the cost is. */
function providerHeaders(told: {
  provider: string;
  model: string;
  attempts: number;
  remaining: Amount | undefined;
  warnings: readonly BudgetWarning[];
}): Record<string, string> {
  return {
    "x-alfred-provider": encodeURI(told.provider),
    // A header holds no more than Latin-1, and a model's name may be any text.
    "x-alfred-model": encodeURI(told.model),
    "x-alfred-attempts": String(told.attempts),
    ...(told.remaining === undefined ? {} : { "x-alfred-remaining-usd": formatUsd(told.remaining.value) }),
    ...warningHeaders(told.warnings),
  };
}
