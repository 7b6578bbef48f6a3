import { expect, test } from "vitest";
import { answerPace } from "./answer-pace.ts";

const quantities = [
  { meter: "input_tokens", quantity: 500n }, { meter: "output_tokens", quantity: 80n },
  { meter: "reasoning_tokens", quantity: 20n }, { meter: "requests", quantity: 1n },
];

test("the pace of an answer is its tokens, reasoning included, over the time from its first byte to its last", () => {
  expect(answerPace(quantities, 1_000, 3_000)).toBe(50);
  expect(answerPace(quantities, 1_000, 1_030)).toBe(3_333.333);
});

test.each([
  ["nothing came", quantities, undefined, undefined],
  ["it was not streamed", quantities, 1_000, undefined],
  ["all of it came at once", quantities, 1_000, 1_009],
  ["the clock was set back", quantities, 1_000, 900],
  ["nothing was written", [{ meter: "input_tokens", quantity: 5n }], 1_000, 3_000],
])("cannot be told where %s", (_, used, firstByteMs, lastByteMs) => {
  expect(answerPace(used, firstByteMs, lastByteMs)).toBeUndefined();
});
