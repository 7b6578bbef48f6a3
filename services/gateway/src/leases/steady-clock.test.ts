import { expect, test } from "vitest";
import { createSteadyClock } from "./steady-clock.ts";

function clocks() {
  const times = { monotonicMs: 100, wallMs: 1_000_000 };
  return { times, now: createSteadyClock(() => times.monotonicMs, () => times.wallMs) };
}

test("a steady clock starts at the wall clock's time and follows the monotonic one", () => {
  const { times, now } = clocks();
  expect(now()).toBe(1_000_000);
  times.monotonicMs += 5;
  expect(now()).toBe(1_000_005);
});

test("a steady clock runs on while the machine sleeps", () => {
  const { times, now } = clocks();
  now();
  times.wallMs += 60_000;
  expect(now()).toBe(1_060_000);
});

test("a steady clock never goes back", () => {
  const { times, now } = clocks();
  now();
  times.wallMs -= 60_000;
  times.monotonicMs += 1;
  expect(now()).toBe(1_000_001);
});
