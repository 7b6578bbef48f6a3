import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerFaults } from "./ledger-audit.ts";
import { ceilingOf, finalOf, recordOf, settlementOf, TestGateway } from "./test-gateway.ts";
import { balanceOf, LeaseState, limit, pathOf, Period, Unit, usd, WalletRig } from "./wallet-rig.ts";
import type { Limits, RunningWallet, WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let wallets: readonly [RunningWallet, RunningWallet];
let client: WalletClient;
let elsewhere: WalletClient;
let one: TestGateway;
let other: TestGateway;

beforeAll(async () => {
  rig = await WalletRig.create();
  wallets = [await rig.startWallet(), await rig.startWallet()];
  [client, elsewhere] = [wallets[0].client(), wallets[1].client()];
  one = await TestGateway.hello(client);
  other = await TestGateway.hello(elsewhere);
});
afterAll(async () => {
  await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
  await rig[Symbol.asyncDispose]();
});

const seconds = (count: number): { seconds: bigint; nanos: number } => ({ seconds: BigInt(count), nanos: 0 });

describe("a grant", () => {
  const levels: ReadonlyArray<readonly [string, Limits, string]> = [
    ["key", { key: [limit(1_000n)], organisation: [limit(5_000n)] }, "_key_a"],
    ["team", { team: [limit(1_000n)], organisation: [limit(5_000n)] }, "_team"],
    ["organisation", { organisation: [limit(1_000n)] }, ""],
    ["nowhere", {}, ""],
  ];

  it.each(levels)("hangs on the lowest account with a limit: at the %s", async (level, limits, suffix) => {
    const organisationId = `org_hang_${level}`;
    const { lease, replayed } = await one.acquire(pathOf(organisationId, "a", limits), 100n);
    const hang = `${organisationId}${suffix}`;
    expect(replayed).toBe(false);
    expect(lease).toMatchObject({ accountId: hang, gatewayId: one.id, incarnation: one.incarnation, state: LeaseState.LEASE_STATE_OPEN, credit: [usd(100n)], held: [usd(100n)] });
    const path = [`${organisationId}_key_a`, `${organisationId}_team`, organisationId];
    for (const [index, id] of path.entries()) {
      expect(await balanceOf(client, id)).toMatchObject({ held: index < path.indexOf(hang) ? 0n : 100n });
    }
  });

  it("is at most a share of what is left, and less where several gateways ask", async () => {
    const path = pathOf("org_share", "a", { organisation: [limit(1_000n)] });
    const first = await one.acquire(path, 1_000n, 10n);
    expect(first).toMatchObject({ lease: { credit: [usd(500n)] }, remaining: [usd(500n)] });
    await one.acquire(path, 100n, 10n);
    await using third = await TestGateway.hello(client);
    expect(await third.acquire(path, 1_000n, 10n)).toMatchObject({ lease: { credit: [usd(100n)] }, remaining: [usd(300n)] });
  });

  it("is the minimum where a share would be less, to the last of it", async () => {
    const path = pathOf("org_exact", "a", { team: [limit(100n)] });
    for (let left = 90n; left >= 0n; left -= 10n) {
      expect(await one.acquire(path, 10n, 10n)).toMatchObject({ lease: { credit: [usd(10n)] }, remaining: [usd(left)] });
    }
    await expect(one.acquire(path, 10n, 10n)).rejects.toMatchObject({ code: "BUDGET_HELD" });
  });

  it("is of all units or of none", async () => {
    const tokens = { unit: Unit.UNIT_TOKENS, period: Period.PERIOD_DAY, hard: 50n, soft: undefined, clamp: false };
    const path = pathOf("org_units", "a", { key: [tokens], organisation: [limit(1_000n)] });
    const demands = (value: bigint): Array<{ unit: Unit; wanted: bigint; minimum: bigint }> => [
      { unit: Unit.UNIT_USD, wanted: 10n, minimum: 10n },
      { unit: Unit.UNIT_TOKENS, wanted: value, minimum: value },
    ];
    const denied = one.acquire(path, 10n, 10n, { demands: demands(51n) });
    await expect(denied).rejects.toMatchObject({ code: "INSUFFICIENT_QUOTA", metadata: { account: "org_units_key_a", unit: "tokens" } });
    expect(await balanceOf(client, "org_units")).toMatchObject({ held: 0n });
    const { lease } = await one.acquire(path, 10n, 10n, { demands: demands(50n) });
    expect(lease?.credit).toEqual([usd(10n), { unit: Unit.UNIT_TOKENS, value: 50n }]);
  });

  it("may be spent for thirty seconds, or until the first period on its path ends", async () => {
    expect((await one.acquire(pathOf("org_ttl", "a", { key: [limit(100n, Period.PERIOD_DAY)] }), 1n)).ttl).toEqual(seconds(30));
    const before = rig.clock.nowMs;
    rig.clock.set("2026-03-10T23:59:50Z");
    expect((await one.acquire(pathOf("org_ttl"), 1n)).ttl).toEqual(seconds(10));
    rig.clock.nowMs = before;
  });

  it("is answered once: the same lease again, and another body is refused", async () => {
    const request = one.acquireRequest(pathOf("org_again"), 5n);
    const first = await client.acquireLease(request);
    expect(await client.acquireLease({ ...request, wait: seconds(3) })).toMatchObject({ lease: { id: first.lease?.id }, replayed: true });
    const changed = client.acquireLease({ ...request, demands: [{ unit: Unit.UNIT_USD, wanted: 6n, minimum: 6n }] });
    await expect(changed).rejects.toMatchObject({ code: "REQUEST_ID_REUSED" });
    expect(await balanceOf(client, "org_again")).toMatchObject({ held: 5n });
  });

  it.each([
    ["demands", { demands: [] }],
    ["demands.wanted", { demands: [{ unit: Unit.UNIT_USD, wanted: 1n, minimum: 2n }] }],
    ["wait", { wait: seconds(61) }],
    ["path", { path: undefined }],
    ["gateway_id", { gatewayId: "" }],
  ])("is refused where %s is out of range", async (field, changes) => {
    await expect(one.acquire(pathOf("org_invalid"), 1n, 1n, changes)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field } });
  });
});

