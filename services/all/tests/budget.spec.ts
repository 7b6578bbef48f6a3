import { describe, expect, test } from "vitest";
import { createTenant, type Tenant } from "./admin.ts";
import { FLAT_MODEL, FLAT_PRICE_NANOS, type Mesh } from "./mesh.ts";

const CONCURRENT = 50;
/** 400 tokens of an answer of gpt-4o-mini, at 600 nano-dollars each, and a prompt of below 200 bytes at 150. */
const WORST_CASE_NANOS = 400n * 600n + 200n * 150n;

/** Budgets hold at every level, under concurrency, and the ledger adds up. */
export function budgetSpec(mesh: () => Mesh): void {
  const ask = async (key: string, body: object, headers: Record<string, string> = {}): Promise<number> => {
    const answer = await fetch(`${mesh().edgeUrl}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      body: JSON.stringify({ messages: [{ role: "user", content: "Count to ten." }], ...body }),
    });
    await answer.arrayBuffer();
    return answer.status;
  };

  describe("a budget", () => {
    test.each(["key", "team", "organisation"] as const)(
      "for seven worst cases at the %s serves exactly seven of fifty at once",
      async (level) => {
        const tenant = await createTenant(mesh(), { [level]: 7n * FLAT_PRICE_NANOS });
        const asked = Array.from({ length: CONCURRENT }, () => ask(tenant.key, { model: FLAT_MODEL }));
        const statuses = await Promise.all(asked);
        expect(statuses.filter((status) => status === 200)).toHaveLength(7);
        expect(statuses.filter((status) => ![200, 402, 429].includes(status))).toEqual([]);
        await expectLedger(tenant, 7n * FLAT_PRICE_NANOS);
      },
    );

    test("whose worst cases are above the cost is never passed, and is used up to less than one worst case", async () => {
      const limit = 600_000n;
      const tenant = await createTenant(mesh(), { team: limit });
      const body = { model: "gpt-4o-mini", max_tokens: 400 };
      await Promise.all(Array.from({ length: CONCURRENT }, () => ask(tenant.key, body)));
      let status = 200;
      while (status !== 402) status = await ask(tenant.key, body);
      const { posted, left } = await tenant.admin.balanceAtRest(tenant.teamId);
      expect(posted).toBeLessThanOrEqual(limit);
      expect(left).toBeLessThan(WORST_CASE_NANOS);
      await expectLedger(tenant, posted);
    });

    test("is not passed by a prompt longer than the model's context", async () => {
      const limit = 30_000_000n;
      const { key, keyId, admin } = await createTenant(mesh(), { key: limit });
      const content = "a ".repeat(2_500_000);
      expect(await ask(key, { model: "gpt-4o-mini", max_tokens: 5, messages: [{ role: "user", content }] })).toBe(402);
      expect((await admin.balance(keyId)).posted).toBe(0n);
    });

    test("is charged once for a repeated Idempotency-Key", async () => {
      const tenant = await createTenant(mesh(), { key: 10n * FLAT_PRICE_NANOS });
      const headers = { "idempotency-key": "order-1" };
      expect(await ask(tenant.key, { model: FLAT_MODEL }, headers)).toBe(200);
      expect(await ask(tenant.key, { model: FLAT_MODEL }, headers)).toBe(409);
      expect(await ask(tenant.key, { model: FLAT_MODEL, seed: 1 }, headers)).toBe(409);
      await expectLedger(tenant, FLAT_PRICE_NANOS);
    });

    test("gives a failed request's money back", async () => {
      const tenant = await createTenant(mesh(), { key: 10n * FLAT_PRICE_NANOS });
      const content = "[[sim: status=500]] never";
      expect(await ask(tenant.key, { model: FLAT_MODEL, messages: [{ role: "user", content }] })).toBeGreaterThanOrEqual(500);
      await expectLedger(tenant, 0n);
    });
  });
}

/** At every level the same is posted and nothing held; each transfer's entries sum to zero. */
async function expectLedger({ admin, keyId, teamId, organisationId }: Tenant, posted: bigint): Promise<void> {
  for (const account of [keyId, teamId, organisationId]) {
    await expect.poll(() => admin.balance(account), { timeout: 10_000 }).toMatchObject({ posted, held: 0n });
  }
  const transfers = await allTransfers(admin, organisationId);
  const settled = transfers.filter(({ kind }) => kind === "TRANSFER_KIND_SETTLE");
  expect(settled.reduce((sum, { amounts }) => sum + BigInt(amounts[0]?.value ?? 0), 0n)).toBe(posted);
  for (const { entries } of transfers) expect(entries.reduce((sum, { amount }) => sum + BigInt(amount.value), 0n)).toBe(0n);
}

interface Transfer {
  readonly kind: string;
  readonly amounts: { value: string }[];
  readonly entries: { amount: { value: string } }[];
}

async function allTransfers(admin: Tenant["admin"], account: string): Promise<Transfer[]> {
  const transfers: Transfer[] = [];
  let token = "";
  do {
    const page = await admin.ok("GET", `accounts/${account}/transfers?page_size=100&page_token=${encodeURIComponent(token)}`);
    transfers.push(...((page["transfers"] ?? []) as Transfer[]));
    token = (page["nextPageToken"] as string | undefined) ?? "";
  } while (token !== "");
  return transfers;
}
