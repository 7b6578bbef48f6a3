import type { Call, MeterPrice, ModelPrice } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { type Charge, NO_CHARGE } from "../domain/charge.ts";
import { type Route, type Upstream, routesOf } from "../domain/route.ts";
import { chooseByRule } from "../exchange/choose-routes.ts";
import { findRoutes } from "../exchange/find-route.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import type { Payer } from "../exchange/caller.ts";
import { MAX_WORST, type Plan } from "../exchange/plan.ts";
import type { Keeping, Share } from "../providers/openai/keeping.ts";
import { type BatchLine, atLine, readBatchLine } from "./batch-line.ts";
import { linesOf, wrongLine } from "./kept-lines.ts";

const MAX_LINES = 50_000;

/** What a batch can cost, and by which price. */
export interface BatchPlan {
  readonly lines: number;
  readonly held: Charge;
  /** The one that all lines ask for, as providers want it. */
  readonly model: string;
  readonly price: ModelPrice;
}

/** Whose batch it is, and where it is to run. */
export interface BatchPlace {
  readonly call: Call | undefined;
  readonly payer: Payer;
  readonly upstream: Upstream;
  readonly endpoint: string;
  readonly keeping: Keeping;
}

/**
 * Plans every line of an input file as a request by itself, and sums what they can cost.
 *
 * @throws AlfredError INVALID_ARGUMENT and whatever refuses a request, each with its line
 */
export async function planBatch(parts: ExchangeParts, place: BatchPlace, content: AsyncIterable<Buffer>): Promise<BatchPlan> {
  const seen = new Set<string>();
  let found: Route | undefined;
  let [nanos, tokens] = [NO_CHARGE.nanos, NO_CHARGE.tokens];
  for await (const text of linesOf(content)) {
    if (seen.size >= MAX_LINES) throw wrongLine(text.number, `is beyond the ${MAX_LINES} requests that a batch may have`, "Make several batches of them.");
    const line = readBatchLine(text, place.endpoint);
    if (seen.has(line.customId)) throw wrongLine(line.number, "has the `custom_id` of an earlier one");
    seen.add(line.customId);
    found = routeOf(parts, place, line, found);
    const { worst } = line.plan(found);
    [nanos, tokens] = [nanos + worst.nanos, tokens + worst.tokens];
    if (nanos > MAX_WORST || tokens > MAX_WORST) throw wrongLine(line.number, "and those before it could cost more than any budget can hold", "Make several batches of them, or lower `max_completion_tokens` or `n`.");
  }
  if (found?.price === undefined) throw fail("INVALID_ARGUMENT", "The input file has no requests.", { metadata: { field: "input_file_id" } });
  return { lines: seen.size, held: { nanos, tokens }, model: found.model, price: found.price };
}

/** What is told to be less for prompts that are cached. */
const CACHE_READS = /^cache_(?:\w+_)?read_tokens$/;

/** What a price is in a batch. Without a price of their own cached prompts cost what others do. */
function priceInBatch(price: ModelPrice, { batchShare, hasCachedBatches }: Keeping): ModelPrice {
  const meters = price.meters.flatMap((each) => (hasCachedBatches || !CACHE_READS.test(each.meter) ? [shareOf(each, batchShare)] : []));
  return { ...price, meters };
}

function shareOf(price: MeterPrice, { numerator, denominator }: Share): MeterPrice {
  const tiers = price.tiers.map((tier) => ({ ...tier, nanos: tier.nanos * numerator }));
  return { ...price, nanos: price.nanos * numerator, per: price.per * denominator, tiers };
}

/** Where a line runs: at the provider that holds the file, if the key may and no rule denies it. Without rules that is the same for all. */
function routeOf(parts: ExchangeParts, place: BatchPlace, line: BatchLine, found: Route | undefined): Route {
  if (found !== undefined && found.model !== line.model) throw wrongLine(line.number, `asks for the model ${line.model}, and an earlier one for ${found.model}`, "A batch asks for one model: make one for each.");
  if (found !== undefined && parts.feeds.rules.isEmpty) return found;
  const route = atLine(line.number, () => findRoute(parts, place, line));
  return found ?? route;
}

function findRoute(parts: ExchangeParts, { call, payer, upstream, keeping }: BatchPlace, line: BatchLine): Route {
  const nowMs = parts.now();
  const at = new Date(nowMs);
  const plan = (route: Route): Plan => line.plan(route);
  // A rule that leaves out the region of what holds the file does not apply, so that the one that denies the rest does.
  const holder = { providerId: upstream.id, model: line.model };
  const ruled = chooseByRule(parts, { call, model: line.model, plan, holder }, payer, nowMs);
  const routes = ruled?.routes ?? findRoutes(parts.feeds, payer.key, line.model, at);
  const { routes: table, prices } = parts.feeds;
  const name = table.aliases.get(line.model) ?? line.model;
  const there = [...routes, ...routesOf(table, prices, `${upstream.id}/${name}`, at)].filter((route) => route.upstream.id === upstream.id);
  const route = there.find(({ price }) => price !== undefined) ?? there[0];
  if (route === undefined) {
    throw wrongLine(line.number, `asks for the model ${line.model}, which the provider ${upstream.id} does not serve`, `The file is held by ${upstream.id}: upload it to another provider with \`x-alfred-provider\`.`);
  }
  return { ...route, price: route.price && priceInBatch(route.price, keeping) };
}
