import { type RouteCondition, RouteOperator as Operator, type RouteRule, RouteStrategy } from "@alfred/contracts";
import { checkModels } from "./checks.ts";
import { compareNumbers, compareTexts } from "./comparison.ts";
import { type CompiledExperiment, compileExperiment } from "./experiment.ts";
import { FIELD_NAMES, type Field, type RequestFacts, type TargetFacts, fieldOf } from "./facts.ts";
import { RuleFault } from "./rule-fault.ts";
import { checkShadow } from "./shadow.ts";

/** A rule that can be asked. */
export interface CompiledRule {
  readonly rule: RouteRule;
  /** The models that it can be for, where its conditions name them exactly. */
  readonly models: readonly string[] | undefined;
  /** Whether its conditions on a request hold. */
  appliesTo(facts: RequestFacts): boolean;
  /** Whether its conditions on a candidate hold. */
  admits(target: TargetFacts): boolean;
  /** How it divides requests among arms; undefined where it does not. */
  readonly experiment: CompiledExperiment | undefined;
}

const MOST_CONDITIONS = 16;
const LONGEST_DENIAL = 256;
const HIGHEST_PRIORITY = 1_000_000;

/** A rule as its conditions are asked. @throws RuleFault where it cannot be used */
export function compileRule(rule: RouteRule): CompiledRule {
  checkRule(rule);
  const ofRequest: ((facts: RequestFacts) => boolean)[] = [];
  const ofTarget: ((target: TargetFacts) => boolean)[] = [];
  for (const [index, condition] of rule.conditions.entries()) addCondition(condition, `conditions[${index}]`, ofRequest, ofTarget);
  // After its conditions: who tries one out hears what is wrong with it first.
  checkDeed(rule);
  return {
    rule,
    models: modelsOf(rule.conditions),
    appliesTo: (facts) => ofRequest.every((holds) => holds(facts)),
    admits: (target) => ofTarget.every((holds) => holds(target)),
    experiment: rule.experiment && compileExperiment(rule.experiment),
  };
}

function addCondition(condition: RouteCondition, at: string, ofRequest: ((facts: RequestFacts) => boolean)[], ofTarget: ((target: TargetFacts) => boolean)[]): void {
  const field = fieldOf(condition.field);
  if (field === undefined) throw new RuleFault(`${at}.field`, "not a field", `Use one of ${FIELD_NAMES}.`);
  if (field.kind === "number") {
    const compare = compareNumbers(condition, at);
    checkTaken(field, condition, at);
    ofRequest.push((facts) => compare(field.read(facts)));
    return;
  }
  const compare = compareTexts(condition, at);
  checkTaken(field, condition, at);
  if (field.kind === "text") ofRequest.push((facts) => compare(field.read(facts)));
  else ofTarget.push((target) => compare(field.read(target)));
}

const WHOLE: ReadonlySet<Operator> = new Set([Operator.ROUTE_OPERATOR_EQUALS, Operator.ROUTE_OPERATOR_NOT_EQUALS, Operator.ROUTE_OPERATOR_IN, Operator.ROUTE_OPERATOR_NOT_IN]);

/** A value that the field never has is a mistake: 0 for Sunday, "open" for a deployment that cools down. */
function checkTaken({ takes }: Field, { operator, values }: RouteCondition, at: string): void {
  if (takes === undefined || !WHOLE.has(operator)) return;
  const wrong = values.findIndex((value) => !takes.has(value));
  if (wrong >= 0) throw new RuleFault(`${at}.values[${wrong}]`, "never the case", takes.hint);
}

function checkRule(rule: RouteRule): void {
  const { priority, conditions, strategy } = rule;
  if (Math.abs(priority) > HIGHEST_PRIORITY) throw new RuleFault("priority", "out of range", `Use a number from -${HIGHEST_PRIORITY} to ${HIGHEST_PRIORITY}.`);
  if (conditions.length > MOST_CONDITIONS) throw new RuleFault("conditions", `${conditions.length} conditions`, `State at most ${MOST_CONDITIONS}.`);
  checkModels(rule, "");
  if (!(strategy >= RouteStrategy.ROUTE_STRATEGY_UNSPECIFIED && strategy <= RouteStrategy.ROUTE_STRATEGY_FASTEST)) {
    throw new RuleFault("strategy", "not a strategy", "Use one such as ROUTE_STRATEGY_WEIGHTED.");
  }
  if (rule.shadow !== undefined) checkShadow(rule.shadow, rule.experiment);
}

function checkDeed({ targets, strategy, fallbacks, deny, conditions, experiment, shadow }: RouteRule): void {
  const hasModels = targets.length > 0 || fallbacks.length > 0;
  const isRoute = hasModels || strategy !== RouteStrategy.ROUTE_STRATEGY_UNSPECIFIED || experiment !== undefined || shadow !== undefined;
  const choosesAmong = conditions.some(({ field }) => fieldOf(field)?.kind === "target");
  if (deny === "" && !isRoute && !choosesAmong) throw new RuleFault("targets", "the rule does nothing", "State targets, a strategy, fallbacks, an experiment, a shadow, or a message to deny with.");
  if (deny !== "" && (isRoute || choosesAmong)) throw new RuleFault("deny", "what is denied goes nowhere", "Leave out targets, strategy, fallbacks, experiment, shadow, and conditions on region or health.");
  if (experiment !== undefined && hasModels) throw new RuleFault("experiment", "its arms say where requests go", "Leave out the rule's targets and fallbacks; each arm has its own.");
  if (deny.length > LONGEST_DENIAL || /\p{Cc}/u.test(deny) || !deny.isWellFormed()) {
    throw new RuleFault("deny", "not a message", `Use at most ${LONGEST_DENIAL} characters on one line.`);
  }
}

const EXACT: ReadonlySet<Operator> = new Set([Operator.ROUTE_OPERATOR_EQUALS, Operator.ROUTE_OPERATOR_IN]);

function modelsOf(conditions: readonly RouteCondition[]): readonly string[] | undefined {
  return conditions.find(({ field, operator }) => field === "model" && EXACT.has(operator))?.values;
}
