import { array, assert, bigInt, integer, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { decimalToRate, sumCost } from "./rate.ts";
import type { CostComponent } from "./rate.ts";

const component = record({
  quantity: bigInt({ min: 0n, max: 10n ** 9n }),
  rate: record({ nanos: bigInt({ min: 0n, max: 10n ** 13n }), per: bigInt({ min: 1n, max: 10n ** 7n }) }),
});
const components = array(component, { maxLength: 8 });

/** Whether `sum` is the least whole number that is not below the exact fraction. */
function isRoundedUp(sum: bigint, parts: readonly CostComponent[]): boolean {
  const per = parts.reduce((product, { rate }) => product * rate.per, 1n);
  const exact = parts.reduce((total, { quantity, rate }) => total + quantity * rate.nanos * (per / rate.per), 0n);
  return sum * per >= exact && (sum - 1n) * per < exact;
}

describe("a sum of costs", () => {
  test("is rounded up once, not per component", () => {
    const third = { quantity: 1n, rate: { nanos: 1n, per: 3n } };
    expect(sumCost([third])).toBe(1n);
    expect(sumCost([third, third, third])).toBe(1n);
    expect(sumCost([third, third, third, third])).toBe(2n);
  });

  test("is exact over different denominators", () => {
    expect(sumCost([{ quantity: 1n, rate: { nanos: 1n, per: 2n } }, { quantity: 1n, rate: { nanos: 1n, per: 2_000_000n } }])).toBe(1n);
    expect(sumCost([])).toBe(0n);
  });

  test("is exact where a float is not", () => {
    const one = { nanos: 1n, per: 1n };
    expect(sumCost([{ quantity: 2n ** 53n, rate: one }, { quantity: 1n, rate: one }])).toBe(2n ** 53n + 1n);
    const tenths = [1n, 2n, 3n, 4n].map((nanos) => ({ quantity: 1n, rate: { nanos, per: 10n } }));
    expect(sumCost(tenths)).toBe(1n);
  });

  test("is the exact fraction rounded up, for all components", () => {
    assert(property(components, (parts) => isRoundedUp(sumCost(parts), parts)));
  });

  test("does not depend on the order", () => {
    assert(property(components, (parts) => sumCost(parts) === sumCost(parts.toReversed())));
  });

  test.each([
    { quantity: -1n, rate: { nanos: 1n, per: 1n } },
    { quantity: 1n, rate: { nanos: -1n, per: 1n } },
    { quantity: 1n, rate: { nanos: 1n, per: 0n } },
  ])("refuses what is no cost", (part) => {
    expect(() => sumCost([part])).toThrow(RangeError);
  });
});

describe("a price from decimal text", () => {
  test.each([
    ["0.15", 150_000_000n, 1_000_000n],
    ["3", 3_000_000_000n, 1_000_000n],
    ["0.0375", 37_500_000n, 1_000_000n],
    ["3e-8", 30n, 1_000_000n],
    ["1.5E2", 150_000_000_000n, 1_000_000n],
    ["0.0000000001", 1n, 10_000_000n],
    ["0.00000000010", 1n, 10_000_000n],
    ["0.100000000000", 100_000_000n, 1_000_000n],
    ["0", 0n, 1_000_000n],
  ])("%s dollars per million are %s nano-dollars per %s", (text, nanos, per) => {
    expect(decimalToRate(text)).toEqual({ nanos, per });
  });

  test("keeps the quantity it is for", () => {
    expect(decimalToRate("0.006", 60n)).toEqual({ nanos: 6_000_000n, per: 60n });
  });

  test("is exact for every decimal", () => {
    assert(
      property(bigInt({ min: 0n, max: 10n ** 18n }), integer({ min: 0, max: 18 }), (digits, places) => {
        const text = String(digits).padStart(places + 1, "0");
        const split = text.length - places;
        const { nanos, per } = decimalToRate(places === 0 ? text : `${text.slice(0, split)}.${text.slice(split)}`);
        return nanos * 10n ** BigInt(places) * 1_000_000n === digits * 10n ** 9n * per;
      }),
    );
  });

  test.each(["", "-1", ".5", "1.", "1e", "NaN", "1e9999", "1 "])("%j is refused", (text) => {
    expect(() => decimalToRate(text)).toThrow(RangeError);
  });
});
