import type { PoolClient } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertGateways, lockGateways } from "../src/store/gateways.ts";
import { insertOrganisations, lockOrganisations } from "../src/store/organisations.ts";
import { WalletRig } from "./wallet-rig.ts";

let rig: WalletRig;

beforeAll(async () => {
  rig = await WalletRig.create();
  await rig.startWallet();
});
afterAll(() => rig[Symbol.asyncDispose]());

type Lock = (client: PoolClient, ids: readonly string[]) => Promise<unknown>;

/** The rows made in the wrong order, and asked for in it: read as they lie they would be locked in it, too. */
const MIXED = ["c", "b", "a"];

const tables: ReadonlyArray<readonly [string, (ids: readonly string[]) => Promise<void>, Lock]> = [
  [
    "organisations",
    (ids) => insertOrganisations(rig.pool, ids),
    (client, ids) => lockOrganisations(client, ids),
  ],
  [
    "gateways",
    (ids) => insertGateways(rig.pool, ids),
    (client, ids) =>
      lockGateways(client, ids.map((gatewayId) => ({ organisationId: "", accountIds: [], units: [], gatewayId, gatewayLock: "update" as const }))),
  ],
];

async function pidOf(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

async function waitUntilBlocked(pid: number, by: number): Promise<void> {
  await expect
    .poll(async () => (await rig.operator.query<{ pids: number[] }>("SELECT pg_blocking_pids($1) AS pids", [pid])).rows[0]?.pids, { timeout: 10_000 })
    .toEqual([by]);
}

describe.each(tables)("the rows of %s", (table, insert, lock) => {
  it("are locked in the order of their ids, however a batch names them", async () => {
    await insert(MIXED);
    const holder = await rig.pool.connect();
    const locker = await rig.pool.connect();
    try {
      await holder.query("BEGIN");
      await holder.query(`SELECT 1 FROM ${table} WHERE id = 'b' FOR UPDATE`);
      await locker.query("BEGIN");
      // Without an index the rows come as they lie in the table, so that only the statement's own order can help.
      await locker.query("SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off");
      const [holding, locking] = [await pidOf(holder), await pidOf(locker)];
      const locked = lock(locker, MIXED);
      await waitUntilBlocked(locking, holding);
      const { rows } = await rig.pool.query<{ id: string }>(`SELECT id FROM ${table} WHERE id IN ('a', 'c') FOR UPDATE SKIP LOCKED`);
      expect(rows).toEqual([{ id: "c" }]);
      await holder.query("ROLLBACK");
      await locked;
    } finally {
      await holder.query("ROLLBACK");
      await locker.query("ROLLBACK");
      holder.release();
      locker.release();
    }
  });
});
