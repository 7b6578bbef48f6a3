import type { ModelPrice, NamePattern } from "@alfred/contracts";

/** Tells whether a name, already in small letters, means a model. */
export type NameTest = (name: string) => boolean;

/** The test of a price's aliases and patterns. Throws where a pattern has no rule or no valid expression. */
export function nameTest({ model, aliases, patterns }: Pick<ModelPrice, "model" | "aliases" | "patterns">): NameTest {
  const exact = new Set([model, ...aliases].map((name) => name.toLowerCase()));
  const tests = patterns.map(patternTest);
  return (name) => exact.has(name) || tests.some((test) => test(name));
}

function patternTest({ rule }: NamePattern): NameTest {
  if (rule === undefined) throw new TypeError("a name pattern has no rule");
  switch (rule.$case) {
    case "equals":
    case "startsWith":
    case "endsWith":
    case "contains":
      return textTest(rule.$case, rule.value.toLowerCase());
    case "regex": {
      const expression = new RegExp(rule.value);
      return (name) => expression.test(name);
    }
    case "allOf": {
      const tests = rule.value.patterns.map(patternTest);
      return (name) => tests.every((test) => test(name));
    }
    case "anyOf": {
      const tests = rule.value.patterns.map(patternTest);
      return (name) => tests.some((test) => test(name));
    }
  }
}

function textTest(kind: "equals" | "startsWith" | "endsWith" | "contains", text: string): NameTest {
  switch (kind) {
    case "equals":
      return (name) => name === text;
    case "startsWith":
      return (name) => name.startsWith(text);
    case "endsWith":
      return (name) => name.endsWith(text);
    case "contains":
      return (name) => name.includes(text);
  }
}
