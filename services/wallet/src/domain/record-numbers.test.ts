import { array, assert, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { hasAllUpTo, hasRecord, NO_RECORDS, withRecord } from "./record-numbers.ts";

const among = integer({ min: 1, max: 20 });

test("numbers are as many ranges as there are gaps, in whatever order they come, and however often", () => {
  assert(property(array(among), (come) => {
    const numbers = come.reduce(withRecord, NO_RECORDS);
    const distinct = [...new Set(come)].toSorted((one, other) => one - other);
    const firsts = distinct.filter((number) => !distinct.includes(number - 1));
    const lasts = distinct.filter((number) => !distinct.includes(number + 1));
    expect(numbers).toEqual(firsts.map((first, index) => [first, lasts[index]]));
    for (let number = 0; number <= 21; number += 1) expect(hasRecord(numbers, number)).toBe(distinct.includes(number));
  }));
});

test("all are there once no number is missing from 1 on", () => {
  const numbers = [1, 2, 4].reduce(withRecord, NO_RECORDS);
  expect([0, 1, 2, 3, 4].map((count) => hasAllUpTo(numbers, count))).toEqual([true, true, true, false, false]);
  expect(hasAllUpTo(withRecord(numbers, 3), 4)).toBe(true);
});
