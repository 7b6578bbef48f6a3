import {
  type Amount,
  type AppliedRouteRule,
  type DryRunHold,
  type DryRunResponse,
  type EstimatePriceResponse,
  type FailureDetail,
  HoldSource,
  type MeterPrice,
  type MeterQuantity,
  type ModelPrice,
  type RouteCandidate,
} from "@alfred/contracts";
import { AlfredError, reasonOfName } from "@alfred/errors";
import { formatUsd } from "@alfred/money";
import { writeBudgetWarning } from "@alfred/openai";
import { errorBody, statusOf } from "../http/error-answer.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a dry run is answered with. Dollars are decimals; what is not known or not there is null. */
export function writeDryRun(told: DryRunResponse): Json {
  const { requestId, rateLimit, hold, provider, arm } = told;
  return {
    object: "alfred.dry_run",
    id: requestId,
    admitted: told.admitted,
    refusal: told.refusal === undefined ? null : writeFailure(told.refusal, requestId),
    operation: told.operation,
    model: told.requestedModel,
    streamed: told.streamed,
    model_allowed: told.modelAllowed ?? null,
    route_rule: writeRule(told.routeRule),
    experiment: arm === undefined ? null : { name: arm.experiment, arm: arm.arm },
    route: provider === "" ? null : { provider, model: told.model },
    candidates: told.candidates.map((candidate) => writeCandidate(candidate, requestId)),
    more_candidates: told.moreCandidates,
    hold: hold === undefined ? null : writeHold(hold, requestId),
    rate_limit: rateLimit === undefined ? null : { limit: rateLimit.limit, remaining: rateLimit.remaining, reset: rateLimit.resetTime?.toISOString() ?? null },
    price_revision: String(told.priceRevision),
  };
}

/** What an estimate is answered with. */
export function writeEstimate(told: EstimatePriceResponse, requestId: string): Json {
  return {
    object: "alfred.price_estimate",
    model: told.requestedModel,
    route_rule: writeRule(told.routeRule),
    candidates: told.candidates.map((candidate) => writeCandidate(candidate, requestId)),
    more_candidates: told.moreCandidates,
    price_revision: String(told.priceRevision),
  };
}

function writeRule(rule: AppliedRouteRule | undefined): Json | null {
  return rule === undefined ? null : { id: rule.id, version: Number(rule.version) };
}

/** As the error of a real request would be told, with the status that it would have. */
function writeFailure({ reason, message, hint, metadata }: FailureDetail, requestId: string): Json {
  const error = new AlfredError(reasonOfName(reason) ?? "INTERNAL", message, { hint, metadata });
  const { request_id: _, ...told } = errorBody(error, requestId).error;
  return { reason, status: statusOf(error), ...told };
}

function writeCandidate(candidate: RouteCandidate, requestId: string): Json {
  const { provider, model, region, health, failure, worstCost, leastCost, price } = candidate;
  return {
    provider, model, region, health,
    failure: failure === undefined ? null : writeFailure(failure, requestId),
    worst_cost_usd: writeUsd(worstCost),
    worst_quantities: writeQuantities(candidate.worstQuantities),
    least_cost_usd: writeUsd(leastCost),
    least_quantities: writeQuantities(candidate.leastQuantities),
    price: price === undefined ? null : writePrice(price),
  };
}

function writeHold({ granted, cost, tokens, source, denial, clampedToTokens, remaining, warnings }: DryRunHold, requestId: string): Json {
  return {
    granted,
    cost_usd: writeUsd(cost),
    tokens: Number(tokens),
    source: source === HoldSource.HOLD_SOURCE_LEASE ? "lease" : "wallet",
    denial: denial === undefined ? null : writeFailure(denial, requestId),
    clamped_to_tokens: clampedToTokens === undefined ? null : Number(clampedToTokens),
    remaining_usd: writeUsd(remaining),
    warnings: warnings.map(writeBudgetWarning),
  };
}

function writePrice({ source, provider, model, free, meters }: ModelPrice): Json {
  return { source, provider, model, free, meters: meters.map(writeMeter) };
}

function writeMeter({ meter, nanos, per, tiers }: MeterPrice): Json {
  const told = tiers.map(({ aboveInputTokens, nanos: ofTier }) => ({ above_input_tokens: Number(aboveInputTokens), usd: formatUsd(ofTier) }));
  return { meter, usd: formatUsd(nanos), per: Number(per), ...(told.length > 0 && { tiers: told }) };
}

function writeQuantities(quantities: readonly MeterQuantity[]): Json {
  return Object.fromEntries(quantities.map(({ meter, quantity }) => [meter, Number(quantity)]));
}

function writeUsd(amount: Amount | undefined): string | null {
  return amount === undefined ? null : formatUsd(amount.value);
}
