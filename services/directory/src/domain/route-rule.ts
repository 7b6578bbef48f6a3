/** Rules for routes: what they may say is `@alfred/routing`'s to know. */
import { type PutRouteRuleRequest, type RouteRule, RouteRuleSource } from "@alfred/contracts";
import { compileRule, RuleFault } from "@alfred/routing";

import { invalid } from "./refusal.ts";

/** Most rules that there may be: gateways look at many of them for each request. */
export const MOST_RULES = 5_000;

/** A rule's id: 1 to 64 characters of a-z, 0-9, ".", "_" and "-". */
export function routeRuleId(value: string): string {
  if (/^[a-z0-9._-]{1,64}$/.test(value)) return value;
  throw invalid("rule_id", "not an id of a rule", 'Use 1 to 64 characters of a-z, 0-9, ".", "_" and "-", as "long-prompts".');
}

/** The rule that is asked for, as a call puts it. Errors: INVALID_ARGUMENT, with the field that is wrong. */
export function routeRule({ ruleId, priority, enabled = true, conditions, targets, strategy, fallbacks, deny, experiment, shadow }: PutRouteRuleRequest, now: Date): RouteRule {
  const rule = { id: routeRuleId(ruleId), priority, enabled, conditions, targets, strategy, fallbacks, deny, experiment, shadow, version: 0n, updateTime: now, source: RouteRuleSource.ROUTE_RULE_SOURCE_API };
  try {
    return compileRule(rule).rule;
  } catch (error) {
    if (error instanceof RuleFault) throw invalid(error.field, error.message, error.hint);
    throw error;
  }
}
