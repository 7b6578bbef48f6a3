import { expect, test } from "vitest";
import { worth } from "./lease-stage.ts";
import { SpendRate } from "./spend-rate.ts";

test("the next two seconds are expected to be as the last two", () => {
  const rate = new SpendRate();
  expect(rate.horizon(5_000)).toEqual(worth(0));
  for (let nowMs = 10_000; nowMs < 13_000; nowMs += 100) rate.add(worth(10), nowMs);
  expect(rate.horizon(13_000)).toEqual(worth(200));
});

test("what was spent long ago says nothing", () => {
  const rate = new SpendRate();
  rate.add(worth(100), 10_000);
  expect(rate.horizon(13_000)).toEqual(worth(50));
  expect(rate.horizon(14_000)).toEqual(worth(0));
  rate.add(worth(10), 60_000);
  expect(rate.horizon(60_000)).toEqual(worth(10));
});