describe("a denial", () => {
  it("is of a spent budget where waiting cannot help, and says so at once", async () => {
    const path = pathOf("org_spent", "a", { team: [limit(100n, Period.PERIOD_MONTH)] });
    const leaseId = await one.lease(path, 95n);
    await one.settle(finalOf(leaseId, path, [recordOf(path, 1, 95n)]));
    const request = one.acquireRequest(path, 10n, 6n, { wait: seconds(60) });
    const expected = {
      code: "INSUFFICIENT_QUOTA",
      metadata: { account: "org_spent_team", unit: "usd", limit: "100", left: "5", reset: "2026-04-01T00:00:00.000Z", period: "month" },
    };
    await expect(client.acquireLease(request)).rejects.toMatchObject(expected);
    await expect(client.acquireLease(request)).rejects.toMatchObject({ ...expected, metadata: { replayed: "true" } });
  });

  it("is of a held budget where nothing came back during the wait, and stays the answer", async () => {
    const path = pathOf("org_held", "a", { team: [limit(100n)] });
    const leaseId = await one.lease(path, 95n);
    const request = other.acquireRequest(path, 10n, 10n, { wait: { seconds: 0n, nanos: 100_000_000 } });
    const expected = { code: "BUDGET_HELD", metadata: { account: "org_held_team", left: "5" } };
    await expect(elsewhere.acquireLease(request)).rejects.toMatchObject(expected);
    await one.settle(finalOf(leaseId, path));
    await expect(elsewhere.acquireLease(request)).rejects.toMatchObject(expected);
    expect(await other.lease(path, 10n)).not.toBe("");
  });

  it("says where a shorter answer would do", async () => {
    const path = pathOf("org_clamp", "a", { key: [{ ...limit(5n), clamp: true }] });
    await expect(one.acquire(path, 6n)).rejects.toMatchObject({ code: "INSUFFICIENT_QUOTA", metadata: { clamp: "true", left: "5" } });
  });
});

