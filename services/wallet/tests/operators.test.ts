import { Role } from "@alfred/contracts";
import type { CloseLeaseRequest, Event as AlfredEvent } from "@alfred/contracts";
import { Event } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import { Database } from "@alfred/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LedgerAudit } from "../src/store/ledger-audit.ts";
import { ledgerFaults } from "./ledger-audit.ts";
import { finalOf, recordOf, settlementOf, TestGateway } from "./test-gateway.ts";
import { balanceOf, LeaseState, limit, pathOf, reserveRequest, Unit, usd, WalletRig } from "./wallet-rig.ts";
import type { RunningWallet, WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let wallet: RunningWallet;
let client: WalletClient;
let root: WalletClient;

beforeAll(async () => {
  rig = await WalletRig.create();
  wallet = await rig.startWallet();
  client = wallet.client();
  root = wallet.client(rig.directory.addRoot());
});
afterAll(() => rig[Symbol.asyncDispose]());

/** A gateway that was granted a lease on a path and is gone; with its journal lost where its next start says so. */
async function abandoned(organisationId: string, credit: bigint): Promise<{ readonly leaseId: string; readonly gateway: TestGateway }> {
  const gateway = await TestGateway.hello(client);
  const leaseId = await gateway.lease(pathOf(organisationId, "a", { team: [limit(1_000n)] }), credit);
  await gateway[Symbol.asyncDispose]();
  return { leaseId, gateway };
}

/** The same, and its next start has lost the journal. */
async function lost(organisationId: string, credit: bigint): Promise<{ readonly leaseId: string; readonly next: TestGateway }> {
  const { leaseId, gateway } = await abandoned(organisationId, credit);
  const next = await gateway.restart({ intact: false });
  await next[Symbol.asyncDispose]();
  return { leaseId, next };
}

function closing(leaseId: string, changes: Partial<CloseLeaseRequest> = {}): CloseLeaseRequest {
  return { requestId: newId("req"), leaseId, cost: [usd(40n)], reason: "the provider's bill says so", force: false, ...changes };
}

describe("ListSuspense", () => {
  it("shows what is in suspense and why, page by page, the oldest first", async () => {
    const expected: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      rig.clock.advance(index % 2);
      expected.push((await lost("org_listed", 10n)).leaseId);
    }
    const seen: string[] = [];
    for (let pageToken = "", pages = 0; pages === 0 || pageToken !== ""; pages += 1) {
      const page = await root.listSuspense({ organisationId: "org_listed", pageSize: 2, pageToken });
      expect(page.leases.length).toBeLessThanOrEqual(2);
      for (const lease of page.leases) {
        expect(lease).toMatchObject({ organisationId: "org_listed", accountId: "org_listed_team", state: LeaseState.LEASE_STATE_SUSPENSE, journalLost: true, reservation: false, held: [usd(10n)] });
        seen.push(lease.id);
      }
      pageToken = page.nextPageToken;
    }
    expect(seen.toSorted()).toEqual(expected.toSorted());
    expect(new Set(seen.slice(0, 1))).toEqual(new Set(expected.slice(0, 1)));
  });

  it("lists reservations beside leases, and nothing that is open or closed", async () => {
    const path = pathOf("org_mixed");
    const { reservation } = await client.reserve(reserveRequest(path, 7n, { ttl: { seconds: 1n, nanos: 0 } }));
    await client.reserve(reserveRequest(path, 1n, { ttl: { seconds: 3_600n, nanos: 0 } }));
    rig.clock.advance(11_000);
    await wallet.service.sweep();
    const { leases } = await root.listSuspense({ organisationId: "org_mixed", pageSize: 0, pageToken: "" });
    expect(leases).toMatchObject([{ id: reservation?.id, gatewayId: "", incarnation: 0n, held: [usd(7n)], journalLost: false, reservation: true }]);
  });

  it("shows an admin its own organisation's, and root all", async () => {
    const { leaseId } = await lost("org_mine", 3n);
    await lost("org_theirs", 4n);
    const admin = wallet.client(rig.directory.addKey(pathOf("org_mine"), Role.ROLE_ADMIN));
    expect((await admin.listSuspense({ organisationId: "", pageSize: 0, pageToken: "" })).leases).toMatchObject([{ id: leaseId }]);
    await expect(admin.listSuspense({ organisationId: "org_theirs", pageSize: 0, pageToken: "" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const all = await root.listSuspense({ organisationId: "", pageSize: 1_000, pageToken: "" });
    expect(new Set(all.leases.map(({ organisationId }) => organisationId))).toContain("org_theirs");
    const user = wallet.client(rig.directory.addKey(pathOf("org_mine", "b")));
    await expect(user.listSuspense({ organisationId: "", pageSize: 0, pageToken: "" })).rejects.toMatchObject({ code: "ROLE_INSUFFICIENT" });
  });

  it.each([
    ["page_size", { pageSize: 1_001, pageToken: "" }],
    ["page_size", { pageSize: -1, pageToken: "" }],
    ["page_token", { pageSize: 0, pageToken: "bm9uc2Vuc2U" }],
  ])("refuses a %s that is out of range", async (field, page) => {
    await expect(root.listSuspense({ organisationId: "", ...page })).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field } });
  });
});

