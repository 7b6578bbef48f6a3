import { type RouteCondition, RouteOperator as Operator, RouteRule, RouteStrategy, type RouteTarget } from "@alfred/contracts";
import { describe, expect, test } from "vitest";
import type { RequestFacts } from "./facts.ts";
import { RuleFault } from "./rule-fault.ts";
import { compileRule } from "./rule.ts";

const FACTS: RequestFacts = {
  model: "gpt-4o", key: "key_1", user: "user_1", team: "", organisation: "org_1",
  tag: (name) => (name === "feature" ? "search" : ""),
  header: (name) => (name === "x-alfred-route-tier" ? "gold" : ""),
  promptTokens: () => 1_000,
  estimatedCostUsd: () => undefined,
  // A Sunday.
  now: new Date("2026-11-22T23:59:00Z"),
};

type Name = "EQUALS" | "NOT_EQUALS" | "IN" | "NOT_IN" | "PREFIX" | "SUFFIX" | "CONTAINS" | "MATCHES" | "GREATER" | "LESS";
type Short = readonly [field: string, operator: Name, ...values: string[]];

const conditionOf = ([field, operator, ...values]: Short): RouteCondition => ({ field, operator: Operator[`ROUTE_OPERATOR_${operator}`], values });
const ruleOf = (fields: Partial<RouteRule>): RouteRule => ({ ...RouteRule.create({ id: "r" }), fallbacks: ["gpt-4o"], ...fields });
const target = (model: string, weight?: number): RouteTarget => ({ model, weight });
const holds = (...conditions: Short[]): boolean => compileRule(ruleOf({ conditions: conditions.map(conditionOf) })).appliesTo(FACTS);

function faultOf(fields: Partial<RouteRule>): string {
  try {
    compileRule(ruleOf(fields));
  } catch (error) {
    if (error instanceof RuleFault) return error.field;
    throw error;
  }
  return "";
}

describe("a condition", () => {
  test.each<[Short, boolean]>([
    [["model", "EQUALS", "gpt-4o"], true],
    [["model", "EQUALS", "GPT-4o"], false],
    [["model", "NOT_EQUALS", "gpt-4o"], false],
    [["key", "IN", "key_2", "key_1"], true],
    [["key", "NOT_IN", "key_2", "key_1"], false],
    [["user", "PREFIX", "user_"], true],
    [["organisation", "SUFFIX", "_1"], true],
    [["organisation", "CONTAINS", "rg"], true],
    [["team", "EQUALS", ""], true],
    [["team", "NOT_IN", "team_1"], true],
    [["model", "MATCHES", "^gpt-[45]"], true],
    [["model", "MATCHES", "4o"], true],
    [["model", "MATCHES", "^4o"], false],
    [["tag:feature", "EQUALS", "search"], true],
    [["tag:stage", "EQUALS", "prod"], false],
    [["header:x-alfred-route-tier", "IN", "gold", "silver"], true],
    [["prompt_tokens", "GREATER", "999"], true],
    [["prompt_tokens", "GREATER", "1000"], false],
    [["prompt_tokens", "LESS", "1000.5"], true],
    [["prompt_tokens", "EQUALS", "1000.0"], true],
    [["estimated_cost_usd", "LESS", "1"], false],
    [["estimated_cost_usd", "NOT_EQUALS", "1"], false],
    [["hour", "EQUALS", "23"], true],
    [["weekday", "IN", "6", "7"], true],
    [["weekday", "NOT_IN", "6", "7"], false],
    [["weekday", "LESS", "8"], true],
    [["hour", "GREATER", "-1"], true],
  ])("%j holds: %s", (condition, expected) => expect(holds(condition)).toBe(expected));

  test("is one of several that must all hold", () => {
    expect(holds()).toBe(true);
    expect(holds(["model", "EQUALS", "gpt-4o"], ["key", "EQUALS", "key_1"])).toBe(true);
    expect(holds(["model", "EQUALS", "gpt-4o"], ["key", "EQUALS", "key_2"])).toBe(false);
  });

  test("on a candidate is asked of each", () => {
    const rule = compileRule(ruleOf({ conditions: [conditionOf(["region", "EQUALS", "eu"]), conditionOf(["health", "EQUALS", "healthy"])] }));
    expect(rule.appliesTo(FACTS)).toBe(true);
    const admitted = [{ region: "eu", isCooling: false }, { region: "us", isCooling: false }, { region: "eu", isCooling: true }].map((each) => rule.admits(each));
    expect(admitted).toEqual([true, false, false]);
  });

  test("with a pattern takes no longer than the text is long", () => {
    const rule = compileRule(ruleOf({ conditions: [conditionOf(["model", "MATCHES", "(a+)+$"])] }));
    expect(rule.appliesTo({ ...FACTS, model: `${"a".repeat(200_000)}b` })).toBe(false);
  });
});

