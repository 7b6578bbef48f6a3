/** Rules for routes as the configuration file has them: what calls say, by the same names. */
import {
  type ExperimentArm, PutRouteRuleRequest, type RouteCondition, type RouteExperiment, RouteOperator, RouteRuleSource, type RouteShadow, RouteStrategy, type RouteTarget,
  routeOperatorFromJSON, routeStrategyFromJSON,
} from "@alfred/contracts";
import { AlfredError } from "@alfred/errors";

import { invalid } from "../domain/refusal.ts";
import { routeRule } from "../domain/route-rule.ts";
import type { ConfigFileProblem } from "./config-file-error.ts";
import type { GivenRule } from "./given.ts";
import type { YamlField } from "./yaml-field.ts";

const FIELDS = ["priority", "enabled", "conditions", "targets", "strategy", "fallbacks", "deny", "experiment", "shadow"];

/** A rule; undefined where it cannot be used, which is noted. */
export function parseRouteRule(id: string, field: YamlField, problems: readonly ConfigFileProblem[]): GivenRule | undefined {
  const before = problems.length;
  const fields = field.record(FIELDS);
  const request = PutRouteRuleRequest.create({
    ruleId: id,
    priority: wholeOf(fields.get("priority")) ?? 0,
    enabled: fields.get("enabled")?.flag(),
    conditions: listOf(fields.get("conditions"), "conditions", parseCondition),
    targets: listOf(fields.get("targets"), "targets", parseTarget),
    strategy: fields.get("strategy")?.text(strategyOf) || RouteStrategy.ROUTE_STRATEGY_UNSPECIFIED,
    fallbacks: listOf(fields.get("fallbacks"), "models", textOf),
    deny: textOf(fields.get("deny")),
    experiment: parseExperiment(fields.get("experiment")),
    shadow: parseShadow(fields.get("shadow")),
  });
  if (problems.length > before) return undefined;
  try {
    const rule = { ...routeRule(request, new Date(0)), source: RouteRuleSource.ROUTE_RULE_SOURCE_FILE };
    return { rule, at: field.place };
  } catch (error) {
    if (!(error instanceof AlfredError)) throw error;
    field.note(`${error.message} ${error.hint}`);
    return undefined;
  }
}

function parseCondition(field: YamlField): RouteCondition {
  const fields = field.record(["field", "operator", "values"]);
  return {
    field: textOf(fields.get("field")),
    operator: fields.get("operator")?.text(operatorOf) || RouteOperator.ROUTE_OPERATOR_UNSPECIFIED,
    values: listOf(fields.get("values"), "values", (each) => each.word()),
  };
}

function parseTarget(field: YamlField): RouteTarget {
  const fields = field.record(["model", "weight"]);
  return { model: textOf(fields.get("model")), weight: wholeOf(fields.get("weight")) };
}

function parseExperiment(field: YamlField | undefined): RouteExperiment | undefined {
  if (field === undefined) return undefined;
  const fields = field.record(["name", "arms", "sticky_by", "account"]);
  return {
    name: textOf(fields.get("name")),
    arms: listOf(fields.get("arms"), "arms", parseArm),
    stickyBy: textOf(fields.get("sticky_by")),
    account: textOf(fields.get("account")),
    accountPath: undefined,
  };
}

function parseArm(field: YamlField): ExperimentArm {
  const fields = field.record(["name", "weight", "targets", "fallbacks"]);
  return {
    name: textOf(fields.get("name")),
    weight: wholeOf(fields.get("weight")),
    targets: listOf(fields.get("targets"), "targets", parseTarget),
    fallbacks: listOf(fields.get("fallbacks"), "models", textOf),
  };
}

function parseShadow(field: YamlField | undefined): RouteShadow | undefined {
  if (field === undefined) return undefined;
  const fields = field.record(["experiment", "arm", "model", "share_ppm", "account"]);
  return {
    experiment: textOf(fields.get("experiment")),
    arm: textOf(fields.get("arm")),
    model: textOf(fields.get("model")),
    sharePpm: wholeOf(fields.get("share_ppm")),
    account: textOf(fields.get("account")),
    accountPath: undefined,
  };
}

function listOf<Value>(field: YamlField | undefined, what: string, read: (each: YamlField) => Value): Value[] {
  return field?.items(what).map(read) ?? [];
}

function textOf(field: YamlField | undefined): string {
  return field?.text(String) ?? "";
}

function wholeOf(field: YamlField | undefined): number | undefined {
  return field?.number((value) => {
    if (Number.isInteger(value)) return value;
    throw invalid("number", "not a whole number", "Leave out what follows the point.");
  });
}

/** "equals", as "ROUTE_OPERATOR_EQUALS". */
function operatorOf(name: string): RouteOperator {
  const operator = routeOperatorFromJSON(nameOf(name, "ROUTE_OPERATOR_"));
  if (operator > RouteOperator.ROUTE_OPERATOR_UNSPECIFIED) return operator;
  throw invalid("operator", "not an operator", "Use one such as equals, not_equals, in, not_in, prefix, suffix, contains, matches, greater or less.");
}

function strategyOf(name: string): RouteStrategy {
  const strategy = routeStrategyFromJSON(nameOf(name, "ROUTE_STRATEGY_"));
  if (strategy > RouteStrategy.ROUTE_STRATEGY_UNSPECIFIED) return strategy;
  throw invalid("strategy", "not a strategy", "Use weighted, least_busy, cheapest or fastest.");
}

function nameOf(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name : `${prefix}${name.toUpperCase()}`;
}