describe("CloseLease", () => {
  it("posts what the operator says, gives back the rest, and tells of it", async () => {
    const { leaseId } = await lost("org_closed", 100n);
    expect(await balanceOf(client, "org_closed")).toMatchObject({ suspense: 100n, posted: 0n });
    const request = closing(leaseId);
    const { lease, replayed } = await root.closeLease(request);
    expect({ lease, replayed }).toMatchObject({ replayed: false, lease: { id: leaseId, state: LeaseState.LEASE_STATE_CLOSED, charged: [usd(40n)], held: [] } });
    for (const account of ["org_closed_team", "org_closed"]) {
      expect(await balanceOf(client, account)).toMatchObject({ suspense: 0n, posted: 40n, overrun: 0n });
    }
    const told = (): AlfredEvent["payload"] => eventsOf("org_closed", "lease_closed")[0]?.payload;
    await expect.poll(told).toMatchObject({ $case: "leaseClosed", value: { lease: { id: leaseId }, cost: [usd(40n)], reason: request.reason, forced: false } });
    expect(eventsOf("org_closed", "lease_closed")).toMatchObject([{ actor: "root", requestId: request.requestId }]);
  });

  it("does so once: the same answer again, and another body is refused", async () => {
    const { leaseId } = await lost("org_once", 100n);
    const request = closing(leaseId);
    await root.closeLease(request);
    expect(await root.closeLease(request)).toMatchObject({ replayed: true, lease: { id: leaseId, charged: [usd(40n)] } });
    await expect(root.closeLease({ ...request, cost: [usd(41n)] })).rejects.toMatchObject({ code: "REQUEST_ID_REUSED" });
    expect(await balanceOf(client, "org_once")).toMatchObject({ posted: 40n });
  });

  it("is an advance on records that come later: they are charged to their key, and only what is more is posted on top", async () => {
    const path = pathOf("org_advance", "a", { team: [limit(1_000n)] });
    const { leaseId, next } = await lost("org_advance", 100n);
    await root.closeLease(closing(leaseId));
    await next.settle(settlementOf(leaseId, path, { records: [recordOf(path, 1, 30n)] }));
    expect(await balanceOf(client, "org_advance")).toMatchObject({ posted: 40n, overrun: 0n });
    expect(await balanceOf(client, "org_advance_key_a")).toMatchObject({ posted: 30n });
    await next.settle(settlementOf(leaseId, path, { records: [recordOf(path, 2, 25n)] }));
    expect(await balanceOf(client, "org_advance")).toMatchObject({ posted: 55n, overrun: 15n });
    expect(await balanceOf(client, "org_advance_key_a")).toMatchObject({ posted: 55n });
  });

  it("may cost nothing, or more than was held", async () => {
    const { leaseId: unspent } = await lost("org_unspent", 100n);
    await root.closeLease(closing(unspent, { cost: [] }));
    expect(await balanceOf(client, "org_unspent")).toMatchObject({ suspense: 0n, posted: 0n });
    const { leaseId: dear } = await lost("org_dear", 100n);
    await root.closeLease(closing(dear, { cost: [usd(130n), { unit: Unit.UNIT_TOKENS, value: 5n }] }));
    expect(await balanceOf(client, "org_dear")).toMatchObject({ suspense: 0n, posted: 130n, overrun: 30n });
  });

  it("is refused while the lease's gateway may still spend it, unless it is forced", async () => {
    const { leaseId } = await abandoned("org_alive", 100n);
    rig.clock.advance(60_000);
    await wallet.service.sweep();
    const refusal = { code: "FAILED_PRECONDITION", metadata: { lease: leaseId }, hint: expect.stringContaining("force") as string };
    await expect(root.closeLease(closing(leaseId))).rejects.toMatchObject(refusal);
    expect(await balanceOf(client, "org_alive")).toMatchObject({ suspense: 100n });
    expect(await root.closeLease(closing(leaseId, { force: true }))).toMatchObject({ lease: { state: LeaseState.LEASE_STATE_CLOSED } });
    await expect.poll(() => eventsOf("org_alive", "lease_closed")[0]?.payload).toMatchObject({ value: { forced: true } });
  });

  it("is refused for what is closed already", async () => {
    const { leaseId } = await lost("org_twice", 100n);
    await root.closeLease(closing(leaseId));
    await expect(root.closeLease(closing(leaseId))).rejects.toMatchObject({ code: "FAILED_PRECONDITION", metadata: { lease: leaseId } });
  });

  it("is refused for a reservation, which is settled instead", async () => {
    const { reservation } = await client.reserve(reserveRequest(pathOf("org_reserved"), 5n));
    const refusal = { code: "FAILED_PRECONDITION", hint: expect.stringContaining("Settle") as string };
    await expect(root.closeLease(closing(reservation?.id ?? ""))).rejects.toMatchObject(refusal);
  });

  it("is root's alone", async () => {
    const { leaseId } = await lost("org_guarded", 5n);
    const admin = wallet.client(rig.directory.addKey(pathOf("org_guarded"), Role.ROLE_ADMIN));
    await expect(admin.closeLease(closing(leaseId))).rejects.toMatchObject({ code: "ROLE_INSUFFICIENT" });
  });

  it.each([
    ["request_id", { requestId: "" }],
    ["lease_id", { leaseId: "" }],
    ["reason", { reason: "" }],
    ["cost", { cost: [usd(-1n)] }],
    ["cost", { cost: [usd(1n), usd(2n)] }],
  ])("is refused where %s is out of range", async (field, changes) => {
    await expect(root.closeLease(closing("lease_any", changes))).rejects.toMatchObject({ code: "INVALID_ARGUMENT", metadata: { field } });
  });

  it("says where there is no such lease", async () => {
    await expect(root.closeLease(closing("lease_none"))).rejects.toMatchObject({ code: "NOT_FOUND", metadata: { lease: "lease_none" } });
  });
});

