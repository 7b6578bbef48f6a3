import { createLogger } from "@alfred/telemetry";
import { expect, it } from "vitest";
import type { LeaseTotals } from "./domain/lease-totals.ts";
import { ExpirySweep } from "./expiry-sweep.ts";

const TOTALS: LeaseTotals = { held: [], suspense: [], overrun: [], open: 0, inSuspense: 0, oldestOpenMs: 0 };

it("looks for what expired again and again, and sums up all organisations only now and then", async () => {
  const thirdLook = Promise.withResolvers<void>();
  const count = { looks: 0, sums: 0 };
  const expired = () => {
    count.looks += 1;
    if (count.looks === 3) thirdLook.resolve();
    return Promise.resolve([]);
  };
  const read = () => {
    count.sums += 1;
    return Promise.resolve(TOTALS);
  };
  const metrics = { expired: () => undefined, totals: () => undefined };
  const operations = { submit: () => Promise.reject(new Error("nothing expired")) };
  await using sweep = new ExpirySweep({ leases: { expired }, totals: { read }, operations, metrics, now: Date.now, log: createLogger({ name: "test", level: "silent" }), everyMs: 1 });
  sweep.start();
  await thirdLook.promise;
  expect(count.sums).toBe(1);
});
