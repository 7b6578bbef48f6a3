import { describe, expect, test } from "vitest";
import { countSimTokens, splitSimTokens } from "./tokens.ts";

describe("the token rule", () => {
  test.each([
    ["", 0],
    [" \n\t", 0],
    ["Hello, world!", 4],
    ["snake_case and 12_345", 3],
    ["a.b.c", 5],
    ["漢字 été 🙂", 3],
    ["x=漢y(", 4],
    ["\u0000nul\u007f", 1],
  ])("%j is %i tokens", (text, count) => {
    expect(countSimTokens(text)).toBe(count);
    expect(splitSimTokens(text)).toHaveLength(count);
  });

  test("pieces carry the white space before them and join to the text", () => {
    expect(splitSimTokens("  Hello, big\nworld \n")).toEqual(["  Hello", ",", " big", "\nworld \n"]);
  });

  test("a limit keeps the first pieces only", () => {
    expect(splitSimTokens("one two three", 2)).toEqual(["one", " two"]);
  });

  test("never counts more tokens than bytes", () => {
    for (const text of ["....", "é", "a b", "🙂🙂"]) expect(countSimTokens(text)).toBeLessThanOrEqual(Buffer.byteLength(text));
  });
});
