import { expect, test } from "vitest";
import { TestMetering } from "./harness.ts";

const HOUR_MS = 3_600_000;

test("metering serves while it knows its keys, and not when it has not heard of them for too long", async () => {
  // The clock goes on by an hour to the real time, since deadlines are told in that.
  let behindMs = HOUR_MS;
  await using metering = await TestMetering.start({ now: () => Date.now() - behindMs });
  await expect.poll(() => metering.isServing(), { timeout: 10_000 }).toBe(true);
  behindMs = 0;
  await expect.poll(() => metering.isServing(), { timeout: 10_000 }).toBe(false);
});
