import type { Spread } from "../statistics.ts";
import { table } from "../text-table.ts";
import type { BudgetFigures, ShareFigures } from "./budgets.ts";
import type { ExactFigures, WasteFigures } from "./exactness.ts";
import type { LedgerFigures } from "./ledger.ts";
import type { WalletSettings } from "./settings.ts";

/** Everything that a run found out; parts that were not asked for are absent. */
export interface WalletReport {
  readonly settings: WalletSettings;
  readonly node: string;
  /** Milliseconds. */
  readonly tookMs: number;
  readonly ledger?: readonly LedgerFigures[];
  readonly budgets?: BudgetFigures;
  readonly share?: readonly ShareFigures[];
  readonly exact?: readonly ExactFigures[];
  readonly waste?: WasteFigures;
}

/** The report as tables. */
export function walletReportText(report: WalletReport): string {
  const { settings, node, tookMs, ledger, budgets, share, exact, waste } = report;
  const sections = [
    `seed ${settings.seed}, loopback only, Node ${node}; medians, [least to most]`,
    ledger && ledgerText(settings, ledger),
    budgets && budgetsText(settings, budgets),
    share && shareText(share),
    exact && exactText(settings, exact),
    waste && wasteText(settings, waste),
    `took ${Math.round(tookMs / 1_000)} s`,
  ];
  return `${sections.filter((section) => section !== undefined).join("\n\n")}\n`;
}

function ledgerText({ ledger: { inFlight, settlementsPerCall, recordsPerSettlement } }: WalletSettings, rows: readonly LedgerFigures[]): string {
  const title = `Ledger on Postgres, per second: ${inFlight} acquires in flight; ${settlementsPerCall} settlements a call, ${recordsPerSettlement} records each`;
  const head = ["organisations", "keys", "grants", "", "settlements", "", "records", "", "first grants of a key"];
  const lines = rows.map(({ organisations, keys, grants, settlements, records, firstGrants }) => [
    String(organisations), String(keys), ...cells(grants), ...cells(settlements), ...cells(records), firstGrants.toFixed(0),
  ]);
  return table(title, [head, ...lines]);
}

function budgetsText({ mesh }: WalletSettings, figures: BudgetFigures): string {
  const { pairs, onPerSecond, offPerSecond, ratio, addedP50Ms, addedP99Ms } = figures;
  const title = `Budgets on against off, ${pairs} pairs: ${mesh.connections} connections; ${mesh.ratePerSecond} requests a second`;
  return table(title, [
    ["", "median", ""],
    ["on, requests/s", ...cells(onPerSecond)],
    ["off, requests/s", ...cells(offPerSecond)],
    ["on / off", ...cells(ratio, 3)],
    ["added to p50, ms", ...cells(addedP50Ms, 2)],
    ["added to p99, ms", ...cells(addedP99Ms, 2)],
  ]);
}

function shareText(rows: readonly ShareFigures[]): string {
  const head = ["keys", "load", "requests", "acquires", "of requests", "settle calls", "of requests", "reserves"];
  const lines = rows.map(({ keys, load, requests, acquires, settleCalls, reserves }) => [
    String(keys), load, String(requests), String(acquires), percentOf(acquires, requests), String(settleCalls), percentOf(settleCalls, requests), String(reserves),
  ]);
  return table("Calls of the wallet", [head, ...lines]);
}

function exactText({ exact: { concurrent, fits } }: WalletSettings, rows: readonly ExactFigures[]): string {
  const head = ["limit at the", "keys", "runs", "exact", "served, least", "most", "neither served nor denied"];
  const lines = rows.map(({ level, keys, runs, exact, undecided, served }) => [
    level, String(keys), String(runs), String(exact), String(Math.min(...served)), String(Math.max(...served)), String(undecided),
  ]);
  return table(`${concurrent} requests at once on a budget for ${fits}, two gateways, worst case equal to cost`, [head, ...lines]);
}

function wasteText({ waste: { concurrent, worstCases } }: WalletSettings, { ratio, runs, servedBeforeDenial, spent, heldAtRest }: WasteFigures): string {
  return table(`Worst cases ${ratio} times the cost, a budget for ${worstCases} worst cases, ${concurrent} at once, ${runs} runs`, [
    ["", "median", ""],
    ["served before the first denial, % of the budget", ...percentCells(servedBeforeDenial)],
    ["spent at the end, % of the budget", ...percentCells(spent)],
    ["held at rest, nano-dollars", String(heldAtRest), ""],
  ]);
}

function percentOf(calls: number, requests: number): string {
  return `${((100 * calls) / Math.max(1, requests)).toFixed(2)} %`;
}

function percentCells({ median, min, max }: Spread): string[] {
  return cells({ median: 100 * median, min: 100 * min, max: 100 * max }, 1);
}

function cells({ median, min, max }: Spread, places = 0): string[] {
  return [median.toFixed(places), `[${min.toFixed(places)} to ${max.toFixed(places)}]`];
}
