import { bigInt, property, assert } from "fast-check";
import { expect, test } from "vitest";
import { formatUsd, parseUsd } from "./usd.ts";

test.each([
  ["10", 10_000_000_000n],
  ["10.5", 10_500_000_000n],
  ["0.000000001", 1n],
  ["0010.50", 10_500_000_000n],
  ["0", 0n],
  ["9223372036.854775807", 2n ** 63n - 1n],
])("%s dollars are %s nano-dollars", (text, nanos) => {
  expect(parseUsd(text)).toBe(nanos);
});

test.each(["", " 1", "-1", "+1", "1.", ".5", "1e3", "0.0000000001", "1,5", "$1", "Infinity", "١"])("%j is refused", (text) => {
  expect(() => parseUsd(text)).toThrow(RangeError);
});

test("more than int64 holds is refused, with the most that is held", () => {
  expect(() => parseUsd("9223372036.854775808")).toThrow("9223372036.854775807");
});

test.each([
  [10_000_000_000n, "10"],
  [10_500_000_000n, "10.5"],
  [1_250n, "0.00000125"],
  [0n, "0"],
  [-300_000_000n, "-0.3"],
])("%s nano-dollars are written as %s", (nanos, text) => {
  expect(formatUsd(nanos)).toBe(text);
});

test("what is written is read back, for every amount", () => {
  assert(property(bigInt({ min: 0n, max: 2n ** 63n - 1n }), (nanos) => parseUsd(formatUsd(nanos)) === nanos));
});
