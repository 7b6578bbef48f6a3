import { RouteOperator as Operator, RouteRule } from "@alfred/contracts";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RequestFacts } from "./facts.ts";
import { RuleBook } from "./rule-book.ts";

const factsOf = (model: string, key: string): RequestFacts => ({
  model, key, user: "", team: "", organisation: "", tag: () => "", header: () => "", promptTokens: () => undefined, estimatedCostUsd: () => undefined, now: new Date(0),
});
const decided = (rules: readonly RouteRule[], model: string, key: string, skipped: ReadonlySet<string> = new Set()): string | undefined =>
  new RuleBook(rules).first(factsOf(model, key), ({ rule }) => (skipped.has(rule.id) ? undefined : rule.id));

const ruleOf = (fields: Partial<RouteRule>): RouteRule => ({ ...RouteRule.create(), fallbacks: ["m"], ...fields });

const IDS = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
const model = fc.constantFrom("a", "b", "c");
const condition: fc.Arbitrary<RouteRule["conditions"][number]> = fc.oneof(
  fc.record({ field: fc.constant("model"), operator: fc.constant(Operator.ROUTE_OPERATOR_EQUALS), values: fc.array(model, { minLength: 1, maxLength: 1 }) }),
  fc.record({ field: fc.constant("model"), operator: fc.constant(Operator.ROUTE_OPERATOR_IN), values: fc.array(model, { minLength: 1, maxLength: 3 }) }),
  fc.record({ field: fc.constant("model"), operator: fc.constant(Operator.ROUTE_OPERATOR_NOT_EQUALS), values: fc.array(model, { minLength: 1, maxLength: 1 }) }),
  fc.record({ field: fc.constant("key"), operator: fc.constant(Operator.ROUTE_OPERATOR_EQUALS), values: fc.array(model, { minLength: 1, maxLength: 1 }) }),
);
const rules = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(...IDS),
    priority: fc.integer({ min: -1, max: 1 }),
    enabled: fc.constantFrom(true, true, false, undefined),
    conditions: fc.array(condition, { maxLength: 2 }),
  }),
  { selector: ({ id }) => id },
).map((each) => each.map(ruleOf));

/** What the contract says, without an index. */
function first(all: readonly RouteRule[], facts: RequestFacts, skipped: ReadonlySet<string>): string | undefined {
  const holds = ({ field, operator, values }: RouteRule["conditions"][number]): boolean => {
    const isAmong = values.includes(field === "model" ? facts.model : facts.key);
    return operator === Operator.ROUTE_OPERATOR_NOT_EQUALS ? !isAmong : isAmong;
  };
  const order = all.filter(({ enabled }) => enabled !== false).toSorted((left, right) => left.priority - right.priority || (left.id < right.id ? -1 : 1));
  return order.find(({ id, conditions }) => conditions.every(holds) && !skipped.has(id))?.id;
}

test("the first rule by priority and id decides, whatever the order in which they came", () => {
  const asked = rules.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), model, model, fc.array(fc.constantFrom(...IDS), { maxLength: 3 })));
  fc.assert(fc.property(asked, ([all, shuffled, name, key, skips]) => {
    const skipped = new Set(skips);
    const expected = first(all, factsOf(name, key), skipped);
    expect(decided(all, name, key, skipped)).toBe(expected);
    expect(decided(shuffled, name, key, skipped)).toBe(expected);
  }), { numRuns: 1_000 });
});

test("a rule that cannot be used is told of and passed over", () => {
  const broken = ruleOf({ id: "broken", conditions: [{ field: "colour", operator: Operator.ROUTE_OPERATOR_EQUALS, values: ["red"] }] });
  const faults: string[] = [];
  const book = new RuleBook([broken], ({ id }, { field }) => faults.push(`${id}: ${field}`));
  expect([faults, book.isEmpty]).toEqual([["broken: conditions[0].field"], true]);
});
