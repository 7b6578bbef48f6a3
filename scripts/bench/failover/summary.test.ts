import { expect, test } from "vitest";
import type { Sample } from "./load.ts";
import { summaryOf } from "./summary.ts";

const sample = (startMs: number, endMs: number, provider: string, attempts = 1, code = ""): Sample => ({ startMs, endMs, status: code === "" ? 200 : 502, provider, attempts, code });

test("a failover is summed up from what requests saw, from the fault to the mending and after it", () => {
  const samples = [
    sample(9_000, 9_050, "openai"), sample(9_980, 10_030, "openai"), sample(9_990, 10_010, "", 0, "provider_stream_broken"),
    sample(10_100, 10_300, "second", 3), sample(10_400, 10_460, "second"), sample(12_000, 12_200, "second", 2),
    sample(20_100, 20_150, "second"), sample(20_200, 20_250, "openai"), sample(21_000, 21_050, "openai"), sample(21_010, 21_060, "second"),
  ];
  const summary = summaryOf({ scenario: { name: "killed", fault: "killed" }, samples, faultAtMs: 10_000, mendedAtMs: 20_000 });
  expect(summary).toEqual({
    name: "killed", asked: 5, failed: new Map([["provider_stream_broken", 1]]), moved: 2, elsewhereMs: 300, affectedMs: 2_000,
    before: { p50Ms: 50, p99Ms: 50, mostMs: 50 }, during: { p50Ms: 130, p99Ms: 200, mostMs: 200 }, backMs: 250, shareAtEnd: 2 / 4,
  });
});
