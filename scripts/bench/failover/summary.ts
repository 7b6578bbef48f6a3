import { quantile } from "../statistics.ts";
import type { Sample } from "./load.ts";
import { FIRST, type Outcome } from "./scenario.ts";

/** What a failover came to. Times in milliseconds. */
export interface Summary {
  readonly name: string;
  /** Requests sent while the first provider was broken, and those before it that were under way. */
  readonly asked: number;
  /** Of these, those that had no answer, by code. */
  readonly failed: ReadonlyMap<string, number>;
  /** Of these, those that were called at the first provider and then answered by the second. */
  readonly moved: number;
  /** From the fault to the first answer of the second provider. */
  readonly elsewhereMs: number;
  /** From the fault on, until the last request came that was called at the first provider in vain. */
  readonly affectedMs: number;
  /** Medians and the like before the fault, and while it lasted. */
  readonly before: Latency;
  readonly during: Latency;
  /** From the mending to the first answer of the first provider; NaN where there was none. */
  readonly backMs: number;
  /** Of the requests of the last second, how many the first answered. */
  readonly shareAtEnd: number;
}

interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

/** What counts as before the fault, once everything is warm, in milliseconds. */
const BEFORE_MS = 3_000;

/** Added up from what was seen. */
export function summaryOf({ scenario, samples, faultAtMs, mendedAtMs }: Outcome): Summary {
  const before = samples.filter(({ startMs, endMs }) => startMs > faultAtMs - BEFORE_MS && endMs < faultAtMs);
  const during = samples.filter(({ startMs, endMs }) => endMs >= faultAtMs && startMs < mendedAtMs);
  const failed = during.filter(({ status }) => status !== 200);
  const moved = during.filter(({ status, attempts }) => status === 200 && attempts > 1);
  const firstElsewhere = Math.min(...during.filter(({ provider }) => provider === "second").map(({ endMs }) => endMs));
  const firstBack = Math.min(...samples.filter(({ startMs, provider }) => startMs >= mendedAtMs && provider === FIRST).map(({ endMs }) => endMs));
  const lastMs = Math.max(...samples.map(({ startMs }) => startMs));
  const last = samples.filter(({ startMs, status }) => startMs > lastMs - 1_000 && status === 200);
  return {
    name: scenario.name,
    asked: during.length,
    failed: new Map([...Map.groupBy(failed, ({ code }) => code)].map(([code, of]) => [code, of.length])),
    moved: moved.length,
    elsewhereMs: firstElsewhere - faultAtMs,
    affectedMs: Math.max(0, ...[...failed, ...moved].map(({ startMs }) => startMs - faultAtMs)),
    before: latencyOf(before),
    during: latencyOf(during.filter(({ status }) => status === 200)),
    backMs: Number.isFinite(firstBack) ? firstBack - mendedAtMs : Number.NaN,
    shareAtEnd: last.filter(({ provider }) => provider === FIRST).length / last.length,
  };
}

function latencyOf(samples: readonly Sample[]): Latency {
  const latenciesMs = samples.map(({ startMs, endMs }) => endMs - startMs).toSorted((left, right) => left - right);
  return { p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99), mostMs: quantile(latenciesMs, 1) };
}
