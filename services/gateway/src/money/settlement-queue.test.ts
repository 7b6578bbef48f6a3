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
        if (failures >= 0) throw new Error("away");
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
      throw new Error("away");
    };
    queue.push({ id: "lease_2", run, isFinal: never });
    await failed.promise;
    const stop = new AbortController();
    const drained = queue.drain(stop.signal);
    stop.abort();
    await drained;
    expect(lines.join()).toContain("lease_2");
  });
});
