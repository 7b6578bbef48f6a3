import { describe, expect, test } from "vitest";
import { dividedCharge } from "./hold.ts";

const of = (nanos: bigint, tokens: bigint) => ({ nanos, tokens });

describe("a cost divided among holds", () => {
  test("fills one after the other, each unit by itself", () => {
    expect(dividedCharge(of(12n, 3n), [of(10n, 5n), of(4n, 5n)])).toEqual([of(10n, 3n), of(2n, 0n)]);
  });

  test("goes to the first as far as it is beyond them all", () => {
    expect(dividedCharge(of(20n, 20n), [of(10n, 5n), of(4n, 5n)])).toEqual([of(16n, 15n), of(4n, 5n)]);
  });

  test("of one hold is the whole of it", () => {
    expect(dividedCharge(of(7n, 9n), [of(5n, 0n)])).toEqual([of(7n, 9n)]);
  });
});
