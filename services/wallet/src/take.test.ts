import { expect, it } from "vitest";
import { takeFirst } from "./take.ts";

/** Counts the entries that are looked at. */
class CountingMap extends Map<number, string> {
  looks = 0;

  override *entries(): MapIterator<[number, string]> {
    for (const entry of super.entries()) {
      this.looks += 1;
      yield entry;
    }
  }

  override [Symbol.iterator](): MapIterator<[number, string]> {
    return this.entries();
  }
}

it("takes the oldest entries of a map without looking at the rest", () => {
  const waiting = new CountingMap(Array.from({ length: 10_000 }, (_, index) => [index, `path ${index}`]));
  expect(takeFirst(waiting, 2)).toEqual([[0, "path 0"], [1, "path 1"]]);
  expect(waiting.size).toBe(9_998);
  expect(takeFirst(waiting, 200)).toHaveLength(200);
  expect(waiting.looks).toBe(202);
  expect(takeFirst(new Map([["a", 1]]), 200)).toEqual([["a", 1]]);
});
