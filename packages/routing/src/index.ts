/**
 * Rules for routes: `checkRule` says what is wrong with one, `RuleBook` finds the first that a request meets. The directory
 * checks with the same code by which gateways decide.
 */
export type { RequestFacts, TargetFacts } from "./facts.ts";
export type { CompiledExperiment } from "./experiment.ts";
export { RuleFault } from "./rule-fault.ts";
export { type CompiledRule, compileRule } from "./rule.ts";
export { hasShadow } from "./shadow.ts";
export { RuleBook } from "./rule-book.ts";
