import { parseJson } from "@alfred/openai";
import { expect, test } from "vitest";
import { hasDoubleNames } from "./double-names.ts";

const isDouble = (text: string): boolean => hasDoubleNames(text, parseJson(text));

test.each([
  '{"a":1,"a":2}', '{"a":{"b":[{"c":1,\n"c" \t:2}]}}', '{"model":"m","\\u006dodel":"n"}', '{"":1,"":2}', '{"__proto__":1,"__proto__":2}', '{"\\\\":1,"\\\\":2}', '[{"a":12345678901234567890,"a":1}]',
])("a name that is said twice is found in %s", (text) => expect(isDouble(text)).toBe(true));

test.each([
  "{}", "null", '"a:"', '{"a":"a","b":"a"}', '{"a":"\\":","b":"\\\\"}', '{"a":{"a":{"a":[]}},"b":[{"a":1},{"a":1}]}', '{"a":12345678901234567890}', '{"__proto__":{"a":1}}', '{"a":"{\\"a\\":1,\\"a\\":2}"}',
])("none is in %s", (text) => expect(isDouble(text)).toBe(false));

test("a text that is nested deeply is looked through", () => {
  const depth = 50_000;
  expect(isDouble(`${'{"a":['.repeat(depth)}${"]}".repeat(depth)}`)).toBe(false);
});
