import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { countTokens as countOlder } from "gpt-tokenizer/encoding/cl100k_base";
import { describe, expect, test } from "vitest";
import { LONGEST_PIECE, LONGEST_RUN, piecesOf } from "./pieces.ts";
import { Tokenizer } from "./tokenizer.ts";

const LENGTH = 64 * 1024;

/** Text in which an encoding finds no boundary, besides words, in which it finds many. */
const INPUTS: readonly (readonly [string, string])[] = [
  ["words", "some words and more "],
  ["one letter", "a"],
  ["letters without spaces", "abcdefghijklmnopqrstuvwxyz"],
  ["spaces", " "],
  ["punctuation", "!?"],
  ["Chinese", "漢字"],
  ["characters of two halves", "👋🏽"],
  ["new lines after punctuation", `${"!".repeat(100)}${"\n".repeat(100)}`],
  ["marks on punctuation", "!\u0300"],
];

const of = (unit: string, length: number): string => unit.repeat(Math.ceil(length / unit.length)).slice(0, length).toWellFormed();

/** The longest stretch that the encoding would merge as a whole, in UTF-16 units. */
function longestMerge(text: string): number {
  const boundaries = / ?[\p{L}\p{M}]+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s+/gu;
  return Math.max(...Array.from(text.matchAll(boundaries), ([match]) => match.length));
}

describe("a long text", () => {
  test.each(INPUTS)("of %s is counted in pieces whose work is small", (_, unit) => {
    const text = of(unit, LENGTH);
    const pieces = [...piecesOf(text)].map((piece) => piece.text);
    expect(pieces.join("")).toBe(text);
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(LONGEST_PIECE);
    expect(Math.max(...pieces.map(longestMerge))).toBeLessThanOrEqual(2 * LONGEST_RUN + 1);
  });

  test("of words is cut where the encoding has a boundary", async () => {
    const text = of("some words and more ", LENGTH);
    expect(await new Tokenizer().count("gpt-4o", text)).toBe(countTokens(text));
  });

  test.each(INPUTS)("of %s is bounded from above", async (_, unit) => {
    const text = `Begin  ${of(unit, 2_000)}'re  end`;
    const tokenizer = new Tokenizer();
    expect(await tokenizer.countAtMost("gpt-4o", text)).toBeGreaterThanOrEqual(countTokens(text));
    expect(await tokenizer.countAtMost("gpt-4", text)).toBeGreaterThanOrEqual(countOlder(text));
  });

  test("lets others have their turn", async () => {
    const tokenizer = new Tokenizer();
    await tokenizer.count("gpt-4o", "x");
    const events: string[] = [];
    // Runs just short enough to stay whole.
    const dear = of(`${"漢字".repeat(63)} `, LENGTH);
    const counted = tokenizer.count("gpt-4o", dear).then(() => events.push("counted"));
    setImmediate(() => events.push("turn"));
    await counted;
    expect(events).toEqual(["turn", "counted"]);
  });
});
