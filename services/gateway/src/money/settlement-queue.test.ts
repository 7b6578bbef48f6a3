import { fail } from "@alfred/errors";
import { createLogger } from "@alfred/telemetry";
import { describe, expect, test } from "vitest";
import { SettlementQueue } from "./settlement-queue.ts";

function queueWithLog() {
  const lines: string[] = [];
  const queue = new SettlementQueue(createLogger({ name: "test", destination: { write: (line) => lines.push(line) } }));
  return { queue, lines };
}

const never = (): boolean => false;

describe("settlements that wait", () => {
  test("are tried until they are acknowledged, and drained", async () => {
    const { queue } = queueWithLog();
    const runs: string[] = [];
    for (const id of ["a", "b"]) {
      let failures = 2;
      const run = async (): Promise<void> => {
        runs.push(id);
        failures -= 1;
        if (failures >= 0) throw fail("UNAVAILABLE", "away");
      };
      queue.push({ id, run, isFinal: never });
    }
    expect(queue.size).toBe(2);
    await queue.drain(new AbortController().signal);
    expect(queue.size).toBe(0);
    expect(runs.toSorted()).toEqual(["a", "a", "a", "b", "b", "b"]);
  });

  test("that are refused for good are logged and hold up nothing", async () => {
    const { queue, lines } = queueWithLog();
    const run = (): Promise<void> => Promise.reject(new Error("no such reservation"));
    queue.push({ id: "lease_1", run, isFinal: () => true });
    await queue.drain(new AbortController().signal);
    expect(lines.join()).toContain("lease_1");
  });

  test("are given up when there is no more time, and each is named", async () => {
    const { queue, lines } = queueWithLog();
    const failed = Promise.withResolvers<void>();
    const run = async (): Promise<void> => {
      failed.resolve();
      throw fail("UNAVAILABLE", "away");
    };
    queue.push({ id: "lease_2", run, isFinal: never });
    await failed.promise;
    const stop = new AbortController();
    const drained = queue.drain(stop.signal);
    stop.abort();
    await drained;
    expect(lines.join()).toContain("lease_2");
  });

  test("for a fault of one's own do not hold up the others, and are given up in the end", async () => {
    const { queue, lines } = queueWithLog();
    let runs = 0;
    const failed = Promise.withResolvers<void>();
    queue.push({ id: "poison", isFinal: never, run: () => {
      runs += 1;
      failed.resolve();
      return Promise.reject(fail("INTERNAL", "poison"));
    } });
    await failed.promise;
    const other = Promise.withResolvers<number>();
    queue.push({ id: "other", isFinal: never, run: async () => other.resolve(runs) });
    expect(await other.promise).toBe(1);
    await queue.drain(AbortSignal.timeout(120_000));
    expect(queue.size).toBe(0);
    expect(runs).toBe(8);
    expect(lines.filter((line) => line.includes("given up") && line.includes("poison"))).toHaveLength(1);
  }, 120_000);

  test("that are under way when time is up are named, and once more where they fail", async () => {
    const { queue, lines } = queueWithLog();
    const answer = Promise.withResolvers<void>();
    queue.push({ id: "lease_3", isFinal: never, run: () => answer.promise });
    await queue.drain(AbortSignal.abort());
    expect(lines.join()).toContain("lease_3");
    lines.length = 0;
    answer.reject(fail("UNAVAILABLE", "away"));
    await expect.poll(() => lines.join()).toContain("given up");
    expect(lines.join()).toContain("lease_3");
  });
});
