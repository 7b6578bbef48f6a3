import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { benchPaths } from "./bench-gateway.ts";
import { walletReportText } from "./report.ts";
import { callsBetween, rpcCalls } from "./rpc-calls.ts";
import { quickSettings } from "./settings.ts";

describe("calls", () => {
  test("are summed by method over all outcomes", async () => {
    const metrics = [
      "# TYPE alfred_rpc_calls_total counter",
      'alfred_rpc_calls_total{method="/alfred.v1.WalletService/AcquireLease",code="OK",reason=""} 40',
      'alfred_rpc_calls_total{method="/alfred.v1.WalletService/AcquireLease",code="RESOURCE_EXHAUSTED",reason="BUDGET_HELD"} 2',
      'alfred_rpc_calls_total{method="/alfred.v1.WalletService/SettleUsage",code="OK",reason=""} 7',
      "alfred_rpc_calls_total_other 9",
    ].join("\n");
    const server = createServer((_, response) => response.end(metrics)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const calls = await rpcCalls(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
    server.close();
    expect(calls).toEqual(new Map([["AcquireLease", 42], ["SettleUsage", 7]]));
    expect(callsBetween(new Map([["AcquireLease", 2]]), calls, "AcquireLease")).toBe(40);
    expect(callsBetween(calls, calls, "Reserve")).toBe(0);
  });
});

describe("paths", () => {
  test("are one per key, shared out among the organisations", () => {
    const paths = benchPaths(10, 3);
    expect(new Set(paths.map(({ accounts }) => accounts[0]?.id)).size).toBe(10);
    expect(new Set(paths.map(({ organisationId }) => organisationId)).size).toBe(3);
    for (const { organisationId, accounts } of paths) expect(accounts.at(-1)?.id).toBe(organisationId);
  });
});

describe("the report", () => {
  const spread = { median: 0.5, min: 0.25, max: 1 };

  test("shows each part that was measured, and no other", () => {
    const base = { settings: quickSettings(1), node: "26.0.0", tookMs: 1_000 };
    const waste = { ratio: 10, runs: 1, servedBeforeDenial: spread, spent: spread, heldAtRest: 0 };
    const text = walletReportText({ ...base, waste });
    expect(text).toMatch(/served before the first denial, % of the budget +50\.0/);
    expect(text).not.toContain("Calls of the wallet");
    const share = [{ keys: 1, load: "64 connections", requests: 200, acquires: 3, settleCalls: 10, reserves: 0 }];
    expect(walletReportText({ ...base, share })).toContain("1.50 %");
  });
});
