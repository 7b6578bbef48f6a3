import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { migrate } from "@alfred/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerFaults } from "./ledger-audit.ts";
import { accountOf, balanceOf, LeaseState, settleRequest, usd, WalletRig } from "./wallet-rig.ts";
import type { WalletClient } from "./wallet-rig.ts";

const FIRST = "0001_wallet.sql";
const MIGRATIONS = fileURLToPath(new URL("../src/store/migrations/", import.meta.url));
const ORGANISATION = "org_old";

let rig: WalletRig;
let client: WalletClient;

beforeAll(async () => {
  rig = await WalletRig.create();
  await migrateToFirst();
  await rig.pool.query(OLD_BOOKS);
  client = (await rig.startWallet()).client();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** The database as it was before there were leases. */
async function migrateToFirst(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "alfred-first-"));
  try {
    await copyFile(join(MIGRATIONS, FIRST), join(folder, FIRST));
    const url = rig.operator.options.connectionString ?? "";
    await migrate({ url, schema: "wallet", role: "alfred_wallet", directory: folder, outbox: true, log: rig.log });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Of four reservations of 10 one was settled at 12, corrected to 14 and given back 3; one at 4; one is in suspense, and
 * one is open. In all: posted 15, held 10, suspense 10, overrun 1.
 */
const OLD_BOOKS = `
  INSERT INTO organisations VALUES ('org_old', 9);
  INSERT INTO accounts VALUES ('org_old', 'org_old', '', 'organisation', '{org_old}', 'UTC', now());
  INSERT INTO limits VALUES ('org_old', 'usd', 'none', 100);
  INSERT INTO balances SELECT 'org_old', period, start, 'usd', 15, 10, 10, 1 FROM (VALUES ('day', timestamptz '2026-03-10T00:00Z'),
    ('week', '2026-03-09T00:00Z'), ('month', '2026-03-01T00:00Z'), ('none', 'epoch')) AS w(period, start);
  INSERT INTO leases SELECT 'lease_' || name, 'org_old', 'org_old', '{org_old}', name, 'service', state, '{"usd": "10"}', settled::jsonb, refunded::jsonb, overrun::jsonb,
    '2026-03-10T00:00Z', '2026-03-09T00:00Z', '2026-03-01T00:00Z', '2026-03-10T11:00Z', '2026-03-10T13:00Z'
    FROM (VALUES ('dear', 'closed', '{"usd": "14"}', '{"usd": "3"}', '{"usd": "1"}'), ('cheap', 'closed', '{"usd": "4"}', '{}', '{"usd": "0"}'),
      ('lost', 'suspense', '{}', '{}', '{}'), ('open', 'open', '{}', '{}', '{}')) AS l(name, state, settled, refunded, overrun);
  INSERT INTO transfers SELECT 'org_old', number, 'trf_' || number, kind, 'org_old', 'lease_' || lease, 'r' || number, '{}', '', '2026-03-10T11:00Z'
    FROM (VALUES (1, 'reserve', 'dear'), (2, 'settle', 'dear'), (3, 'correction', 'dear'), (4, 'refund', 'dear'), (5, 'reserve', 'cheap'),
      (6, 'settle', 'cheap'), (7, 'reserve', 'lost'), (8, 'suspend', 'lost'), (9, 'reserve', 'open')) AS t(number, kind, lease);
  INSERT INTO entries SELECT 'org_old', number, position, account, bucket, 'usd', value FROM (VALUES
    (1, 0, 'org_old', 'available', -10), (1, 1, 'org_old', 'held', 10),
    (2, 0, 'org_old', 'held', -10), (2, 1, 'org_old', 'available', 10), (2, 2, 'org_old', 'posted', 12), (2, 3, 'provider_payable', 'posted', -12),
    (3, 0, 'org_old', 'posted', 2), (3, 1, 'provider_payable', 'posted', -2), (4, 0, 'org_old', 'posted', -3), (4, 1, 'provider_payable', 'posted', 3),
    (5, 0, 'org_old', 'available', -10), (5, 1, 'org_old', 'held', 10),
    (6, 0, 'org_old', 'held', -10), (6, 1, 'org_old', 'available', 10), (6, 2, 'org_old', 'posted', 4), (6, 3, 'provider_payable', 'posted', -4),
    (7, 0, 'org_old', 'available', -10), (7, 1, 'org_old', 'held', 10), (8, 0, 'org_old', 'held', -10), (8, 1, 'org_old', 'suspense', 10),
    (9, 0, 'org_old', 'available', -10), (9, 1, 'org_old', 'held', 10)) AS e(number, position, account, bucket, value)`;

describe("books from before there were leases", () => {
  it("add up under the new rules, and say what they said", async () => {
    expect(await ledgerFaults(rig.pool)).toEqual([]);
    expect(await balanceOf(client, ORGANISATION)).toMatchObject({ hard: 100n, soft: undefined, clamp: false, posted: 15n, held: 10n, suspense: 10n, overrun: 1n, left: 65n });
    expect((await accountOf(client, ORGANISATION)).balances).toHaveLength(4);
  });

  it("go on: what was open or in suspense settles, and what was settled is corrected", async () => {
    for (const [name, cost] of [["open", 6n], ["lost", 7n], ["cheap", 5n], ["dear", 11n]] as const) {
      const { reservation } = await client.settle(settleRequest(`lease_${name}`, ORGANISATION, cost));
      expect(reservation).toMatchObject({ state: LeaseState.LEASE_STATE_CLOSED, settled: [usd(cost)] });
    }
    expect(await balanceOf(client, ORGANISATION)).toMatchObject({ posted: 26n, held: 0n, suspense: 0n });
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });

  it("keep what was written", async () => {
    await expect(rig.pool.query("UPDATE transfers SET reason = 'x'")).rejects.toThrow("append-only");
  });
});
