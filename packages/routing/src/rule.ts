import { type RouteCondition, RouteOperator as Operator, type RouteRule, RouteStrategy } from "@alfred/contracts";
import { compareNumbers, compareTexts } from "./comparison.ts";
import { FIELD_NAMES, type RequestFacts, type TargetFacts, fieldOf } from "./facts.ts";
import { RuleFault } from "./rule-fault.ts";

/** A rule that can be asked. */
export interface CompiledRule {
  readonly rule: RouteRule;
  /** The models that it can be for, where its conditions name them exactly. */
  readonly models: readonly string[] | undefined;
  /** Whether its conditions on a request hold. */
  appliesTo(facts: RequestFacts): boolean;
  /** Whether its conditions on a candidate hold. */
  admits(target: TargetFacts): boolean;
}

const MOST_CONDITIONS = 16;
const MOST_MODELS = 16;
const LONGEST_MODEL = 256;
const LONGEST_DENIAL = 256;
const HIGHEST_PRIORITY = 1_000_000;
const MOST_WEIGHT = 1_000;

/** A rule as its conditions are asked. @throws RuleFault where it cannot be used */
export function compileRule(rule: RouteRule): CompiledRule {
  checkRule(rule);
  const ofRequest: ((facts: RequestFacts) => boolean)[] = [];
  const ofTarget: ((target: TargetFacts) => boolean)[] = [];
  for (const [index, condition] of rule.conditions.entries()) addCondition(condition, `conditions[${index}]`, ofRequest, ofTarget);
  return {
    rule,
    models: modelsOf(rule.conditions),
    appliesTo: (facts) => ofRequest.every((holds) => holds(facts)),
    admits: (target) => ofTarget.every((holds) => holds(target)),
  };
}

function addCondition(condition: RouteCondition, at: string, ofRequest: ((facts: RequestFacts) => boolean)[], ofTarget: ((target: TargetFacts) => boolean)[]): void {
  const field = fieldOf(condition.field);
  if (field === undefined) throw new RuleFault(`${at}.field`, "not a field", `Use one of ${FIELD_NAMES}.`);
  if (field.kind === "number") {
    const compare = compareNumbers(condition, at);
    ofRequest.push((facts) => compare(field.read(facts)));
    return;
  }
  const compare = compareTexts(condition, at);
  if (field.kind === "text") ofRequest.push((facts) => compare(field.read(facts)));
  else ofTarget.push((target) => compare(field.read(target)));
}

function checkRule({ priority, conditions, targets, strategy, fallbacks, deny }: RouteRule): void {
  if (Math.abs(priority) > HIGHEST_PRIORITY) throw new RuleFault("priority", "out of range", `Use a number from -${HIGHEST_PRIORITY} to ${HIGHEST_PRIORITY}.`);
  if (conditions.length > MOST_CONDITIONS) throw new RuleFault("conditions", `${conditions.length} conditions`, `State at most ${MOST_CONDITIONS}.`);
  for (const [name, list] of Object.entries({ targets, fallbacks })) {
    if (list.length > MOST_MODELS) throw new RuleFault(name, `${list.length} models`, `State at most ${MOST_MODELS}.`);
  }
  for (const [index, { model, weight = 1 }] of targets.entries()) {
    checkModel(model, `targets[${index}].model`);
    if (!(weight >= 0 && weight <= MOST_WEIGHT)) throw new RuleFault(`targets[${index}].weight`, "not a weight", `Use a whole number from 0 to ${MOST_WEIGHT}.`);
  }
  for (const [index, model] of fallbacks.entries()) checkModel(model, `fallbacks[${index}]`);
  if (!(strategy >= RouteStrategy.ROUTE_STRATEGY_UNSPECIFIED && strategy <= RouteStrategy.ROUTE_STRATEGY_FASTEST)) {
    throw new RuleFault("strategy", "not a strategy", "Use one such as ROUTE_STRATEGY_WEIGHTED.");
  }
  checkDeed({ targets, strategy, fallbacks, deny, conditions });
}

function checkDeed({ targets, strategy, fallbacks, deny, conditions }: Pick<RouteRule, "targets" | "strategy" | "fallbacks" | "deny" | "conditions">): void {
  const isRoute = targets.length > 0 || fallbacks.length > 0 || strategy !== RouteStrategy.ROUTE_STRATEGY_UNSPECIFIED;
  const choosesAmong = conditions.some(({ field }) => fieldOf(field)?.kind === "target");
  if (deny === "" && !isRoute && !choosesAmong) throw new RuleFault("targets", "the rule does nothing", "State targets, a strategy, fallbacks, or a message to deny with.");
  if (deny !== "" && (isRoute || choosesAmong)) throw new RuleFault("deny", "what is denied goes nowhere", "Leave out targets, strategy, fallbacks, and conditions on region or health.");
  if (deny.length > LONGEST_DENIAL || /\p{Cc}/u.test(deny) || !deny.isWellFormed()) {
    throw new RuleFault("deny", "not a message", `Use at most ${LONGEST_DENIAL} characters on one line.`);
  }
}

function checkModel(model: string, at: string): void {
  if (/^[\x21-\x7e]+$/.test(model) && model.length <= LONGEST_MODEL && !model.includes("*")) return;
  throw new RuleFault(at, "not a model's name", 'Use a name as clients do, as "gpt-4o" or "openai/gpt-4o".');
}

const EXACT: ReadonlySet<Operator> = new Set([Operator.ROUTE_OPERATOR_EQUALS, Operator.ROUTE_OPERATOR_IN]);

function modelsOf(conditions: readonly RouteCondition[]): readonly string[] | undefined {
  return conditions.find(({ field, operator }) => field === "model" && EXACT.has(operator))?.values;
}
