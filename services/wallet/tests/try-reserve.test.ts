import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ledgerFaults } from "./ledger-audit.ts";
import { balanceOf, limit, pathOf, Period, reserved, reserveRequest, settleRequest, usd, WalletRig } from "./wallet-rig.ts";
import type { RunningWallet, WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let wallet: RunningWallet;
let client: WalletClient;
let organisationId: string;
let count = 0;

beforeAll(async () => {
  rig = await WalletRig.create();
  wallet = await rig.startWallet();
  client = wallet.client();
});
beforeEach(() => {
  count += 1;
  organisationId = `org_${count}`;
});
afterAll(() => rig[Symbol.asyncDispose]());

const asking = { validateOnly: true };

/** Everything that the wallet has written down of an organisation. */
async function written(): Promise<unknown> {
  const tables = ["organisations", "accounts", "leases", "balances", "transfers", "answers"];
  const counts = tables.map(async (table) => (await rig.operator.query<{ n: number }>(`SELECT count(*)::int AS n FROM wallet.${table}`)).rows[0]?.n);
  return Promise.all(counts);
}

describe("Reserve with validate_only", () => {
  it("says what would remain, and holds nothing", async () => {
    const limits = { key: [limit(500n)], organisation: [limit(300n, Period.PERIOD_DAY)] };
    const path = pathOf(organisationId, "a", limits);
    await client.settle(settleRequest(await reserved(client, path, 100n), organisationId, 60n));
    const before = await written();
    const request = reserveRequest(path, 120n, asking);
    expect(await client.reserve(request)).toEqual({ reservation: undefined, replayed: false, remaining: [usd(120n)], warnings: [] });
    expect(await client.reserve(request)).toMatchObject({ remaining: [usd(120n)] });
    expect(await written()).toEqual(before);
    expect(await balanceOf(client, organisationId)).toMatchObject({ held: 0n, posted: 60n });
    // The id is still to be had, for anything.
    expect(await client.reserve({ ...request, validateOnly: false, amounts: [usd(7n)] })).toMatchObject({ replayed: false });
  });

  it("denies as Reserve would, with account, limit, left and reset, and keeps no denial", async () => {
    const path = pathOf(organisationId, "a", { team: [limit(50n, Period.PERIOD_DAY)] });
    await reserved(client, path, 20n);
    const before = await written();
    const request = reserveRequest(path, 100n, asking);
    const metadata = { account: `${organisationId}_team`, unit: "usd", limit: "50", left: "30", reset: "2026-03-11T00:00:00.000Z", period: "day" };
    await expect(client.reserve(request)).rejects.toMatchObject({ code: "INSUFFICIENT_QUOTA", metadata });
    await expect(client.reserve({ ...request, amounts: [usd(40n)] })).rejects.toMatchObject({ code: "BUDGET_HELD" });
    expect(await written()).toEqual(before);
  });

  it("counts accounts that are not there yet as they would be opened, under an organisation that is", async () => {
    const fresh = { key: [limit(50n)] };
    await expect(client.reserve(reserveRequest(pathOf(organisationId, "new", fresh), 40n, asking))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await reserved(client, pathOf(organisationId), 1n);
    const before = await written();
    expect(await client.reserve(reserveRequest(pathOf(organisationId, "new", fresh), 40n, asking))).toMatchObject({ remaining: [usd(10n)] });
    await expect(client.reserve(reserveRequest(pathOf(organisationId, "new", fresh), 60n, asking))).rejects.toMatchObject({ code: "INSUFFICIENT_QUOTA" });
    expect(await written()).toEqual(before);
  });

  it("counts what a peer would give back first, of accounts on the path alone", async () => {
    const path = pathOf(organisationId, "a", { team: [limit(50n)], organisation: [limit(60n)] });
    await reserved(client, path, 40n);
    const back = (value: bigint, ...ids: string[]) => ids.map((accountId) => ({ accountId, amounts: [usd(value)] }));
    const [team, organisation] = [`${organisationId}_team`, organisationId];
    const ask = (returned: ReturnType<typeof back>) => client.reserve(reserveRequest(path, 45n, { ...asking, returned }));
    await expect(ask([])).rejects.toMatchObject({ code: "BUDGET_HELD" });
    await expect(ask(back(40n, team))).rejects.toMatchObject({ code: "BUDGET_HELD", metadata: { account: organisationId } });
    expect(await ask(back(40n, team, organisation))).toMatchObject({ remaining: [usd(5n)] });
    await expect(ask(back(40n, "elsewhere"))).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field: "returned.account_id" } });
    await expect(client.reserve(reserveRequest(path, 1n, { returned: back(1n, team) }))).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("leaves the ledger as it was", async () => {
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });
});
