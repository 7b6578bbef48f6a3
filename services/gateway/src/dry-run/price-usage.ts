import type { MeterQuantity, ModelUsage } from "@alfred/contracts";
import { AlfredError, fail } from "@alfred/errors";
import { costOf, inputTokensOf, unpricedMeters } from "@alfred/money";
import { tokensOf } from "../domain/charge.ts";
import type { Route } from "../domain/route.ts";
import type { Routable } from "../exchange/asked-facts.ts";
import { type Plan, requirePrice } from "../exchange/plan.ts";
import { type CostedRoute, MOST_CANDIDATES } from "./candidate.ts";

/** What would be used of a model, as far as its route depends on it: rules may ask for the size and the price. */
export function routableOf({ model, quantities }: ModelUsage): Routable {
  const inputTokens = inputTokensOf(quantities);
  const bound = { usage: { inputTokens, outputTokens: tokensOf(quantities) - inputTokens }, isText: false, mediaTokens: 0, answers: undefined };
  const plan = (route: Route): Pick<Plan, "bound" | "worst"> => ({ bound, worst: { nanos: nanosOf(route, model, quantities), tokens: tokensOf(quantities) } });
  return { call: undefined, model, plan };
}

/** What quantities cost at each place; PRICE_UNKNOWN where the model, or one of its meters, has no price there. */
export function priceAll({ model, quantities }: ModelUsage, routes: readonly Route[]): CostedRoute[] {
  return routes.slice(0, MOST_CANDIDATES).map((route) => {
    try {
      const cost = { nanos: nanosOf(route, model, quantities), quantities };
      return { route, costs: { worst: cost, least: cost } };
    } catch (error) {
      if (error instanceof AlfredError) return { route, costs: error };
      throw error;
    }
  });
}

function nanosOf(route: Route, model: string, quantities: readonly MeterQuantity[]): bigint {
  const price = requirePrice(route, model);
  const nanos = costOf(price, quantities);
  if (nanos !== undefined && nanos > MOST_NANOS) throw tooDear(model);
  if (nanos !== undefined) return nanos;
  const meters = unpricedMeters(price, quantities).join(", ");
  throw fail("PRICE_UNKNOWN", `The model ${model} has no price for ${meters} at the provider ${route.upstream.id}.`, {
    hint: "Leave these meters out, or ask the operator to price them in ALFRED_PRICES_FILE.",
    metadata: { model, provider: route.upstream.id, meters },
  });
}

/** What an amount holds: some nine billion dollars in nano-dollars. */
const MOST_NANOS = 2n ** 63n - 1n;

function tooDear(model: string): AlfredError {
  return fail("INVALID_ARGUMENT", `So much of the model ${model} costs more than can be told.`, {
    hint: "Ask for smaller quantities: what is told ends at nine billion dollars.",
    metadata: { field: "quantities", model },
  });
}
