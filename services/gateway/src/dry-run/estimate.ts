import type { EstimatePriceResponse, ModelUsage } from "@alfred/contracts";
import { AlfredError } from "@alfred/errors";
import type { CallContext } from "@alfred/rpc";
import type { Route } from "../domain/route.ts";
import { chooseRoutes } from "../exchange/choose-routes.ts";
import type { Asked } from "../exchange/open.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import { visit } from "../exchange/visit.ts";
import { type CostedRoute, candidateOf, costAll, planAll } from "./candidate.ts";
import { firstPlan } from "./decide.ts";
import { priceAll, routableOf } from "./price-usage.ts";

/** What is priced: a whole request, or quantities of a model's meters. */
export type Priced = { readonly asked: Asked } | { readonly usage: ModelUsage };

/**
 * What something would cost at each place where the key's request could go.
 *
 * @throws AlfredError RATE_LIMITED, MODEL_NOT_FOUND, MODEL_NOT_ALLOWED; what the first place says where none has a price
 */
export function estimate(parts: ExchangeParts, priced: Priced, context: CallContext): Promise<EstimatePriceResponse> {
  return visit(parts, context, async ({ payer, nowMs }) => {
    const routable = "asked" in priced ? priced.asked : routableOf(priced.usage);
    const { routes, rule: routeRule } = chooseRoutes(parts, routable, payer, nowMs);
    const costed = await costEach(parts, priced, routes);
    const candidates = costed.map((each) => candidateOf(parts, each, nowMs));
    const moreCandidates = routes.length - costed.length;
    return { requestedModel: routable.model, routeRule, candidates, moreCandidates, priceRevision: parts.feeds.priceRevision };
  });
}

/** @throws AlfredError what the first place says where none has a price, or where the request is wrong */
async function costEach(parts: ExchangeParts, priced: Priced, routes: readonly Route[]): Promise<CostedRoute[]> {
  if ("usage" in priced) {
    const costed = priceAll(priced.usage, routes);
    const [first] = costed;
    if (first?.costs instanceof AlfredError && costed.every(({ costs }) => costs instanceof AlfredError)) throw first.costs;
    return costed;
  }
  const all = planAll(priced.asked, routes);
  const plan = firstPlan(all);
  if (plan instanceof AlfredError) throw plan;
  return costAll(parts, all);
}
