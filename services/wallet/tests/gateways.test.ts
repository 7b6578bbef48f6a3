import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerFaults } from "./ledger-audit.ts";
import { finalOf, recordOf, settlementOf, TestGateway } from "./test-gateway.ts";
import { balanceOf, LeaseState, limit, pathOf, WalletRig } from "./wallet-rig.ts";
import type { WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let client: WalletClient;
let elsewhere: WalletClient;

beforeAll(async () => {
  rig = await WalletRig.create();
  client = (await rig.startWallet()).client();
  elsewhere = (await rig.startWallet()).client();
});
afterAll(() => rig[Symbol.asyncDispose]());

const { LEASE_STATE_CLOSED: CLOSED, LEASE_STATE_SUSPENSE: SUSPENSE } = LeaseState;
const pathTo = (organisationId: string): ReturnType<typeof pathOf> => pathOf(organisationId, "a", { team: [limit(100n)] });
const superseded = { code: "GATEWAY_SUPERSEDED" };

describe("a gateway's hello", () => {
  it("gives each start the next number, whichever wallet hears it", async () => {
    await using first = await TestGateway.hello(client);
    await using second = await first.restart({}, elsewhere);
    await using third = await second.restart();
    expect([first.incarnation, second.incarnation, third.incarnation]).toEqual([1n, 2n, 3n]);
  });

  it("of a start that is known changes nothing: its leases stay, and what was recalled is told again", async () => {
    const path = pathTo("org_doubled");
    await using gateway = await TestGateway.hello(client);
    await using other = await TestGateway.hello(client);
    const leaseId = await gateway.lease(path, 60n);
    await expect(other.acquire(path, 50n)).rejects.toMatchObject({ code: "BUDGET_HELD" });
    await using again = await TestGateway.hello(elsewhere, { gatewayId: gateway.id, startId: gateway.startId, replaces: "" });
    expect(again.incarnation).toBe(gateway.incarnation);
    expect(await balanceOf(client, "org_doubled")).toMatchObject({ held: 60n, suspense: 0n });
    const waiting = other.acquire(path, 50n, 50n, { wait: { seconds: 30n, nanos: 0 } });
    await expect.poll(() => again.recalled.has(leaseId), { timeout: 5_000 }).toBe(true);
    await again.settle(finalOf(leaseId, path));
    expect((await waiting).lease?.id).toMatch(/^lease_/);
  });

  it("that does not follow the present start is told of that one, and changes nothing", async () => {
    const path = pathTo("org_behind");
    await using gateway = await TestGateway.hello(client);
    await gateway.lease(path, 60n);
    for (const replaces of ["", "start_of_long_ago"]) {
      await using behind = await TestGateway.hello(elsewhere, { gatewayId: gateway.id, replaces, intact: false });
      expect(behind).toMatchObject({ supersededBy: gateway.startId, incarnation: 0n });
    }
    expect(await balanceOf(client, "org_behind")).toMatchObject({ held: 60n, suspense: 0n });
    expect(await gateway.lease(path, 10n)).not.toBe("");
  });

  it("ends the stream of the start before, in this wallet at once and in another soon", async () => {
    for (const wallet of [client, elsewhere]) {
      await using first = await TestGateway.hello(client);
      await using second = await first.restart({}, wallet);
      await expect.poll(() => first.supersededBy, { timeout: 5_000 }).toBe(second.startId);
    }
  });

  it("of two starts at once lets one through", async () => {
    await using gateway = await TestGateway.hello(client);
    const twins = await Promise.all([gateway.restart({}, client), gateway.restart({}, elsewhere)]);
    await Promise.all(twins.map((twin) => twin[Symbol.asyncDispose]()));
    expect(twins.filter(({ incarnation }) => incarnation === 2n)).toHaveLength(1);
    expect(twins.filter(({ supersededBy }) => supersededBy !== undefined).length).toBeGreaterThanOrEqual(1);
  });
});

describe("a start that was superseded", () => {
  it("is granted nothing, not even what it was granted before, and settles all the same", async () => {
    const path = pathTo("org_stale");
    await using first = await TestGateway.hello(client);
    const request = first.acquireRequest(path, 50n);
    const { lease } = await client.acquireLease(request);
    const leaseId = lease?.id ?? "";
    await using second = await first.restart({ leaseIds: [leaseId] }, elsewhere);
    await expect(first.acquire(path, 1n)).rejects.toMatchObject(superseded);
    await expect(elsewhere.acquireLease(request)).rejects.toMatchObject(superseded);
    await first.settle(settlementOf(leaseId, path, { records: [recordOf(path, 1, 30n)] }));
    expect(await balanceOf(client, "org_stale")).toMatchObject({ posted: 30n, held: 20n });
    expect(await second.settle(finalOf(leaseId, path, [recordOf(path, 1, 30n)]))).toMatchObject([{ state: CLOSED }]);
    expect(await balanceOf(client, "org_stale")).toMatchObject({ posted: 30n, held: 0n });
  });

  it("does not wait on: an acquire that waits is refused when its gateway starts anew", async () => {
    const path = pathTo("org_waiting_stale");
    await using holder = await TestGateway.hello(client);
    await using first = await TestGateway.hello(client);
    await holder.lease(path, 100n);
    const waiting = first.acquire(path, 50n, 50n, { wait: { seconds: 30n, nanos: 0 } }).catch((error: unknown) => error);
    await expect.poll(() => holder.recalled.size, { timeout: 5_000 }).toBe(1);
    await using second = await first.restart();
    expect(await waiting).toMatchObject(superseded);
    expect(second.incarnation).toBe(2n);
  });
});

describe("the leases of an earlier start", () => {
  it("close where the journal is intact and has no records of them; the others wait for replay", async () => {
    const path = pathTo("org_intact");
    await using first = await TestGateway.hello(client);
    const [unspent, spent] = [await first.lease(path, 50n), await first.lease(path, 30n)];
    await using second = await first.restart({ leaseIds: [spent] });
    expect(await balanceOf(client, "org_intact_team")).toMatchObject({ held: 30n, suspense: 0n, left: 70n });
    expect(await second.settle(settlementOf(unspent, path))).toMatchObject([{ state: CLOSED }]);
    await second.settle(finalOf(spent, path, [recordOf(path, 1, 25n, 25n, true)]));
    expect(await balanceOf(client, "org_intact_team")).toMatchObject({ posted: 25n, held: 0n, left: 75n });
  });

  it("stay in suspense for good where the journal is lost, listed or not", async () => {
    const path = pathTo("org_lost");
    await using first = await TestGateway.hello(client);
    const leaseId = await first.lease(path, 50n);
    await using second = await first.restart({ intact: false, leaseIds: [leaseId] });
    expect(await balanceOf(client, "org_lost_team")).toMatchObject({ held: 0n, suspense: 50n });
    expect(await second.settle(finalOf(leaseId, path, [recordOf(path, 1, 20n)]))).toMatchObject([{ state: SUSPENSE }]);
    await using third = await second.restart({ intact: true });
    expect(await third.settle(settlementOf(leaseId, path, { finalCount: 1n }))).toMatchObject([{ state: SUSPENSE }]);
    expect(await balanceOf(client, "org_lost_team")).toMatchObject({ posted: 20n, suspense: 30n, left: 50n });
    const told = (): unknown[] => rig.events.filter(({ organisationId, type }) => organisationId === "org_lost" && type === "lease_suspended");
    await expect.poll(() => told().length, { timeout: 5_000 }).toBe(1);
  });

  it("close in all organisations together", async () => {
    const paths = Array.from({ length: 5 }, (_, index) => pathTo(`org_all_${index}`));
    await using first = await TestGateway.hello(client);
    for (const path of paths) await first.lease(path, 40n);
    await using second = await first.restart({}, elsewhere);
    expect(second.incarnation).toBe(2n);
    for (const { organisationId } of paths) expect(await balanceOf(client, organisationId)).toMatchObject({ held: 0n, suspense: 0n });
  });
});

describe("hello", () => {
  it.each([
    ["gateway_id", { gatewayId: "" }],
    ["start_id", { startId: "x".repeat(65) }],
    ["lease_ids", { leaseIds: [""] }],
  ])("is refused where %s cannot be read", async (field, hello) => {
    await expect(TestGateway.hello(client, hello)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field } });
  });
});

describe("after all that", () => {
  it("the ledger adds up", async () => {
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });
});
