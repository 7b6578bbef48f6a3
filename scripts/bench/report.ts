import type { Latency, RevocationResult, Throughput } from "./results.ts";
import type { Settings } from "./settings.ts";
import { table } from "./text-table.ts";

/** Everything that a run found out; parts that were not asked for are absent. */
export interface Report {
  readonly settings: Settings;
  readonly node: string;
  /** Milliseconds. */
  readonly tookMs: number;
  readonly requests?: readonly Throughput[];
  readonly backToBack?: readonly Throughput[];
  readonly paced?: readonly Throughput[];
  readonly addedLatency?: readonly Latency[];
  readonly revocation?: readonly RevocationResult[];
}

/** The report as tables. */
export function reportText(report: Report): string {
  const { settings, node, tookMs } = report;
  const { requests, backToBack, paced, addedLatency } = settings;
  const load = `seed ${settings.seed}, ${settings.requestBytes} bytes a request, loopback only, Node ${node}`;
  const sections = [
    `${load}; medians of the rounds, [least to most], x = as a multiple of the bare proxy`,
    report.requests && throughputText(`Requests: ${requests.connections} connections, ${roundsText(requests)}`, "request", report.requests),
    report.backToBack &&
      throughputText(`Streams back to back: ${backToBack.connections} at once, ${backToBack.chunks} chunks each, ${roundsText(backToBack)}`, "chunk", report.backToBack),
    report.paced &&
      throughputText(`Streams paced: ${paced.connections} at once, ${paced.chunks} chunks each, one in ${paced.gapMs} ms, ${roundsText(paced)}`, "chunk", report.paced),
    report.addedLatency && latencyText(`Latency at ${addedLatency.ratePerSecond} requests per second, open loop, ${roundsText(addedLatency)}`, report.addedLatency),
    report.revocation && revocationText(report.revocation),
    `took ${Math.round(tookMs / 1_000)} s`,
  ];
  return `${sections.filter((section) => section !== undefined).join("\n\n")}\n`;
}

function roundsText({ rounds, measureMs }: { rounds: number; measureMs: number }): string {
  return `${rounds} rounds of ${measureMs / 1_000} s`;
}

function throughputText(title: string, unit: string, rows: readonly Throughput[]): string {
  const head = ["", `${unit}s/s`, "", "x", `CPU us/${unit}`, "", "x", "+ servers", "of which"];
  const lines = rows.map(({ candidate, perSecond, cpuMicros, serverCpuMicros, byProcess }) => [
    candidate,
    perSecond.median.toFixed(0),
    `[${perSecond.min.toFixed(0)} to ${perSecond.max.toFixed(0)}]`,
    perSecond.ratio.toFixed(2),
    cpuMicros.median.toFixed(1),
    `[${cpuMicros.min.toFixed(1)} to ${cpuMicros.max.toFixed(1)}]`,
    cpuMicros.ratio.toFixed(2),
    serverCpuMicros.toFixed(1),
    partsText(byProcess),
  ]);
  return table(title, [head, ...lines]);
}

function partsText(byProcess: Readonly<Record<string, number>>): string {
  const entries = Object.entries(byProcess).filter(([, micros]) => micros >= 0.05);
  return entries.length < 2 ? "" : entries.map(([name, micros]) => `${name} ${micros.toFixed(1)}`).join(", ");
}

function latencyText(title: string, rows: readonly Latency[]): string {
  const head = ["", "p50 ms", "p99 ms", "added p50", "added p99", "CPU us/request", "x", "samples", "sent late at most"];
  const lines = rows.map((row) => [
    row.candidate,
    row.p50Ms.toFixed(2),
    row.p99Ms.toFixed(2),
    row.addedP50Ms.toFixed(2),
    row.addedP99Ms.toFixed(2),
    row.cpuMicros.median.toFixed(0),
    row.cpuMicros.ratio.toFixed(2),
    String(row.samples),
    `${row.latestMs.toFixed(1)} ms`,
  ]);
  return table(title, [head, ...lines]);
}

function revocationText(rows: readonly RevocationResult[]): string {
  const head = ["", "keys", "p50 ms", "p95 ms", "most ms", "requests served after, most"];
  const lines = rows.map((row) => [
    row.candidate,
    String(row.keys),
    row.p50Ms.toFixed(1),
    row.p95Ms.toFixed(1),
    row.maxMs.toFixed(1),
    String(row.mostServed),
  ]);
  return table("Revocation: from the directory's answer to the first 401", [head, ...lines]);
}
