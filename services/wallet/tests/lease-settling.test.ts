import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerFaults } from "./ledger-audit.ts";
import { ceilingOf, finalOf, recordOf, settlementOf, TestGateway } from "./test-gateway.ts";
import { balanceOf, LeaseState, limit, pathOf, Period, reserveRequest, settleRequest, Unit, usd, WalletRig } from "./wallet-rig.ts";
import type { RunningWallet, WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let wallet: RunningWallet;
let client: WalletClient;
let gateway: TestGateway;

beforeAll(async () => {
  rig = await WalletRig.create();
  wallet = await rig.startWallet();
  client = wallet.client();
  gateway = await TestGateway.hello(client);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

const { LEASE_STATE_OPEN: OPEN, LEASE_STATE_CLOSED: CLOSED, LEASE_STATE_SUSPENSE: SUSPENSE } = LeaseState;

/** Two keys of a team whose leases hang on the team, or higher where it has no limit. */
function keysOf(organisationId: string, hard = 1_000n): [ReturnType<typeof pathOf>, ReturnType<typeof pathOf>] {
  const limits = { team: [limit(hard)] };
  return [pathOf(organisationId, "a", limits), pathOf(organisationId, "b", limits)];
}

describe("a settlement", () => {
  it("charges each record to its own key, draws its worst case at most, and leaves the rest held", async () => {
    const [a, b] = keysOf("org_records");
    const leaseId = await gateway.lease(a, 100n);
    const records = [recordOf(a, 1, 10n, 30n), recordOf(b, 2, 20n), recordOf(a, 3, 25n, 5n)];
    const [settled] = await gateway.settle(settlementOf(leaseId, a, { paths: [a, b], records }));
    expect(settled).toMatchObject({ leaseId, state: OPEN });
    expect(await balanceOf(client, "org_records_key_a")).toMatchObject({ posted: 35n, held: 0n, overrun: 20n });
    expect(await balanceOf(client, "org_records_key_b")).toMatchObject({ posted: 20n });
    expect(await balanceOf(client, "org_records_team")).toMatchObject({ posted: 55n, held: 65n, overrun: 20n });
    expect(await gateway.settle(settlementOf(leaseId, a, { finalCount: 3n }))).toMatchObject([{ state: CLOSED }]);
    expect(await balanceOf(client, "org_records")).toMatchObject({ posted: 55n, held: 0n, overrun: 20n });
  });

  it("comes to the same in any order and however often", async () => {
    const orders = [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 2, 3, 0, 1, 3, 1], [1, 3, 1, 0, 0, 2]];
    const ends = await Promise.all(
      orders.map(async (order, index) => {
        const organisationId = `org_order_${index}`;
        const [a, b] = keysOf(organisationId);
        const leaseId = await gateway.lease(a, 100n);
        const pieces = [
          settlementOf(leaseId, a, { records: [recordOf(a, 1, 30n, 30n, true)] }),
          settlementOf(leaseId, a, { records: [recordOf(a, 1, 12n, 30n), recordOf(a, 2, 9n, 4n)] }),
          settlementOf(leaseId, b, { records: [recordOf(b, 3, 20n)], ceiling: ceilingOf(60n) }),
          settlementOf(leaseId, a, { finalCount: 3n }),
        ];
        for (const piece of order.map((at) => pieces[at])) if (piece !== undefined) await gateway.settle(piece);
        const accounts = [`${organisationId}_key_a`, `${organisationId}_key_b`, `${organisationId}_team`, organisationId];
        return Promise.all(accounts.map((id) => balanceOf(client, id)));
      }),
    );
    for (const end of ends) expect(end).toEqual(ends[0]);
    expect(ends[0]?.[3]).toMatchObject({ posted: 41n, held: 0n, overrun: 5n });
  });

  it("with a ceiling gives back at once what no open record needs", async () => {
    const [a] = keysOf("org_ceiling", 100n);
    const leaseId = await gateway.lease(a, 100n);
    await gateway.settle(settlementOf(leaseId, a, { records: [recordOf(a, 1, 10n, 20n)], ceiling: ceilingOf(45n) }));
    expect(await balanceOf(client, "org_ceiling_team")).toMatchObject({ posted: 10n, held: 35n, left: 55n });
    await gateway.settle(settlementOf(leaseId, a, { ceiling: ceilingOf(80n) }));
    expect(await balanceOf(client, "org_ceiling_team")).toMatchObject({ held: 35n });
    await gateway.settle(finalOf(leaseId, a, [recordOf(a, 1, 10n, 20n), recordOf(a, 2, 35n)]));
    expect(await balanceOf(client, "org_ceiling_team")).toMatchObject({ posted: 45n, held: 0n, overrun: 0n });
  });

  it("said to be final closes the lease when all its records were seen, and not before", async () => {
    const [a] = keysOf("org_final");
    const leaseId = await gateway.lease(a, 100n);
    expect(await gateway.settle(settlementOf(leaseId, a, { records: [recordOf(a, 1, 10n), recordOf(a, 3, 10n)], finalCount: 3n }))).toMatchObject([{ state: OPEN }]);
    expect(await balanceOf(client, "org_final_team")).toMatchObject({ held: 80n });
    expect(await gateway.settle(settlementOf(leaseId, a, { records: [recordOf(a, 2, 10n)] }))).toMatchObject([{ state: CLOSED }]);
    expect(await balanceOf(client, "org_final_team")).toMatchObject({ posted: 30n, held: 0n });
  });

  it("of a closed lease is posted beyond it", async () => {
    const [a] = keysOf("org_late");
    const leaseId = await gateway.lease(a, 100n);
    await gateway.settle(finalOf(leaseId, a, [recordOf(a, 1, 10n)]));
    await gateway.settle(settlementOf(leaseId, a, { records: [recordOf(a, 2, 15n)] }));
    expect(await balanceOf(client, "org_late_team")).toMatchObject({ posted: 25n, held: 0n, overrun: 15n });
  });

  it("of an unknown lease is posted beyond it, once, in the windows of its grant, and opens its accounts", async () => {
    const path = pathOf("org_unknown", "a", { key: [limit(5n)] });
    const grantTime = new Date("2026-02-27T10:00:00Z");
    const settlement = settlementOf("lease_nobody_knows", path, { records: [recordOf(path, 1, 40n)], grantTime });
    expect(await gateway.settle(settlement, settlement)).toMatchObject([{ state: CLOSED }, { state: CLOSED }]);
    expect(await balanceOf(client, "org_unknown_key_a")).toMatchObject({ posted: 40n, held: 0n, hard: 5n, left: 0n });
    expect(await balanceOf(client, "org_unknown", Period.PERIOD_MONTH)).toMatchObject({ posted: 0n });
  });

  it("goes into the period in which the lease was granted", async () => {
    const path = pathOf("org_period", "a", { organisation: [limit(100n, Period.PERIOD_DAY)] });
    const before = rig.clock.nowMs;
    rig.clock.set("2026-03-10T23:59:55Z");
    const leaseId = await gateway.lease(path, 60n);
    rig.clock.set("2026-03-11T00:00:05Z");
    expect(await gateway.lease(path, 100n)).not.toBe("");
    await gateway.settle(finalOf(leaseId, path, [recordOf(path, 1, 60n)]));
    expect(await balanceOf(client, "org_period", Period.PERIOD_DAY)).toMatchObject({ posted: 0n, held: 100n });
    rig.clock.set("2026-03-10T23:59:55Z");
    expect(await balanceOf(client, "org_period", Period.PERIOD_DAY)).toMatchObject({ posted: 60n, held: 0n });
    rig.clock.nowMs = before;
  });

  it("is taken by the thousand, and told as events", async () => {
    const [a] = keysOf("org_thousand", 1_000_000n);
    const { lease } = await gateway.acquire(a, 10_000n);
    const records = Array.from({ length: 1_000 }, (_, index) => recordOf(a, index + 1, 7n, 10n));
    await gateway.settle(finalOf(lease?.id ?? "", a, records));
    expect(await balanceOf(client, "org_thousand")).toMatchObject({ posted: 7_000n, held: 0n });
    const told = (): unknown[] => rig.events.filter(({ organisationId, type }) => organisationId === "org_thousand" && type === "lease_charged");
    await expect.poll(() => told().length, { timeout: 5_000 }).toBe(1);
  });

  it("says where the path stands, and which soft limits it passed", async () => {
    const path = pathOf("org_soft", "a", { team: [{ ...limit(100n), soft: 50n }] });
    const leaseId = await gateway.lease(path, 80n);
    expect(await gateway.settle(settlementOf(leaseId, path, { records: [recordOf(path, 1, 49n)] }))).toMatchObject([{ warnings: [] }]);
    const warning = { accountId: "org_soft_team", unit: Unit.UNIT_USD, period: Period.PERIOD_NONE, soft: 50n };
    const [passed] = await gateway.settle(settlementOf(leaseId, path, { records: [recordOf(path, 2, 1n)] }));
    expect(passed).toMatchObject({ remaining: [usd(20n)], warnings: [{ ...warning, posted: 50n }] });
    await gateway.settle(settlementOf(leaseId, path, { records: [recordOf(path, 3, 5n)] }));
    expect((await gateway.acquire(path, 1n)).warnings).toMatchObject([{ ...warning, posted: 55n }]);
    const told = (): unknown[] => rig.events.filter(({ organisationId, type }) => organisationId === "org_soft" && type === "soft_limit_passed");
    await expect.poll(() => told().length, { timeout: 5_000 }).toBe(1);
    expect(await wallet.registry.metrics()).toContain("alfred_wallet_soft_limits_passed_total 1");
  });
});

describe("what cannot be read", () => {
  const path = pathOf("org_unread");
  // The wire holds more seconds than a Date does.
  const beyondDates = Object.assign(new Date(0), { getTime: () => 1e18 });
  const over = (value: bigint): ReturnType<typeof recordOf> => recordOf(path, 1, value);
  it.each([
    ["settlements", Array.from({ length: 1_001 }, () => settlementOf("l", path))],
    ["settlements.paths", [settlementOf("l", path, { paths: [] })]],
    ["settlements.paths", [settlementOf("l", path, { paths: [path, pathOf("org_unread_too")] })]],
    ["settlements.records", [settlementOf("l", path, { records: Array.from({ length: 1_001 }, (_, index) => recordOf(path, index + 1, 1n)) })]],
    ["settlements.records.number", [settlementOf("l", path, { records: [recordOf(path, 0, 1n)] })]],
    ["settlements.records.account_id", [settlementOf("l", path, { records: [recordOf(pathOf("org_unread", "z"), 1, 1n)] })]],
    ["settlements.records.cost", [settlementOf("l", path, { records: Array.from({ length: 11 }, (_, index) => ({ ...over(10n ** 17n), number: BigInt(index + 1) })) })]],
    ["amounts", [settlementOf("l", path, { records: [over(2n ** 62n)] })]],
    ["amounts", [settlementOf("l", path, { records: [over(-1n)] })]],
    ["settlements.grant_time", [settlementOf("l", path, { grantTime: beyondDates })]],
    ["settlements.final_count", [settlementOf("l", path, { finalCount: -1n })]],
  ])("is refused: %s", async (field, settlements) => {
    await expect(gateway.settle(...settlements)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field } });
  });
});

