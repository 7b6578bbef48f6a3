import { type AccountPath, type AppliedRouteRule, type AssignedArm, type RouteExperiment, type RouteRule, type RouteShadow, RouteStrategy, type RouteTarget } from "@alfred/contracts";
import { type AlfredError, fail } from "@alfred/errors";
import { type CompiledRule, hasShadow } from "@alfred/routing";
import { type OrderingParts, type Strategy, orderCandidates, standings } from "../domain/candidate-order.ts";
import { type Route, routesOf } from "../domain/route.ts";
import { routeToHolder } from "../stored/holder.ts";
import { AskedFacts, type Routable } from "./asked-facts.ts";
import type { Payer } from "./caller.ts";
import { findRoutes, requireAllowed } from "./find-route.ts";
import type { ExchangeParts } from "./parts.ts";

type ChoosingParts = Pick<ExchangeParts, "strategy" | "targets" | "random"> & { readonly feeds: Pick<ExchangeParts["feeds"], "routes" | "prices" | "modelLists" | "rules"> };

/** A choice under way: what is known, and by what candidates are put in order. */
interface Choice {
  readonly parts: ChoosingParts;
  readonly asked: Routable;
  readonly at: Date;
  readonly ordering: OrderingParts;
  readonly facts: AskedFacts;
}

/** Where a request can go. */
export interface ChosenRoutes {
  /** In the order in which that is tried. */
  readonly routes: readonly [Route, ...Route[]];
  /** The rule that says so; undefined where none applied. */
  readonly rule: AppliedRouteRule | undefined;
  /** The arm of that rule's experiment that it is in; undefined where there is none. */
  readonly arm: AssignedArm | undefined;
  /** The account that pays in the caller's place, and those above it; undefined where the caller does. */
  readonly account: AccountPath | undefined;
  /** Where a copy of it goes, too; undefined where none does. */
  readonly shadow: RouteShadow | undefined;
}

/**
 * Where a request can go, in the order in which that is tried: as the first rule says that applies, else where the model
 * that it names is served. Allowed are models by the name that was asked for, wherever a rule sends it. What goes on from
 * something that a provider keeps goes to that one alone, unless a rule denies it; one that is for other regions does not apply.
 *
 * @throws AlfredError MODEL_NOT_ALLOWED, also where a rule denies it; MODEL_NOT_FOUND, UNAVAILABLE; what `routeToHolder` throws
 */
export function chooseRoutes(parts: ChoosingParts, asked: Routable, payer: Payer, nowMs: number): ChosenRoutes {
  const chosen = chooseAny(parts, asked, payer, nowMs);
  if (asked.holder === undefined) return chosen;
  const route = routeToHolder(parts.feeds, chosen.routes, asked.model, asked.holder, new Date(nowMs));
  // What no rule sends there is in no experiment either; and nobody else knows what a copy would go on from.
  const byRule = chosen.routes.includes(route) ? chosen : { rule: undefined, arm: undefined, account: undefined };
  return { ...byRule, routes: [route], shadow: undefined };
}

function chooseAny(parts: ChoosingParts, asked: Routable, payer: Payer, nowMs: number): ChosenRoutes {
  const ruled = chooseByRule(parts, asked, payer, nowMs);
  if (ruled !== undefined) return ruled;
  const found = findRoutes(parts.feeds, payer.key, asked.model, new Date(nowMs));
  const routes = found.length === 1 ? found : (orderCandidates(found, orderingOf(parts, asked, nowMs)) as typeof found);
  return { routes, rule: undefined, arm: undefined, account: undefined, shadow: undefined };
}

/** Where the first rule that applies sends a request; undefined where none does. @throws AlfredError MODEL_NOT_ALLOWED, UNAVAILABLE */
export function chooseByRule(parts: ChoosingParts, asked: Routable, payer: Payer, nowMs: number): ChosenRoutes | undefined {
  const { feeds } = parts;
  requireAllowed(feeds, payer.key, asked.model);
  if (feeds.rules.isEmpty) return undefined;
  const at = new Date(nowMs);
  const choice = { parts, asked, at, ordering: orderingOf(parts, asked, nowMs), facts: new AskedFacts(feeds, asked, payer, at) };
  return feeds.rules.first(choice.facts, (rule) => routesBy(rule, choice));
}

function orderingOf({ strategy, targets, random }: ChoosingParts, { streamed }: Routable, nowMs: number): OrderingParts {
  return { strategy, targets, random, nowMs, streamed: streamed === true };
}

