import { isFailure } from "@alfred/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerFaults } from "./ledger-audit.ts";
import { finalOf, recordOf, TestGateway } from "./test-gateway.ts";
import { balanceOf, limit, pathOf, WalletRig } from "./wallet-rig.ts";
import type { Limits, RunningWallet } from "./wallet-rig.ts";

let rig: WalletRig;
let wallets: readonly [RunningWallet, RunningWallet];
let gateways: readonly [TestGateway, TestGateway];

beforeAll(async () => {
  rig = await WalletRig.create();
  wallets = [await rig.startWallet(), await rig.startWallet()];
  gateways = [await TestGateway.hello(wallets[0].client()), await TestGateway.hello(wallets[1].client())];
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway[Symbol.asyncDispose]()));
  await rig[Symbol.asyncDispose]();
});

const REQUESTS = 500;
const COST = 10n;
const BUDGET = 1_000n;

interface Answered {
  readonly served: number;
  readonly reasons: ReadonlySet<string>;
}

/** Asks for all at once, each gateway half of them; what is granted is spent whole. */
async function spendAll(organisationId: string, limits: Limits, keys: number): Promise<Answered> {
  const spend = async (index: number): Promise<void> => {
    const gateway = gateways[index % 2] ?? gateways[0];
    const path = pathOf(organisationId, String(index % keys), limits);
    const wait = { seconds: 50n, nanos: 0 };
    const { lease } = await gateway.client.acquireLease(gateway.acquireRequest(path, COST, COST, { wait }), { timeoutMs: 60_000 });
    await gateway.settle(finalOf(lease?.id ?? "", path, [recordOf(path, 1, COST)]));
  };
  const results = await Promise.allSettled(Array.from({ length: REQUESTS }, (_, index) => spend(index)));
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  const reasons = new Set(errors.map((error) => (isFailure(error) ? error.code : String(error))));
  return { served: results.length - errors.length, reasons };
}

describe("500 requests at once on a budget for 100, over two gateways and two wallets", () => {
  const levels: ReadonlyArray<readonly [string, Limits, number]> = [
    ["key", { key: [limit(BUDGET)] }, 1],
    ["team", { team: [limit(BUDGET)] }, 5],
    ["organisation", { organisation: [limit(BUDGET)] }, 5],
  ];

  it.each(levels)("serves exactly 100 with the limit at the %s", { timeout: 90_000 }, async (level, limits, keys) => {
    const organisationId = `org_exact_${level}`;
    const { served, reasons } = await spendAll(organisationId, limits, keys);
    expect({ served, reasons: [...reasons] }).toEqual({ served: 100, reasons: ["INSUFFICIENT_QUOTA"] });
    expect(await balanceOf(wallets[0].client(), organisationId)).toMatchObject({ posted: BUDGET, held: 0n, suspense: 0n, overrun: 0n });
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });

  it("strands nothing where requests cost a tenth of what they may: the whole budget is spent in the end", { timeout: 90_000 }, async () => {
    const path = pathOf("org_tenth", "a", { team: [limit(BUDGET)] });
    const spend = async (index: number): Promise<void> => {
      const gateway = gateways[index % 2] ?? gateways[0];
      const wait = { seconds: 50n, nanos: 0 };
      const { lease } = await gateway.client.acquireLease(gateway.acquireRequest(path, 100n, 100n, { wait }), { timeoutMs: 60_000 });
      await gateway.settle(finalOf(lease?.id ?? "", path, [recordOf(path, 1, COST, 100n)]));
    };
    const results = await Promise.allSettled(Array.from({ length: 200 }, (_, index) => spend(index)));
    // As long as a worst case fits, a request is served: nine tenths of the budget and one more.
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(91);
    expect(await balanceOf(wallets[0].client(), "org_tenth_team")).toMatchObject({ posted: 910n, held: 0n, left: 90n });
    expect(await gateways[0].lease(path, 90n)).not.toBe("");
  });
});