describe("a lease of which nothing is heard", () => {
  it("turns to suspense, which counts on until its records come", async () => {
    const [a] = keysOf("org_silent", 100n);
    const leaseId = await gateway.lease(a, 60n);
    rig.clock.advance(44_000);
    await wallet.service.sweep();
    expect(await balanceOf(client, "org_silent_team")).toMatchObject({ held: 60n, suspense: 0n });
    rig.clock.advance(2_000);
    await wallet.service.sweep();
    expect(await balanceOf(client, "org_silent_team")).toMatchObject({ held: 0n, suspense: 60n, left: 40n });
    expect(await gateway.settle(settlementOf(leaseId, a, { records: [recordOf(a, 1, 20n)] }))).toMatchObject([{ state: SUSPENSE }]);
    expect(await balanceOf(client, "org_silent_team")).toMatchObject({ posted: 20n, suspense: 40n });
    expect(await gateway.settle(settlementOf(leaseId, a, { finalCount: 1n }))).toMatchObject([{ state: CLOSED }]);
    expect(await balanceOf(client, "org_silent_team")).toMatchObject({ posted: 20n, suspense: 0n, left: 80n });
  });

  it("does not while its gateway speaks of it, if only to say that it is there", async () => {
    const [a] = keysOf("org_alive", 100n);
    const leaseId = await gateway.lease(a, 60n);
    for (let times = 0; times < 4; times += 1) {
      rig.clock.advance(20_000);
      await gateway.settle(settlementOf(leaseId, a));
      await wallet.service.sweep();
    }
    expect(await balanceOf(client, "org_alive_team")).toMatchObject({ held: 60n, suspense: 0n });
  });
});

