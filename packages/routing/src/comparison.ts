import { RouteOperator as Operator, routeOperatorToJSON } from "@alfred/contracts";
import { RE2JS, RE2JSException } from "re2js";
import { RuleFault } from "./rule-fault.ts";

const OF_LISTS: ReadonlySet<Operator> = new Set([Operator.ROUTE_OPERATOR_IN, Operator.ROUTE_OPERATOR_NOT_IN]);

const MOST_VALUES = 100;
const LONGEST_VALUE = 256;
const NUMBER = /^-?\d{1,15}(?:\.\d{1,12})?$/;

/** A condition as far as it compares. */
interface Compared {
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** Makes a comparison with a value, the first of all. */
type Comparison<Value> = (value: Value, values: readonly Value[], at: string) => (found: Value) => boolean;

const TEXTS: ReadonlyMap<Operator, Comparison<string>> = new Map<Operator, Comparison<string>>([
  [Operator.ROUTE_OPERATOR_EQUALS, (value) => (text) => text === value],
  [Operator.ROUTE_OPERATOR_NOT_EQUALS, (value) => (text) => text !== value],
  [Operator.ROUTE_OPERATOR_IN, (_, values) => isAmong(values)],
  [Operator.ROUTE_OPERATOR_NOT_IN, (_, values) => isNotAmong(values)],
  [Operator.ROUTE_OPERATOR_PREFIX, (value) => (text) => text.startsWith(value)],
  [Operator.ROUTE_OPERATOR_SUFFIX, (value) => (text) => text.endsWith(value)],
  [Operator.ROUTE_OPERATOR_CONTAINS, (value) => (text) => text.includes(value)],
  [Operator.ROUTE_OPERATOR_MATCHES, (value, _, at) => pattern(value, at)],
]);

const NUMBERS: ReadonlyMap<Operator, Comparison<number>> = new Map<Operator, Comparison<number>>([
  [Operator.ROUTE_OPERATOR_EQUALS, (value) => (number) => number === value],
  [Operator.ROUTE_OPERATOR_NOT_EQUALS, (value) => (number) => number !== value],
  [Operator.ROUTE_OPERATOR_IN, (_, values) => isAmong(values)],
  [Operator.ROUTE_OPERATOR_NOT_IN, (_, values) => isNotAmong(values)],
  [Operator.ROUTE_OPERATOR_GREATER, (value) => (number) => number > value],
  [Operator.ROUTE_OPERATOR_LESS, (value) => (number) => number < value],
]);

/** Compares texts. @throws RuleFault */
export function compareTexts(compared: Compared, at: string): (text: string) => boolean {
  const [first, values] = checkValues(compared, at);
  return comparisonOf(TEXTS, compared.operator, "a text", at)(first, values, at);
}

/** Compares numbers; what is not known compares with nothing. @throws RuleFault */
export function compareNumbers(compared: Compared, at: string): (number: number | undefined) => boolean {
  const [, texts] = checkValues(compared, at);
  const numbers = texts.map((value, index) => numberOf(value, `${at}.values[${index}]`));
  const test = comparisonOf(NUMBERS, compared.operator, "a number", at)(numbers[0] ?? 0, numbers, at);
  return (number) => number !== undefined && test(number);
}

function comparisonOf<Value>(comparisons: ReadonlyMap<Operator, Comparison<Value>>, operator: Operator, what: string, at: string): Comparison<Value> {
  const comparison = comparisons.get(operator);
  if (comparison !== undefined) return comparison;
  const names = comparisons.keys().map(routeOperatorToJSON).toArray();
  throw new RuleFault(`${at}.operator`, `not an operator for ${what}`, `Use one of ${names.join(", ")}.`);
}

function checkValues({ operator, values }: Compared, at: string): [first: string, all: readonly string[]] {
  const most = OF_LISTS.has(operator) ? MOST_VALUES : 1;
  const [first] = values;
  if (first === undefined || values.length > most) throw new RuleFault(`${at}.values`, `${values.length} values`, most === 1 ? "State one value." : `State 1 to ${most} values.`);
  for (const [index, value] of values.entries()) {
    if (value.length > LONGEST_VALUE) throw new RuleFault(`${at}.values[${index}]`, `longer than ${LONGEST_VALUE} characters`, "State a shorter value.");
  }
  return [first, values];
}

function isAmong<Value>(values: readonly Value[]): (found: Value) => boolean {
  const known = new Set(values);
  return (found) => known.has(found);
}

function isNotAmong<Value>(values: readonly Value[]): (found: Value) => boolean {
  const known = new Set(values);
  return (found) => !known.has(found);
}

function numberOf(value: string, at: string): number {
  if (NUMBER.test(value)) return Number(value);
  throw new RuleFault(at, "not a number", 'Use a decimal such as "1000" or "0.25".');
}

function pattern(value: string, at: string): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(value);
    return (text) => compiled.matcher(text).find();
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new RuleFault(`${at}.values[0]`, `not a regular expression: ${error.message}`, "Use RE2's syntax, which has neither look-around nor references.");
  }
}
