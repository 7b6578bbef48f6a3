import { array, assert, constantFrom, json, nat, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonFault } from "./json-fault.ts";

describe("the place where a text stops being JSON", () => {
  test.each([
    ["", 1, 1, "a value"],
    ['{"secret": sk-1}', 1, 12, "a value"],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, "`,` or `}`"],
    ["{a: 1}", 1, 2, 'a name in `"` or `}`'],
    ['{"a": 1, }', 1, 10, 'a name in `"`'],
    ['{"a" 1}', 1, 6, "`:`"],
    ["[,]", 1, 2, "a value or `]`"],
    ["[1 2]", 1, 4, "`,` or `]`"],
    ["[1,", 1, 4, "a value"],
    ["{} {}", 1, 4, "nothing more"],
    ["[01]", 1, 3, "`,` or `]`"],
    ['{"a": "b', 1, 9, 'the rest of a string, and `"`'],
    ['"a\nb"', 1, 3, 'the rest of a string, and `"`'],
    ['["\\x"]', 1, 3, 'the rest of a string, and `"`'],
  ])("%j: line %i, column %i, where %s was expected", (text, line, column, expected) => {
    expect(jsonFault(text)).toEqual({ line, column, expected });
  });

  test("is there exactly where the parser refuses the text", () => {
    const edit = record({ at: nat(200), cut: nat(3), put: constantFrom("", '"', "{", "}", "[", "]", ",", ":", "\\", "\n", "0", "-", "e", ".", "t", "null", "\u0001") });
    assert(
      property(json(), array(edit, { maxLength: 3 }), (sound, edits) => {
        const text = edits.reduce((now, { at, cut, put }) => now.slice(0, at % (now.length + 1)) + put + now.slice((at % (now.length + 1)) + cut), sound);
        expect(jsonFault(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 3_000 },
    );
  });

  test("of a text that is nested deeply is found without recursion", () => {
    expect(jsonFault("[".repeat(200_000))).toEqual({ line: 1, column: 200_001, expected: "a value or `]`" });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
