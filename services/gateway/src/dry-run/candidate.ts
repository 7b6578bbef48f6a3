import { type FailureDetail, type MeterQuantity, type ModelPrice, type RouteCandidate } from "@alfred/contracts";
import { AlfredError } from "@alfred/errors";
import type { Route } from "../domain/route.ts";
import { StreamedText } from "../domain/streamed-text.ts";
import type { Asked } from "../exchange/open.ts";
import { consumption } from "../exchange/outcome.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { type Plan, worstQuantities } from "../exchange/plan.ts";
import { usd } from "../exchange/receipt.ts";

/** Candidates that are told of at most: each is planned, which takes as long as the request is large. */
export const MOST_CANDIDATES = 16;

/** A place where a request could go: how it is asked there, or why it cannot be. */
export type Planned = { readonly route: Route } & ({ readonly plan: Plan } | { readonly error: AlfredError });

/** What a candidate would cost. */
interface Costs {
  readonly worst: Cost;
  readonly least: Cost;
}

/** A place, and what it would cost, or why a request cannot go there. */
export interface CostedRoute {
  readonly route: Route;
  readonly costs: Costs | AlfredError;
}

interface Cost {
  readonly nanos: bigint;
  readonly quantities: readonly MeterQuantity[];
}

/** The places that are told of, each planned. */
export function planAll({ plan }: Pick<Asked, "plan">, routes: readonly Route[]): Planned[] {
  return routes.slice(0, MOST_CANDIDATES).map((route) => {
    try {
      return { route, plan: plan(route) };
    } catch (error) {
      if (error instanceof AlfredError) return { route, error };
      throw error;
    }
  });
}

/** What each place would cost for which a request was planned, the prompt counted. */
export async function costAll({ tokenizer }: Pick<ExchangeParts, "tokenizer">, all: readonly Planned[]): Promise<CostedRoute[]> {
  const costed: CostedRoute[] = [];
  for (const planned of all) costed.push({ route: planned.route, costs: "error" in planned ? planned.error : await costsOf(tokenizer, planned.plan) });
  return costed;
}

async function costsOf(tokenizer: ExchangeParts["tokenizer"], plan: Plan): Promise<Costs> {
  const { charge: { nanos }, quantities } = await consumption(tokenizer, plan, undefined, new StreamedText());
  return { worst: { nanos: plan.worst.nanos, quantities: worstQuantities(plan) }, least: { nanos, quantities } };
}

/** What is told of a place. */
export function candidateOf({ targets }: Pick<ExchangeParts, "targets">, { route, costs: told }: CostedRoute, nowMs: number): RouteCandidate {
  const { upstream: { id: provider, region = "" }, model, price } = route;
  const costs = told instanceof AlfredError ? undefined : told;
  return {
    provider, model, region,
    health: targets.known(provider, model)?.isCooling(nowMs) === true ? "cooling" : "healthy",
    failure: told instanceof AlfredError ? detailOf(told) : undefined,
    worstCost: usd(costs?.worst.nanos),
    worstQuantities: [...(costs?.worst.quantities ?? [])],
    leastCost: usd(costs?.least.nanos),
    leastQuantities: [...(costs?.least.quantities ?? [])],
    price: price && withoutNames(price),
  };
}

/** A failure as data. */
export function detailOf({ code: reason, message, hint, metadata }: AlfredError): FailureDetail {
  return { reason, message, hint, metadata: { ...metadata } };
}

/** Names can be as many as the price book has patterns. */
function withoutNames(price: ModelPrice): ModelPrice {
  return { ...price, aliases: [], patterns: [] };
}
