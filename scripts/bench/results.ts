import { CANDIDATES, ownMicros, serverMicros, type CandidateName } from "./candidate.ts";
import type { Measurement } from "./measurement.ts";
import type { Revocation } from "./revocation.ts";
import { quantile, spreadOf, type Spread } from "./statistics.ts";

/** A figure, and the same as a multiple of the bare proxy's. */
export interface Figure extends Spread {
  readonly ratio: number;
}

/** What one candidate needs for one unit of work. */
export interface Throughput {
  readonly candidate: CandidateName;
  /** Requests or chunks. */
  readonly perSecond: Figure;
  /** CPU microseconds of its own processes for one request or chunk. */
  readonly cpuMicros: Figure;
  /** Of Postgres, Redis and NATS. */
  readonly serverCpuMicros: number;
  /** Its own processes apart. */
  readonly byProcess: Readonly<Record<string, number>>;
}

/** How long answers take, in milliseconds, and how much of that the candidate added. */
export interface Latency {
  readonly candidate: CandidateName;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly addedP50Ms: number;
  readonly addedP99Ms: number;
  readonly cpuMicros: Figure;
  readonly samples: number;
  /** How late the generator sent at most, in milliseconds: what the machine did to all of them. */
  readonly latestMs: number;
}

/** How long revoked keys still worked. */
export interface RevocationResult {
  readonly candidate: CandidateName;
  readonly keys: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  /** Most requests that one of the keys got served after its end. */
  readonly mostServed: number;
}

type Unit = "requests" | "chunks";

/** Sums a load up, with the bare proxy as the measure. */
export function throughputs(measurements: readonly Measurement[], unit: Unit): readonly Throughput[] {
  const rate = ({ load }: Measurement): number => (load[unit] / load.elapsedMs) * 1_000;
  const cost = ({ load, spent }: Measurement): number => ownMicros(spent) / load[unit];
  const base = of(measurements, "proxy");
  return present(measurements).map((name) => {
    const rounds = of(measurements, name);
    return {
      candidate: name,
      perSecond: figure(rounds.map(rate), base.map(rate)),
      cpuMicros: figure(rounds.map(cost), base.map(cost)),
      serverCpuMicros: spreadOf(rounds.map(({ load, spent }) => serverMicros(spent) / load[unit])).median,
      byProcess: byProcess(rounds, unit),
    };
  });
}

/** Sums the answers at a fixed rate up, with the upstream's own as the measure of what is added. */
export function latencies(measurements: readonly Measurement[]): readonly Latency[] {
  const sorted = (name: CandidateName): number[] =>
    of(measurements, name).flatMap(({ load }) => load.latenciesMs).toSorted((one, other) => one - other);
  const direct = sorted("upstream");
  return present(measurements).map((name) => {
    const samples = sorted(name);
    const rounds = of(measurements, name);
    const [p50Ms, p99Ms] = [quantile(samples, 0.5), quantile(samples, 0.99)];
    return {
      candidate: name,
      p50Ms,
      p99Ms,
      addedP50Ms: p50Ms - quantile(direct, 0.5),
      addedP99Ms: p99Ms - quantile(direct, 0.99),
      cpuMicros: figure(rounds.map(microsPerRequest), of(measurements, "proxy").map(microsPerRequest)),
      samples: samples.length,
      latestMs: Math.max(...rounds.map(({ load }) => load.latestMs)),
    };
  });
}

/** Sums the ends of keys up. */
export function revocationResult(candidate: CandidateName, revocations: readonly Revocation[]): RevocationResult {
  const sorted = revocations.map(({ refusedAfterMs }) => refusedAfterMs).toSorted((one, other) => one - other);
  return {
    candidate,
    keys: sorted.length,
    p50Ms: quantile(sorted, 0.5),
    p95Ms: quantile(sorted, 0.95),
    maxMs: quantile(sorted, 1),
    mostServed: Math.max(...revocations.map(({ served }) => served)),
  };
}

function microsPerRequest({ load, spent }: Measurement): number {
  return ownMicros(spent) / load.requests;
}

function of(measurements: readonly Measurement[], name: CandidateName): readonly Measurement[] {
  return measurements.filter(({ candidate }) => candidate === name);
}

function present(measurements: readonly Measurement[]): readonly CandidateName[] {
  return CANDIDATES.filter((name) => of(measurements, name).length > 0);
}

/** Rounds are compared with the same round of the proxy, as both met the same disturbances. */
function figure(values: readonly number[], base: readonly number[]): Figure {
  const ratios = values.map((value, round) => value / (base[round] ?? Number.NaN));
  return { ...spreadOf(values), ratio: spreadOf(ratios).median };
}

function byProcess(rounds: readonly Measurement[], unit: Unit): Record<string, number> {
  const names = new Set(rounds.flatMap(({ spent }) => [...spent.keys()]));
  const entries = [...names].map((name) => {
    const values = rounds.map(({ load, spent }) => (spent.get(name) ?? 0) / load[unit]);
    return [name, spreadOf(values).median] as const;
  });
  return Object.fromEntries(entries.toSorted(([, one], [, other]) => other - one));
}
