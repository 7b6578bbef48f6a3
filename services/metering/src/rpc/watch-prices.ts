import type { ModelPrice, WatchPricesRequest, WatchPricesResponse } from "@alfred/contracts";
import { type Broadcast, type CallContext, type Delta, watchStream } from "@alfred/rpc";
import type { Prices } from "../prices.ts";

/** A price, as the watch sends it. */
export type PriceEvent = { $case: "price"; value: ModelPrice };

/** What WatchPrices needs. */
export interface WatchPricesParts {
  prices: Prices;
  /** Carries nothing, since a book lasts as long as its process; closed when the service stops. */
  priceChanges: Broadcast<Delta<PriceEvent>>;
  heartbeatMs: number;
}

/** Streams the whole book, unless the caller has it already, and then heartbeats. */
export function watchPrices(parts: WatchPricesParts, request: WatchPricesRequest, context: CallContext): AsyncIterable<WatchPricesResponse> {
  const { all, revision } = parts.prices;
  return watchStream<PriceEvent>({
    revision: request.revision,
    subscribe: () => parts.priceChanges.subscribe({ signal: context.signal }),
    snapshot: async () => ({ revision, events: all.map((value) => ({ $case: "price" as const, value })) }),
    since: async (known) => (known === revision ? [] : undefined),
    heartbeatMs: parts.heartbeatMs,
  });
}
