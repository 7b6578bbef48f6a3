import { isFailure } from "@alfred/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerFaults } from "./ledger-audit.ts";
import { balanceOf, limit, pathOf, reserveRequest, settleRequest, WalletRig } from "./wallet-rig.ts";
import type { Limits, RunningWallet, WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let wallets: readonly [RunningWallet, RunningWallet];

beforeAll(async () => {
  rig = await WalletRig.create();
  wallets = [await rig.startWallet(), await rig.startWallet()];
});
afterAll(() => rig[Symbol.asyncDispose]());

async function reserveAll(clients: readonly WalletClient[], limits: Limits, organisationId: string, keys: number): Promise<string[]> {
  const attempts = Array.from({ length: 50 }, async (_, index) => {
    const client = clients[index % clients.length];
    const path = pathOf(organisationId, String(index % keys), limits);
    const answer = await client?.reserve(reserveRequest(path, 100n));
    return answer?.reservation?.id ?? "";
  });
  const results = await Promise.allSettled(attempts);
  const refusals = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  expect(refusals.every((error) => isFailure(error, "BUDGET_HELD"))).toBe(true);
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

describe("50 requests at once on a budget for 20", () => {
  const levels: readonly [string, Limits, number][] = [
    ["key", { key: [limit(2_000n)] }, 1],
    ["team", { team: [limit(2_000n)] }, 5],
    ["organisation", { organisation: [limit(2_000n)] }, 5],
  ];
  for (const processes of [1, 2]) {
    it.each(levels)(`grants exactly 20 with the limit at the %s, over ${processes} wallet process(es)`, async (level, limits, keys) => {
      const organisationId = `org_${level}_${processes}`;
      const clients = wallets.slice(0, processes).map((wallet) => wallet.client());
      const granted = await reserveAll(clients, limits, organisationId, keys);
      expect(granted).toHaveLength(20);
      expect(await balanceOf(wallets[0].client(), organisationId)).toMatchObject({ held: 2_000n, posted: 0n });
      await Promise.all(granted.map(async (id, index) => await clients[index % clients.length]?.settle(settleRequest(id, organisationId, 100n))));
      expect(await balanceOf(wallets[0].client(), organisationId)).toMatchObject({ held: 0n, posted: 2_000n, overrun: 0n });
      expect(await ledgerFaults(rig.pool)).toEqual([]);
    });
  }

  it("serves later requests with what came back, up to less than one worst case", async () => {
    const client = wallets[0].client();
    const limits = { organisation: [limit(2_000n)] };
    const spend = async (): Promise<void> => {
      const { reservation } = await client.reserve(reserveRequest(pathOf("org_later", "a", limits), 100n));
      await client.settle(settleRequest(reservation?.id ?? "", "org_later", 30n));
    };
    const worker = async (): Promise<void> => {
      for (;;) {
        try {
          await spend();
        } catch (error) {
          if (isFailure(error, "INSUFFICIENT_QUOTA")) return;
          if (!isFailure(error, "BUDGET_HELD")) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: 25 }, worker));
    const { posted, held } = await balanceOf(client, "org_later");
    expect(held).toBe(0n);
    expect(posted).toBeGreaterThan(1_900n);
    expect(posted).toBeLessThanOrEqual(2_000n);
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });
});

describe("two wallet processes on one database", () => {
  it("open the same new accounts, many organisations at once, without a deadlock", async () => {
    const [one, other] = [wallets[0].client(), wallets[1].client()];
    const requests = Array.from({ length: 200 }, (_, index) => {
      const path = pathOf(`org_many_${index % 12}`, String(index % 3));
      return (index % 2 === 0 ? one : other).reserve(reserveRequest(path, BigInt(index)));
    });
    const answers = await Promise.all(requests);
    expect(answers.every(({ replayed }) => !replayed)).toBe(true);
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });

  it("answer one request id once, whichever of them is asked", async () => {
    const [one, other] = [wallets[0].client(), wallets[1].client()];
    const request = reserveRequest(pathOf("org_replay"), 5n);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : other).reserve(request)));
    expect(new Set(answers.map(({ reservation }) => reservation?.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await balanceOf(one, "org_replay")).toMatchObject({ held: 5n });
  });
});