/** Where a rule sends a request; undefined where it leaves no candidate, by which it does not apply. */
function routesBy(compiled: CompiledRule, choice: Choice): ChosenRoutes | undefined {
  const { rule, experiment } = compiled;
  if (rule.deny !== "") throw denied(choice.asked.model, rule);
  if (!admitsHolder(compiled, choice)) return undefined;
  const { ordering, facts } = choice;
  const arm = experiment?.armOf(facts, () => nameOf(choice));
  const { targets, fallbacks } = arm ?? rule;
  const by = { ...ordering, strategy: STRATEGIES.get(rule.strategy) ?? ordering.strategy };
  const wanted = targets.length > 0 ? targets : [{ model: choice.asked.model, weight: undefined }];
  const groups = [wanted.flatMap((target) => routesTo(target, choice)), ...fallbacks.map((model) => servedBy(model, choice))];
  const standingOf = standings(ordering);
  const ordered = groups.flatMap((routes) => orderCandidates(routes.filter((route) => compiled.admits(factsOf(route, ordering))), by, standingOf));
  const distinct = [...new Map(ordered.map((route) => [`${route.upstream.id}/${route.model}`, route])).values()];
  // A fallback that works goes before a target that does not, or that has to recover.
  const [first, ...more] = distinct.toSorted((left, right) => standingOf(left) - standingOf(right));
  if (first === undefined) return undefined;
  const shadow = rule.shadow !== undefined && hasShadow(rule.shadow, choice.parts.random()) ? rule.shadow : undefined;
  const chosen = { routes: [first, ...more] as const, rule: { id: rule.id, version: rule.version }, shadow };
  if (rule.experiment === undefined || arm === undefined) return { ...chosen, arm: undefined, account: undefined };
  return { ...chosen, arm: { experiment: rule.experiment.name, arm: arm.name, shadowOf: "" }, account: accountOf(rule.experiment) };
}

/** What goes on from something has one candidate, so a rule that leaves that out by its region does not apply; health changes nothing about where it is kept. */
function admitsHolder(compiled: CompiledRule, { parts: { feeds }, asked: { holder } }: Choice): boolean {
  const upstream = holder && feeds.routes.providers.get(holder.providerId);
  return upstream === undefined || compiled.admits({ region: upstream.region ?? "", isCooling: false });
}

/** A request by itself: by the id that its client chose, so that a repetition of it goes where it went. */
function nameOf({ asked: { call }, parts: { random } }: Choice): string {
  return call?.requestId || String(random());
}

/** Who pays for an experiment. @throws AlfredError UNAVAILABLE where an account is named and it is not known which are above it */
function accountOf({ name, account, accountPath }: RouteExperiment): AccountPath | undefined {
  if (account === "" || accountPath !== undefined) return account === "" ? undefined : accountPath;
  throw fail("UNAVAILABLE", `The gateway does not know who pays for the experiment ${name}.`, { hint: "Set the rule once more." });
}

const STRATEGIES: ReadonlyMap<RouteStrategy, Strategy> = new Map([
  [RouteStrategy.ROUTE_STRATEGY_WEIGHTED, "weighted"],
  [RouteStrategy.ROUTE_STRATEGY_LEAST_BUSY, "least_busy"],
  [RouteStrategy.ROUTE_STRATEGY_CHEAPEST, "cheapest"],
  [RouteStrategy.ROUTE_STRATEGY_FASTEST, "fastest"],
]);

function servedBy(model: string, { parts: { feeds }, at }: Choice): readonly Route[] {
  return routesOf(feeds.routes, feeds.prices, model, at);
}

/** The deployments of a target share its weight by their own. */
function routesTo({ model, weight: ofTarget = 1 }: RouteTarget, choice: Choice): Route[] {
  const routes = servedBy(model, choice);
  const sum = routes.reduce((weights, { weight = 1 }) => weights + weight, 0);
  return routes.map(({ upstream, model: served, price, weight = 1 }) => ({ upstream, model: served, price, weight: (ofTarget * weight) / (sum || 1) }));
}

function factsOf({ upstream: { id, region = "" }, model }: Route, { targets, nowMs }: OrderingParts): { region: string; isCooling: boolean } {
  return { region, isCooling: targets.known(id, model)?.isCooling(nowMs) === true };
}

function denied(model: string, { id: rule, version, deny }: RouteRule): AlfredError {
  return fail("MODEL_NOT_ALLOWED", deny, {
    hint: "The operator of this gateway has set a rule against this request.",
    metadata: { model, rule, rule_version: String(version) },
  });
}
