import { describe, expect, test } from "vitest";
import { ownMicros, serverMicros } from "./candidate.ts";
import { cpuMicrosBelow, cpuSpent } from "./cpu-time.ts";
import type { Measurement } from "./measurement.ts";
import { chatBodies } from "./prompts.ts";
import { latencies, throughputs } from "./results.ts";
import { quantile, spreadOf } from "./statistics.ts";

describe("statistics", () => {
  test("of an even number lie between the two in the middle", () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
    expect(quantile([10, 20, 30], 1)).toBe(30);
  });

  test("of nothing are refused", () => expect(() => spreadOf([])).toThrow(RangeError));
});

describe("requests", () => {
  test.each([{}, { chunks: 200, gapMs: 0 }])("are of the size asked for, all different, and the same for the same seed: %j", (asked) => {
    const bodies = chatBodies(7, 2_048, asked);
    expect(new Set(bodies.map((body) => Buffer.byteLength(body)))).toEqual(new Set([2_048]));
    expect(new Set(bodies).size).toBe(bodies.length);
    expect(chatBodies(7, 2_048, asked)).toEqual(bodies);
    expect(chatBodies(8, 2_048, asked)).not.toEqual(bodies);
  });
});

describe("results", () => {
  const round = (candidate: Measurement["candidate"], requests: number, micros: number, latenciesMs: number[] = []): Measurement => ({
    candidate,
    load: { requests, chunks: 0, elapsedMs: 1_000, latenciesMs, latestMs: 0, failures: 0, firstFailure: "" },
    spent: new Map([["mesh", micros], ["postgres", micros / 2]]),
  });

  test("are compared with the bare proxy round by round", () => {
    const rounds = [round("proxy", 100, 1_000), round("one process", 50, 1_000), round("proxy", 10, 1_000), round("one process", 5, 1_000)];
    const mesh = throughputs(rounds, "requests").find(({ candidate }) => candidate === "one process");
    expect(mesh?.perSecond.ratio).toBe(0.5);
    expect(mesh?.cpuMicros.ratio).toBe(2);
    expect(mesh?.serverCpuMicros).toBe(55);
  });

  test("tell latency as what is added to the upstream's own", () => {
    const rounds = [round("upstream", 2, 100, [1, 1]), round("proxy", 2, 100, [2, 2]), round("one process", 2, 100, [4, 6])];
    expect(latencies(rounds).map(({ addedP50Ms }) => addedP50Ms)).toEqual([0, 1, 4]);
  });
});

describe.runIf(process.platform === "linux")("CPU time", () => {
  test("of this process rises with what it does", () => {
    const before = cpuMicrosBelow(process.pid);
    const until = process.cpuUsage().user + 100_000;
    while (process.cpuUsage().user < until);
    const spent = cpuSpent(before, cpuMicrosBelow(process.pid));
    expect(ownMicros(spent)).toBeGreaterThan(50_000);
    expect(serverMicros(spent)).toBe(0);
  });

  test("of a process that is not there is none", () => expect(cpuMicrosBelow(2 ** 30).size).toBe(0));
});
