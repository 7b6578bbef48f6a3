import { expect, test } from "vitest";
import { parseJson } from "./json.ts";

const LARGE = "12345678901234567";

test("an integer that a double cannot hold is kept, wherever it stands", () => {
  for (let before = 0; before <= 40; before += 1) {
    const text = `{"a":"${"x".repeat(before)}","b":${LARGE}}`;
    expect(JSON.stringify(parseJson(text))).toBe(text);
  }
});

test("what is found fast is what is found by looking at each character", () => {
  const pieces = ["1", "12345678", LARGE.slice(1), ".", "-", "e"];
  const all = pieces.flatMap((one) => pieces.flatMap((two) => pieces.flatMap((three) => pieces.map((four) => [one, two, three, four]))));
  for (const row of all) {
    const text = JSON.stringify(row.join(""));
    expect(parseJson(text)).toBe(JSON.parse(text));
    const numbers = `[${row.filter((piece) => /^\d+$/.test(piece)).join(",")}]`;
    expect(JSON.stringify(parseJson(numbers))).toBe(numbers);
  }
});