describe("a rule", () => {
  const condition = (...short: Short) => ({ conditions: [conditionOf(short)] });
  test.each<[string, Partial<RouteRule>]>([
    ["conditions[0].field", condition("colour", "EQUALS", "red")],
    ["conditions[0].field", condition("header:authorization", "EQUALS", "x")],
    ["conditions[0].operator", { conditions: [{ field: "model", operator: 0, values: ["x"] }] }],
    ["conditions[0].operator", { conditions: [{ field: "model", operator: 99 as Operator, values: ["x"] }] }],
    ["conditions[0].operator", condition("model", "GREATER", "1")],
    ["conditions[0].operator", condition("hour", "PREFIX", "1")],
    ["conditions[0].values", condition("model", "EQUALS", "a", "b")],
    ["conditions[0].values", condition("model", "IN")],
    ["conditions[0].values[0]", condition("hour", "EQUALS", "noon")],
    ["conditions[0].values[0]", condition("hour", "EQUALS", "24")],
    ["conditions[0].values[0]", condition("hour", "NOT_EQUALS", "1.5")],
    ["conditions[0].values[1]", condition("weekday", "IN", "6", "0")],
    ["conditions[0].values[0]", condition("weekday", "NOT_IN", "8")],
    ["conditions[0].values[0]", condition("health", "EQUALS", "open")],
    ["conditions[0].values[1]", condition("health", "IN", "healthy", "half_open")],
    ["conditions[0].values[0]", condition("model", "MATCHES", "(?=x)")],
    ["conditions[0].values[0]", condition("model", "MATCHES", "(x{1000}){1000}")],
    ["conditions[0].values[0]", condition("model", "EQUALS", "x".repeat(257))],
    ["conditions", { conditions: Array.from({ length: 17 }, () => conditionOf(["model", "EQUALS", "x"])) }],
    ["priority", { priority: 1_000_001 }],
    ["strategy", { strategy: 9 as RouteStrategy }],
    ["targets[0].model", { targets: [target("gpt-*")] }],
    ["targets[1].weight", { targets: [target("a"), target("b", 1_001)] }],
    ["targets", { targets: Array.from({ length: 17 }, () => target("a")) }],
    ["targets", { fallbacks: [] }],
    ["conditions[0].field", { fallbacks: [], ...condition("colour", "EQUALS", "red") }],
    ["fallbacks[0]", { fallbacks: ["two words"] }],
    ["deny", { deny: "No." }],
    ["deny", { deny: "No.", fallbacks: [], ...condition("region", "EQUALS", "eu") }],
    ["deny", { deny: "x".repeat(257), fallbacks: [] }],
  ])("is refused for its %s: %j", (field, fields) => expect(faultOf(fields)).toBe(field));

  test("may only say which candidates, how one is chosen, what comes after, or that there is none", () => {
    const alone = [condition("region", "EQUALS", "eu"), { strategy: RouteStrategy.ROUTE_STRATEGY_FASTEST }, { deny: "No." }];
    expect(alone.map((fields) => faultOf({ fallbacks: [], ...fields }))).toEqual(["", "", ""]);
  });
});
