import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finalOf, recordOf, TestGateway } from "./test-gateway.ts";
import { balanceOf, limit, pathOf, reserveRequest, WalletRig } from "./wallet-rig.ts";
import type { WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let client: WalletClient;
let gateway: TestGateway;
const path = pathOf("org_failover", "a", { organisation: [limit(1_000n)] });

beforeAll(async () => {
  rig = await WalletRig.create();
  client = (await rig.startWallet()).client();
  gateway = await TestGateway.hello(client);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

/** The books as if they came from another server: a standby that was behind, or a backup. */
async function moveBooks(identity: string): Promise<void> {
  await rig.operator.query("UPDATE wallet.failover SET identity = $1", [identity]);
}

describe("books that moved to another server", () => {
  it("are granted from at once where they never were before", async () => {
    expect((await gateway.acquire(path, 100n)).lease?.credit).toHaveLength(1);
  });

  it("grant nothing until what was granted before is over, and take settlements all the while", async () => {
    const { lease } = await gateway.acquire(path, 100n);
    await moveBooks("7000000000000000000/00000001");
    const request = gateway.acquireRequest(path, 100n);
    const refusal = { code: "UNAVAILABLE", metadata: { resume: "2026-03-10T12:00:45.000Z" } };
    await expect(client.acquireLease(request)).rejects.toMatchObject(refusal);
    await expect(client.reserve(reserveRequest(path, 1n))).rejects.toMatchObject(refusal);
    rig.clock.advance(44_999);
    await expect(client.acquireLease(request)).rejects.toMatchObject(refusal);
    await gateway.settle(finalOf(lease?.id ?? "", path, [recordOf(path, 1, 60n, 100n)]));
    expect(await balanceOf(client, "org_failover")).toMatchObject({ posted: 60n });
    rig.clock.advance(1);
    expect(await client.acquireLease(request)).toMatchObject({ replayed: false });
  });
});
