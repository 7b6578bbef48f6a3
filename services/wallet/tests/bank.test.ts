import { isFailure } from "@alfred/errors";
import type { AccountPath } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import { transaction } from "@alfred/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerFaults } from "./ledger-audit.ts";
import { ceilingOf, finalOf, recordOf, settlementOf, TestGateway } from "./test-gateway.ts";
import { balanceOf, limit, pathOf, reserved, settleRequest, usd, WalletRig } from "./wallet-rig.ts";
import type { WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let clients: readonly [WalletClient, WalletClient];
let gateways: readonly [TestGateway, TestGateway];

beforeAll(async () => {
  rig = await WalletRig.create();
  clients = [(await rig.startWallet()).client(), (await rig.startWallet()).client()];
  gateways = [await TestGateway.hello(clients[0]), await TestGateway.hello(clients[1])];
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway[Symbol.asyncDispose]()));
  await rig[Symbol.asyncDispose]();
});

const ORGANISATION = "org_bank";
const LIMIT = 5_000n;
const WORKERS = 12;
const ROUNDS = 15;

/** The key of a worker; every third has a limit of its own, so that leases hang at two levels. */
function pathOfWorker(worker: number): AccountPath {
  return pathOf(ORGANISATION, String(worker), { team: [limit(LIMIT)], ...(worker % 3 === 0 ? { key: [limit(1_000n)] } : {}) });
}

/** Money goes from available to held, from held to posted, back, and from posted back again. */
async function move(worker: number, round: number): Promise<void> {
  const path = pathOfWorker(worker);
  const [client, gateway] = (worker + round) % 2 === 0 ? ([clients[0], gateways[0]] as const) : ([clients[1], gateways[1]] as const);
  try {
    if (round % 3 === 0) await reserveSettleAndRefund(client, path);
    else await leaseAndSettle(gateway, path, BigInt(1 + (round % 4)));
  } catch (error) {
    if (!isFailure(error, "BUDGET_HELD") && !isFailure(error, "INSUFFICIENT_QUOTA")) throw error;
  }
}

async function reserveSettleAndRefund(client: WalletClient, path: AccountPath): Promise<void> {
  const reservationId = await reserved(client, path, 30n);
  await client.settle(settleRequest(reservationId, ORGANISATION, 20n));
  await client.refund({ requestId: newId("req"), reservationId, organisationId: ORGANISATION, amounts: [usd(5n)], reason: "test" });
}

async function leaseAndSettle(gateway: TestGateway, path: AccountPath, cost: bigint): Promise<void> {
  const leaseId = await gateway.lease(path, 60n, 20n);
  await gateway.settle(settlementOf(leaseId, path, { records: [recordOf(path, 1, cost, 10n)] }));
  await gateway.settle(settlementOf(leaseId, path, { records: [recordOf(path, 2, 9n, 9n, true)], ceiling: ceilingOf(cost + 12n) }));
  await gateway.settle(finalOf(leaseId, path, [recordOf(path, 1, cost, 10n), recordOf(path, 2, cost, 9n)]));
}

interface Row {
  readonly account_id: string;
  readonly posted: bigint;
  readonly held: bigint;
  readonly suspense: bigint;
  readonly overrun: bigint;
}

interface Snapshot {
  readonly rows: readonly Row[];
  /** What the entries of all transfers say, per bucket. */
  readonly entries: ReadonlyMap<string, bigint>;
}

/** All balances and the sums of all entries, of one moment. */
async function snapshot(): Promise<Snapshot> {
  const read = async (sql: Parameters<Parameters<typeof transaction>[1]>[0]): Promise<Snapshot> => {
    const { rows } = await sql.query<Row>(
      `SELECT account_id, posted::bigint, held::bigint, suspense::bigint, overrun::bigint FROM balances
       WHERE period = 'none' AND unit = 'usd' AND account_id LIKE 'org_bank%'`,
    );
    const { rows: sums } = await sql.query<{ bucket: string; total: bigint }>(
      `SELECT CASE account_id WHEN 'provider_payable' THEN account_id ELSE bucket END AS bucket, SUM(value)::bigint AS total
       FROM entries WHERE organisation_id = 'org_bank' GROUP BY 1`,
    );
    return { rows, entries: new Map(sums.map(({ bucket, total }) => [bucket, total])) };
  };
  return transaction(rig.pool, read, { isolation: "repeatable read" });
}

function sumOf(rows: readonly Row[], part: "posted" | "held"): bigint {
  return rows.reduce((sum, row) => sum + row[part], 0n);
}

function checkSnapshot({ rows, entries }: Snapshot): void {
  const organisation = rows.find(({ account_id: id }) => id === ORGANISATION);
  if (organisation === undefined) return;
  const keys = rows.filter(({ account_id: id }) => id.includes("_key_"));
  const team = rows.filter(({ account_id: id }) => id.endsWith("_team"));
  expect(rows.filter((row) => row.posted < 0n || row.held < 0n || row.suspense < 0n || row.overrun < 0n)).toEqual([]);
  expect([sumOf(team, "posted"), sumOf(team, "held")]).toEqual([organisation.posted, organisation.held]);
  expect(sumOf(keys, "posted")).toBe(organisation.posted);
  expect(sumOf(keys, "held")).toBeLessThanOrEqual(organisation.held);
  expect(organisation.posted + organisation.held - organisation.overrun).toBeLessThanOrEqual(LIMIT);
  expect([entries.get("posted") ?? 0n, entries.get("held") ?? 0n]).toEqual([organisation.posted, organisation.held]);
  expect([...entries.values()].reduce((sum, value) => sum + value, 0n)).toBe(0n);
}

describe("a bank", () => {
  it("keeps its totals in every snapshot while twelve move money over two wallets", { timeout: 60_000 }, async () => {
    const moved = new AbortController();
    let snapshots = 0;
    const reader = async (): Promise<void> => {
      while (!moved.signal.aborted) {
        checkSnapshot(await snapshot());
        snapshots += 1;
      }
    };
    const worker = async (index: number): Promise<void> => {
      for (let round = 0; round < ROUNDS; round += 1) await move(index, round);
    };
    const workers = Promise.all(Array.from({ length: WORKERS }, (_, index) => worker(index))).finally(() => moved.abort());
    await Promise.all([workers, reader(), reader()]);
    checkSnapshot(await snapshot());
    expect(snapshots).toBeGreaterThan(1);
    const { posted, held, suspense } = await balanceOf(clients[0], ORGANISATION);
    expect({ held, suspense }).toEqual({ held: 0n, suspense: 0n });
    expect(posted).toBeGreaterThan(0n);
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });
});
