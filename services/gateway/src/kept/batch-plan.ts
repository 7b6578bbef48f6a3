import type { Call, ModelPrice } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { type Charge, NO_CHARGE } from "../domain/charge.ts";
import { type Route, type Upstream, routesOf } from "../domain/route.ts";
import { chooseRoutes } from "../exchange/choose-routes.ts";
import type { ExchangeParts } from "../exchange/parts.ts";
import type { Payer } from "../exchange/caller.ts";
import type { Plan } from "../exchange/plan.ts";
import type { Share } from "../providers/openai/keeping.ts";
import { type BatchLine, readBatchLine } from "./batch-line.ts";
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
  readonly share: Share;
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
  }
  if (found?.price === undefined) throw fail("INVALID_ARGUMENT", "The input file has no requests.", { metadata: { field: "input_file_id" } });
  return { lines: seen.size, held: { nanos, tokens }, model: found.model, price: found.price };
}

/** A price of which a part is asked. */
function shareOf(price: ModelPrice, { numerator, denominator }: Share): ModelPrice {
  const meters = price.meters.map((meter) => ({
    ...meter, nanos: meter.nanos * numerator, per: meter.per * denominator, tiers: meter.tiers.map((tier) => ({ ...tier, nanos: tier.nanos * numerator })),
  }));
  return { ...price, meters };
}

/** Where a line runs: at the provider that holds the file, if the key may and no rule denies it. Without rules that is the same for all. */
function routeOf(parts: ExchangeParts, place: BatchPlace, line: BatchLine, found: Route | undefined): Route {
  if (found !== undefined && found.model !== line.model) throw wrongLine(line.number, `asks for the model ${line.model}, and an earlier one for ${found.model}`, "A batch asks for one model: make one for each.");
  if (found !== undefined && parts.feeds.rules.isEmpty) return found;
  const route = findRoute(parts, place, line);
  return found ?? route;
}

function findRoute(parts: ExchangeParts, { call, payer, upstream, share }: BatchPlace, line: BatchLine): Route {
  const nowMs = parts.now();
  const plan = (route: Route): Plan => line.plan(route);
  const { routes } = chooseRoutes(parts, { call, model: line.model, plan }, payer, nowMs);
  const { routes: table, prices } = parts.feeds;
  const name = table.aliases.get(line.model) ?? line.model;
  const there = [...routes, ...routesOf(table, prices, `${upstream.id}/${name}`, new Date(nowMs))].filter((route) => route.upstream.id === upstream.id);
  const route = there.find(({ price }) => price !== undefined) ?? there[0];
  if (route === undefined) {
    throw wrongLine(line.number, `asks for the model ${line.model}, which the provider ${upstream.id} does not serve`, `The file is held by ${upstream.id}: upload it to another provider with \`x-alfred-provider\`.`);
  }
  return { ...route, price: route.price && shareOf(route.price, share) };
}
