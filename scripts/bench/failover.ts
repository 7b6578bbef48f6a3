// `npm run bench:failover`: what requests see when the first of two providers is killed, hangs or fails under load, and when it is back.
// --quick without the whole slow start, --seed, --rate in requests per second, --only for scenarios whose name has this in it.
import { parseArgs } from "node:util";
import { type FailoverSettings, type Scenario, run } from "./failover/scenario.ts";
import { type Summary, summaryOf } from "./failover/summary.ts";
import { table } from "./text-table.ts";

const SCENARIOS: readonly Scenario[] = [
  { name: "answers 500", fault: { status: 500 } },
  { name: "answers 503", fault: { status: 503 } },
  { name: "killed", fault: "killed" },
  { name: "hangs, given 400 ms, repeating what may be billed", fault: { stall: true }, env: { ALFRED_UPSTREAM_REPEAT_BILLED: "true", ALFRED_UPSTREAM_FIRST_BYTE_TIMEOUT_MS: "400" } },
  { name: "hangs, found by checks alone", fault: { stall: true } },
];

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, seed: { type: "string", default: "1" }, rate: { type: "string", default: "50" }, only: { type: "string", default: "" } },
});
const settings: FailoverSettings = { seed: Number(values.seed), ratePerSecond: Number(values.rate), warmMs: values.quick ? 5_000 : 10_000, faultMs: values.quick ? 4_000 : 15_000, recoveryMs: values.quick ? 6_000 : 45_000 };
const summaries: Summary[] = [];
for (const scenario of SCENARIOS.filter(({ name }) => name.includes(values.only))) {
  process.stderr.write(`bench: the first provider: ${scenario.name}\n`);
  summaries.push(summaryOf(await run(scenario, settings)));
}

const ms = (value: number): string => (Number.isFinite(value) ? value.toFixed(0) : "-");
const rows = summaries.map(({ name, asked, failed, moved, elsewhereMs, affectedMs, before, during, backMs, shareAtEnd }) => [
  name, String(asked), [...failed].map(([code, count]) => `${count} ${code}`).join(", ") || "0", String(moved), ms(elsewhereMs), ms(affectedMs),
  `${ms(before.p50Ms)} / ${ms(before.p99Ms)}`, `${ms(during.p50Ms)} / ${ms(during.p99Ms)} / ${ms(during.mostMs)}`, ms(backMs), shareAtEnd.toFixed(2),
]);
const heads = ["the first provider", "asked", "failed", "moved", "elsewhere after", "last affected after", "p50 / p99 before", "p50 / p99 / most then", "back after", "share at the end"];
process.stdout.write(`\n${table(`Failover at ${settings.ratePerSecond} requests per second; milliseconds`, [heads, ...rows])}\n`);