describe("waiting", () => {
  const limits = { organisation: [limit(100n)] };

  it("ends when another gateway gives back what it was asked for, over one wallet or two", async () => {
    for (const [index, waiter] of [one, other].entries()) {
      const holder = index === 0 ? other : one;
      const path = pathOf(`org_wait_${index}`, "a", limits);
      const leaseId = await holder.lease(path, 100n);
      const waiting = waiter.acquire(path, 40n, 40n, { wait: seconds(30) });
      await expect.poll(() => holder.recalled.has(leaseId), { timeout: 5_000 }).toBe(true);
      await holder.settle(settlementOf(leaseId, path, { ceiling: ceilingOf(50n) }));
      expect((await waiting).lease?.credit).toEqual([usd(40n)]);
      expect(await balanceOf(client, path.organisationId)).toMatchObject({ held: 90n });
    }
  });

  it("recalls every lease under the account that lacks, not only those on the path", async () => {
    const keys = { ...limits, key: [limit(100n)] };
    const [aside, mine] = [pathOf("org_aside", "b", keys), pathOf("org_aside", "a", keys)];
    const [far, near] = [await one.lease(aside, 50n), await one.lease(mine, 50n)];
    const waiting = other.acquire(mine, 20n, 20n, { wait: seconds(30) });
    await expect.poll(() => [one.recalled.has(far), one.recalled.has(near)], { timeout: 5_000 }).toEqual([true, true]);
    await one.settle(finalOf(far, aside));
    expect((await waiting).lease?.credit).toEqual([usd(20n)]);
    await one.settle(finalOf(near, mine));
  });

  it("is first come, first served", async () => {
    const path = pathOf("org_fifo", "a", limits);
    const leaseId = await other.lease(path, 100n);
    const served: number[] = [];
    const waiting = [0, 1, 2].map(async (index) => {
      const { lease } = await one.acquire(path, 50n, 50n, { wait: seconds(30) });
      served.push(index);
      await one.settle(finalOf(lease?.id ?? "", path, [recordOf(path, 1, 0n, 50n)]));
    });
    await expect.poll(() => other.recalled.has(leaseId), { timeout: 5_000 }).toBe(true);
    await other.settle(finalOf(leaseId, path));
    await Promise.all(waiting);
    expect(served.at(-1)).toBe(2);
  });

  it("is over when the caller goes", async () => {
    const path = pathOf("org_gone", "a", limits);
    const leaseId = await other.lease(path, 100n);
    const leave = new AbortController();
    const waiting = client.acquireLease(one.acquireRequest(path, 50n, 50n, { wait: seconds(30) }), { signal: leave.signal });
    await expect.poll(() => other.recalled.has(leaseId), { timeout: 5_000 }).toBe(true);
    leave.abort();
    await expect(waiting).rejects.toMatchObject({ code: "CANCELLED" });
    const waitingNow = (): Promise<string> => wallets[0].registry.getSingleMetricAsString("alfred_wallet_acquires_waiting");
    await expect.poll(waitingNow, { timeout: 5_000 }).toContain("alfred_wallet_acquires_waiting 0");
    await other.settle(finalOf(leaseId, path));
    expect(await one.lease(path, 100n)).not.toBe("");
  });
});

describe("limits", () => {
  const set = (accountId: string, hard: bigint | undefined): ReturnType<WalletClient["setLimit"]> =>
    client.setLimit({ requestId: `set_${accountId}_${hard}`, accountId, unit: Unit.UNIT_USD, period: Period.PERIOD_NONE, hard, soft: undefined, clamp: false });

  it("raised let the next in, and every gateway hears of it", async () => {
    const path = pathOf("org_raised", "a", { organisation: [limit(10n)] });
    await one.lease(path, 10n);
    const waiting = other.acquire(path, 20n, 20n, { wait: seconds(30) });
    await expect(waiting).rejects.toMatchObject({ code: "INSUFFICIENT_QUOTA" });
    await set("org_raised", 50n);
    expect(await other.lease(path, 20n)).not.toBe("");
    const heard = (gateway: TestGateway): boolean => gateway.revisions.some(({ organisationId }) => organisationId === "org_raised");
    await expect.poll(() => [heard(one), heard(other)], { timeout: 5_000 }).toEqual([true, true]);
  });

  it("lowered below what is held recall it and grant nothing more, and what was granted still settles", async () => {
    const path = pathOf("org_lowered", "a", { organisation: [limit(100n)] });
    const leaseId = await one.lease(path, 80n);
    await set("org_lowered", 30n);
    await expect.poll(() => one.recalled.has(leaseId), { timeout: 5_000 }).toBe(true);
    await expect(one.acquire(path, 1n)).rejects.toMatchObject({ code: "BUDGET_HELD" });
    await one.settle(finalOf(leaseId, path, [recordOf(path, 1, 70n, 80n)]));
    expect(await balanceOf(client, "org_lowered")).toMatchObject({ posted: 70n, held: 0n, overrun: 0n, left: 0n });
    await expect(one.acquire(path, 1n)).rejects.toMatchObject({ code: "INSUFFICIENT_QUOTA" });
  });

  it("new below open leases recall those that hang above them, under a new revision", async () => {
    const path = pathOf("org_added", "a", { organisation: [limit(100n)] });
    const { lease, limitsRevision } = await other.acquire(path, 50n);
    const leaseId = lease?.id ?? "";
    await set("org_added_key_a", 20n);
    await expect.poll(() => other.recalled.has(leaseId), { timeout: 5_000 }).toBe(true);
    const next = await other.acquire(path, 20n);
    expect(next).toMatchObject({ lease: { accountId: "org_added_key_a" } });
    expect(next.limitsRevision).toBeGreaterThan(limitsRevision);
    await expect.poll(() => one.revisions.find(({ organisationId }) => organisationId === "org_added")?.revision, { timeout: 5_000 }).toBe(next.limitsRevision);
    await other.settle(finalOf(leaseId, path));
  });
});

describe("after all that", () => {
  it("the ledger adds up", async () => {
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });
});