describe("a reservation of a gateway", () => {
  it("is a lease with one record, that a settlement of usage closes", async () => {
    const path = pathOf("org_reserved", "a", { team: [limit(100n)] });
    const named = { gatewayId: gateway.id, incarnation: gateway.incarnation };
    const { reservation } = await client.reserve(reserveRequest(path, 60n, named));
    expect(reservation).toMatchObject({ gatewayId: gateway.id, held: [usd(60n)] });
    await gateway.settle(finalOf(reservation?.id ?? "", path, [recordOf(path, 1, 40n, 60n)]));
    expect(await balanceOf(client, "org_reserved_key_a")).toMatchObject({ posted: 40n, held: 0n });
  });

  it("is refused to a start that was superseded, and to anyone but a peer", async () => {
    const named = { gatewayId: gateway.id, incarnation: gateway.incarnation + 7n };
    await expect(client.reserve(reserveRequest(pathOf("org_stale"), 1n, named))).rejects.toMatchObject({ code: "GATEWAY_SUPERSEDED" });
    const root = wallet.client(rig.directory.addRoot());
    await expect(root.reserve(reserveRequest(pathOf("org_stale"), 1n, named))).rejects.toMatchObject({ code: "ROLE_INSUFFICIENT" });
  });

  it("is corrected by what its gateway settles later", async () => {
    const path = pathOf("org_corrected");
    const named = { gatewayId: gateway.id, incarnation: gateway.incarnation };
    const { reservation } = await client.reserve(reserveRequest(path, 60n, named));
    const id = reservation?.id ?? "";
    await wallet.client(rig.directory.addRoot()).settle(settleRequest(id, "org_corrected", 50n));
    await gateway.settle(finalOf(id, path, [recordOf(path, 1, 20n, 60n)]));
    expect(await balanceOf(client, "org_corrected")).toMatchObject({ posted: 20n, held: 0n, overrun: 0n });
  });
});

describe("after all that", () => {
  it("the ledger adds up", async () => {
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });
});
