import type { ModelPrice } from "@alfred/contracts";
import { costOf } from "@alfred/money";
import type { Route } from "./route.ts";
import type { Target } from "./target.ts";
import type { Targets } from "./targets.ts";

/** How one of several deployments is chosen: by their weights, by who has least to do, costs least, or begins to answer first. */
export const STRATEGIES = ["weighted", "least_busy", "cheapest", "fastest"] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** What an order depends on besides the candidates. */
export interface OrderingParts {
  readonly strategy: Strategy;
  readonly targets: Targets;
  readonly streamed: boolean;
  readonly nowMs: number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/**
 * Candidates in the order in which they are to be called: first those that do not cool down, among them those of a weight
 * before those of none, then by the strategy, then by lot, in proportion to the weights. One that worked again only lately
 * is put off by lot, until it has its whole share. The same numbers drawn give the same order.
 */
export function orderCandidates(routes: readonly Route[], parts: OrderingParts, standingOf = standings(parts)): readonly Route[] {
  if (routes.length < 2) return routes;
  const ranked = routes.map((route) => ({ route, rank: rankOf(route, parts, standingOf) }));
  return ranked.toSorted((left, right) => compare(left.rank, right.rank)).map(({ route }) => route);
}

/** How candidates of one request stand, smaller first: 2 for one that cools down, 1 for one that is put off, since it did lately. Each is drawn for once. */
export function standings({ targets, nowMs, random }: OrderingParts): (route: Route) => number {
  const known = new Map<Target, number>();
  return ({ upstream, model }) => {
    const target = targets.known(upstream.id, model);
    if (target === undefined) return 0;
    return known.getOrInsertComputed(target, () => {
      if (target.isCooling(nowMs)) return 2;
      const share = target.share(nowMs);
      return Number(share < 1 && random() >= share);
    });
  };
}

/** What counts, the more important first; smaller goes first. */
type Rank = readonly [standing: number, isSpare: number, merit: number, lot: number];

function rankOf(route: Route, { strategy, targets, streamed, nowMs, random }: OrderingParts, standingOf: (route: Route) => number): Rank {
  const { upstream, model, weight = 1 } = route;
  const target = targets.known(upstream.id, model);
  const merit = (): number => {
    if (strategy === "least_busy") return target?.inFlight ?? 0;
    if (strategy === "cheapest") return nominalPrice(route.price);
    // Who was not heard of lately is tried, else nothing would ever be known of it.
    return strategy === "fastest" ? (target?.firstByteMs(streamed, nowMs) ?? 0) : 0;
  };
  // The smallest of such draws is each one's with the probability of its share of the weights.
  const lot = weight === 0 ? Infinity : -Math.log(1 - random()) / weight;
  return [standingOf(route), Number(weight === 0), merit(), lot];
}

function compare(left: Rank, right: Rank): number {
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? 0;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

const PROMPT = [{ meter: "input_tokens", quantity: 3_000n }];
const ANSWER = [{ meter: "output_tokens", quantity: 1_000n }];

/** What three tokens of a prompt and one of the answer cost, times a thousand; what has no price goes last. */
function nominalPrice(price: ModelPrice | undefined): number {
  if (price?.free === true) return 0;
  const prompt = price && costOf(price, PROMPT);
  if (price === undefined || prompt === undefined) return Infinity;
  // Embeddings have no answer to be priced.
  return Number(prompt + (costOf(price, ANSWER) ?? 0n));
}