describe("the metrics", () => {
  const metric = (name: string): Promise<string> => wallet.registry.getSingleMetricAsString(`alfred_wallet_${name}`);

  it("say what is held, in suspense and overrun, and how old it is", async () => {
    const path = pathOf("org_metrics", "a", { team: [limit(1_000n)] });
    const gateway = await TestGateway.hello(client);
    await gateway.lease(path, 10n);
    const spent = await gateway.lease(path, 20n);
    await gateway.settle(finalOf(spent, path, [recordOf(path, 1, 25n, 20n)]));
    rig.clock.advance(5_000);
    const measured = await rig.startWallet({ sweepEveryMs: 10 });
    const value = async (name: string): Promise<string> => measured.registry.getSingleMetricAsString(`alfred_wallet_${name}`);
    const sums = await rig.pool.query<{ held: string; suspense: string; overrun: string }>(
      "SELECT SUM(held) AS held, SUM(suspense) AS suspense, SUM(overrun) AS overrun FROM balances JOIN organisations o ON o.id = account_id WHERE period = 'none' AND unit = 'usd'",
    );
    const [{ held, suspense, overrun } = { held: "", suspense: "", overrun: "" }] = sums.rows;
    await expect.poll(() => value("held")).toContain(`{unit="usd"} ${held}`);
    expect(await value("suspense")).toContain(`{unit="usd"} ${suspense}`);
    expect(await value("overrun")).toContain(`{unit="usd"} ${overrun}`);
    expect(Number(/^alfred_wallet_oldest_open_lease_seconds (\d+)/m.exec(await value("oldest_open_lease_seconds"))?.[1])).toBeGreaterThanOrEqual(5);
    expect(await value("leases")).toMatch(/state="open"} [1-9]/);
    await gateway[Symbol.asyncDispose]();
  });

  it("count grants, denials, recalls, expiries, and what came back of what was held", async () => {
    expect(await metric("acquires_total")).toMatch(/result="granted"} [1-9]/);
    const path = pathOf("org_denied", "a", { team: [limit(10n)] });
    const gateway = await TestGateway.hello(client);
    const leaseId = await gateway.lease(path, 10n);
    await expect(gateway.acquire(path, 5n)).rejects.toMatchObject({ code: "BUDGET_HELD" });
    await gateway.settle(finalOf(leaseId, path, [recordOf(path, 1, 4n, 10n)]));
    await expect(gateway.acquire(path, 7n)).rejects.toMatchObject({ code: "INSUFFICIENT_QUOTA" });
    expect(await metric("acquires_total")).toContain('result="budget_held"} 1');
    expect(await metric("acquires_total")).toContain('result="insufficient_quota"} 1');
    expect(await metric("recalls_total")).toMatch(/ [1-9]/);
    expect(await metric("expired_total")).toMatch(/ [1-9]/);
    expect(await metric("granted_total")).toMatch(/unit="usd"} [1-9]/);
    expect(await metric("returned_total")).toMatch(/unit="usd"} [1-9]/);
    await gateway[Symbol.asyncDispose]();
  });
});

describe("after all that", () => {
  it("the ledger adds up", async () => {
    expect(await ledgerFaults(rig.pool)).toEqual([]);
  });

  it("and every organisation was looked at, page by page", async () => {
    const { rows } = await rig.pool.query("SELECT (SELECT COUNT(*) FROM transfers) AS transfers, (SELECT COUNT(*) FROM leases) AS leases, (SELECT COUNT(*) FROM accounts) AS accounts");
    for (const pageSize of [1, 2, 3]) expect(await new LedgerAudit(new Database(rig.pool), pageSize).verify(undefined, new AbortController().signal)).toMatchObject(rows[0] as object);
  });
});

function eventsOf(organisationId: string, type: string): AlfredEvent[] {
  return rig.events.filter((event) => event.organisationId === organisationId && event.type === type).map(({ bytes }) => Event.decode(bytes));
}
