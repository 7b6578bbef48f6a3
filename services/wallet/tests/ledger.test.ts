import { DatabaseError } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCalendar } from "../src/domain/window.ts";
import { Ledger } from "../src/store/ledger.ts";
import { ledgerFaults } from "./ledger-audit.ts";
import { balanceOf, pathOf, reserved, reserveRequest, settleRequest, usd, WalletRig } from "./wallet-rig.ts";
import type { RunningWallet, WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let wallet: RunningWallet;
let client: WalletClient;

beforeAll(async () => {
  rig = await WalletRig.create();
  wallet = await rig.startWallet({ maxQueue: 100 });
  client = wallet.client();
});
afterAll(() => rig[Symbol.asyncDispose]());

describe("the ledger", () => {
  it.each(["transfers", "entries"])("keeps %s as they were written", async (table) => {
    await reserved(client, pathOf("org_kept"), 5n);
    for (const statement of [`UPDATE ${table} SET number = number`, `DELETE FROM ${table}`, `TRUNCATE ${table}`]) {
      await expect(rig.pool.query(statement)).rejects.toThrow("append-only");
    }
  });

  it("is audited by a query that notices a changed balance", async () => {
    await reserved(client, pathOf("org_audited"), 5n);
    expect(await ledgerFaults(rig.pool)).toEqual([]);
    const change = (by: number): Promise<unknown> =>
      rig.pool.query("UPDATE balances SET held = held + $1 WHERE account_id = 'org_audited' AND period = 'day'", [by]);
    await change(1);
    expect(await ledgerFaults(rig.pool)).toMatchObject([{ invariant: "I4" }, { invariant: "I9" }]);
    await change(-1);
  });
});

describe("a commit in another's way", () => {
  it("is left to the executor to try again", async () => {
    let runs = 0;
    const needs = { organisationId: "org_conflict", accountIds: [], units: [] };
    const run = (): void => {
      runs += 1;
      throw Object.assign(new DatabaseError("deadlock detected", 0, "error"), { code: "40P01" });
    };
    const appendEvents = (): Promise<void> => Promise.resolve();
    const ledger = new Ledger({ pool: rig.pool, now: rig.clock.now, calendar: createCalendar(), failoverPauseMs: 0, log: rig.log, appendEvents });
    await expect(ledger.commit([{ needs, run }])).rejects.toMatchObject({ code: "40P01" });
    expect(runs).toBe(1);
  });
});

describe("a database that fails", () => {
  it("fails the requests under way as UNAVAILABLE, moves nothing, and is used again when it is back", async () => {
    await reserved(client, pathOf("org_outage"), 0n);
    const request = reserveRequest(pathOf("org_outage"), 5n);
    await using blocker = await blockOrganisation("org_outage");
    const [failure] = await Promise.all([
      client.reserve(request, { retry: false }).catch((error: unknown) => error),
      lockWaiter().then((pid) => rig.operator.query("SELECT pg_terminate_backend($1)", [pid])),
    ]);
    expect(failure).toMatchObject({ code: "UNAVAILABLE" });
    await blocker.release();
    expect(await balanceOf(client, "org_outage")).toMatchObject({ held: 0n });
    expect(await client.reserve(request)).toMatchObject({ replayed: false });
    expect(await balanceOf(client, "org_outage")).toMatchObject({ held: 5n });
  });

  it("refuses more than may wait as OVERLOADED", async () => {
    await reserved(client, pathOf("org_full"), 0n);
    await using blocker = await blockOrganisation("org_full");
    const first = client.reserve(reserveRequest(pathOf("org_full"), 1n));
    await lockWaiter();
    const rest = Array.from({ length: 130 }, () => client.reserve(reserveRequest(pathOf("org_full"), 1n), { retry: false }));
    const overloaded = Promise.all(rest.map((call) => call.then(() => false, (error: unknown) => error instanceof Error && "code" in error && error.code === "OVERLOADED")));
    await expect.poll(async () => (await wallet.registry.getSingleMetricAsString("alfred_wallet_reservations_total")).includes('result="overloaded"} 30')).toBe(true);
    await blocker.release();
    await first;
    expect((await overloaded).filter(Boolean)).toHaveLength(30);
    expect(await balanceOf(client, "org_full")).toMatchObject({ held: 101n });
  });

  /** Holds an organisation's lock as another process would. */
  async function blockOrganisation(id: string): Promise<AsyncDisposable & { release(): Promise<void> }> {
    const connection = await rig.pool.connect();
    await connection.query("BEGIN");
    await connection.query("SELECT 1 FROM organisations WHERE id = $1 FOR UPDATE", [id]);
    let isHeld = true;
    const release = async (): Promise<void> => {
      if (!isHeld) return;
      isHeld = false;
      await connection.query("ROLLBACK");
      connection.release();
    };
    return { release, [Symbol.asyncDispose]: release };
  }

  /** Resolves with the connection that waits for a lock, once there is one. */
  async function lockWaiter(): Promise<number> {
    const waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    const pid = async (): Promise<number> => (await rig.operator.query<{ pid: number }>(waiting)).rows[0]?.pid ?? 0;
    await expect.poll(pid).toBeGreaterThan(0);
    return await pid();
  }
});

describe("a batch", () => {
  it("is one transaction for many operations, and a denial among them is no obstacle", async () => {
    const path = pathOf("org_batch");
    const settled = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        if (index % 3 === 0) return await client.settle(settleRequest("lease_none", "org_batch", 1n)).catch(() => "refused");
        return await client.settle(settleRequest(await reserved(client, path, 2n), "org_batch", 1n));
      }),
    );
    expect(settled.filter((answer) => answer === "refused")).toHaveLength(20);
    expect(await balanceOf(client, "org_batch")).toMatchObject({ posted: 40n, held: 0n });
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });

  it("takes the largest amounts that a request may have, again and again", async () => {
    const most = 100_000_000_000_000_000n;
    for (let round = 0; round < 100; round += 1) {
      const { reservation } = await client.reserve(reserveRequest(pathOf("org_large"), 1n, { amounts: [usd(most)] }));
      await client.settle({ ...settleRequest(reservation?.id ?? "", "org_large", most) });
    }
    // The books hold the sum, which is more than the wire can say.
    expect(await balanceOf(client, "org_large")).toMatchObject({ posted: 2n ** 63n - 1n });
    const { rows } = await rig.pool.query<{ posted: string }>("SELECT posted FROM balances WHERE account_id = 'org_large' AND period = 'none'");
    expect(rows).toEqual([{ posted: String(most * 100n) }]);
  });
});
