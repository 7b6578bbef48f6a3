import { type EstimateCostRequest, EstimateCostResponse } from "@alfred/contracts";
import { estimate } from "../domain/estimate.ts";
import type { Prices } from "../prices.ts";
import { usd } from "./mappers.ts";

/** What EstimateCost needs. */
export interface EstimateCostParts {
  prices: Prices;
  now(): number;
}

/** Prices quantities of a model's meters, as of now. */
export async function estimateCost(parts: EstimateCostParts, request: EstimateCostRequest): Promise<EstimateCostResponse> {
  const { costNanos, price } = estimate(parts.prices.book, request, new Date(parts.now()));
  return EstimateCostResponse.create({ cost: usd(costNanos), price });
}
