import { readFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { secretsFile } from "../src/secrets.ts";
import { Admin, createTenant, type Tenant } from "./admin.ts";
import { call, methodNamed } from "./grpc.ts";
import { Mesh } from "./mesh.ts";

const HELD = 900_000_000n;
const COST = 250_000_000n;
const usd = (value: bigint): object => ({ unit: "UNIT_USD", value: String(value) });

/** What an operator does about money in suspense, by the REST and gRPC that curl and grpcurl speak. */
describe("an operator", () => {
  let running: Mesh | undefined;
  let tenant: Tenant;
  let root: Admin;
  let leaseId: string;

  const mesh = (): Mesh => {
    if (running === undefined) throw new Error("The mesh is not running.");
    return running;
  };

  /** Calls the wallet as a gateway does, with JSON as grpcurl takes it. */
  async function asGateway(rpc: string, request: object): Promise<Record<string, unknown>> {
    const { ALFRED_SERVICE_TOKEN } = JSON.parse(await readFile(secretsFile(mesh().home), "utf8")) as Record<string, string>;
    const { messages, error } = await call(mesh().address("WALLET"), methodNamed(rpc), request, ALFRED_SERVICE_TOKEN);
    if (error !== undefined) throw error;
    return messages[0] ?? {};
  }

  beforeAll(async () => {
    running = await Mesh.start("one process");
    root = new Admin(running, running.rootKey);
    tenant = await createTenant(running, { team: 1_000_000_000n });
    leaseId = await loseLease(tenant);
  });
  afterAll(() => running?.[Symbol.asyncDispose]());

  /** A gateway that was granted a lease and came back without its journal. */
  async function loseLease({ organisationId, teamId, keyId }: Tenant): Promise<string> {
    const [gateway, first, second] = [`gw_${randomUUID()}`, randomUUID(), randomUUID()];
    const welcome = await asGateway("WatchLeases", { gateway_id: gateway, start_id: first, intact: true });
    expect(welcome).toMatchObject({ event: "welcome", welcome: { incarnation: "1" } });
    const accounts = [
      { id: keyId, kind: "ACCOUNT_KIND_KEY" },
      { id: teamId, kind: "ACCOUNT_KIND_TEAM" },
      { id: organisationId, kind: "ACCOUNT_KIND_ORGANISATION" },
    ];
    const demands = [{ unit: "UNIT_USD", wanted: String(HELD), minimum: String(HELD) }];
    const acquire = { request_id: randomUUID(), gateway_id: gateway, incarnation: "1", path: { organisation_id: organisationId, accounts }, demands };
    const { lease } = (await asGateway("AcquireLease", acquire)) as { lease: { id: string } };
    const again = { gateway_id: gateway, start_id: second, replaces: first, intact: false };
    expect(await asGateway("WatchLeases", again)).toMatchObject({ welcome: { incarnation: "2" } });
    return lease.id;
  }

  const close = { cost: [usd(COST)], reason: "the provider's bill", requestId: randomUUID() };

  test("sees money in suspense, an admin its own organisation's", async () => {
    const shown = {
      id: leaseId,
      organisationId: tenant.organisationId,
      accountId: tenant.teamId,
      state: "LEASE_STATE_SUSPENSE",
      credit: [usd(HELD)],
      held: [usd(HELD)],
      journalLost: true,
    };
    expect(await root.ok("GET", "leases:suspense")).toMatchObject({ leases: [shown] });
    expect(await root.ok("GET", `leases:suspense?organisation_id=${tenant.organisationId}&page_size=1`)).toMatchObject({ leases: [shown], nextPageToken: "" });
    expect(await tenant.admin.ok("GET", "leases:suspense")).toMatchObject({ leases: [shown] });
    const stranger = await createTenant(mesh());
    expect(await stranger.admin.ok("GET", "leases:suspense")).toMatchObject({ leases: [] });
    expect((await stranger.admin.call("GET", `leases:suspense?organisation_id=${tenant.organisationId}`)).status).toBe(404);
    expect((await new Admin(mesh(), tenant.key).call("GET", "leases:suspense")).status).toBe(403);
  });

  test("sees the same over gRPC", async () => {
    const { messages } = await call(mesh().address("WALLET"), methodNamed("ListSuspense"), { page_size: 10 }, mesh().rootKey);
    expect(messages).toMatchObject([{ leases: [{ id: leaseId, state: "LEASE_STATE_SUSPENSE", held: [usd(HELD)] }] }]);
  });

  test("checks the books, an admin its own", async () => {
    const all = await root.ok("GET", "ledger:verify");
    expect(all).toMatchObject({ faults: [] });
    expect(Number(all["accounts"])).toBeGreaterThan(3);
    expect(await tenant.admin.ok("GET", "ledger:verify")).toMatchObject({ faults: [], leases: "1" });
    expect((await new Admin(mesh(), tenant.key).call("GET", "ledger:verify")).status).toBe(403);
  });

  test("is told why a lease cannot be closed", async () => {
    expect(await tenant.admin.call("POST", `leases/${leaseId}:close`, close)).toMatchObject({ status: 403, body: { error: { code: "role_insufficient" } } });
    expect(await root.call("POST", "leases/lease_none:close", close)).toMatchObject({ status: 404, body: { error: { code: "not_found", hint: expect.stringContaining("ListSuspense") as string } } });
    const { reservation } = await tenant.admin.ok("POST", "reservations", {
      path: { organisationId: tenant.organisationId, accounts: [{ id: tenant.organisationId, kind: "ACCOUNT_KIND_ORGANISATION" }] },
      amounts: [usd(1n)],
      ttl: "60s",
    });
    const { id } = reservation as { id: string };
    expect(await root.call("POST", `leases/${id}:close`, close)).toMatchObject({ status: 409, body: { error: { code: "failed_precondition", hint: expect.stringContaining("Settle") as string } } });
    await tenant.admin.ok("POST", `reservations/${id}:settle`, { amounts: [usd(0n)] });
  });

  test("closes a lease at a stated cost, once, and it is in the audit", async () => {
    const closed = { lease: { id: leaseId, state: "LEASE_STATE_CLOSED", charged: [usd(COST)] } };
    expect(await root.ok("POST", `leases/${leaseId}:close`, close)).toMatchObject({ ...closed, replayed: false });
    expect(await root.ok("POST", `leases/${leaseId}:close`, close)).toMatchObject({ ...closed, replayed: true });
    expect((await root.call("POST", `leases/${leaseId}:close`, { ...close, requestId: randomUUID() })).status).toBe(409);
    expect(await tenant.admin.balance(tenant.teamId)).toMatchObject({ posted: COST, held: 0n, left: 1_000_000_000n - COST });
    expect(await root.ok("GET", "leases:suspense")).toMatchObject({ leases: [] });
    expect(await root.ok("GET", "ledger:verify")).toMatchObject({ faults: [] });
    const told = async (): Promise<unknown[]> => {
      const { events } = await tenant.admin.ok("GET", "events?page_size=1000");
      return (events as { event: object }[]).filter(({ event }) => "leaseClosed" in event);
    };
    await expect.poll(told, { timeout: 10_000 }).toHaveLength(1);
  });
});
