import type { PoolClient } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { finalOf, recordOf, TestGateway } from "./test-gateway.ts";
import { balanceOf, limit, pathOf, reserved, WalletRig } from "./wallet-rig.ts";
import type { WalletClient } from "./wallet-rig.ts";

let rig: WalletRig;
let client: WalletClient;
let gateway: TestGateway;

beforeAll(async () => {
  rig = await WalletRig.create();
  client = (await rig.startWallet()).client();
  gateway = await TestGateway.hello(client);
});
afterEach(() => atCommit("RETURN NULL;"));
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

const GATE = 4_711;

/** Has every transaction that writes a transfer do something as the last thing before its commit. */
async function atCommit(body: string): Promise<void> {
  await rig.operator.query(`CREATE OR REPLACE FUNCTION public.at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$`);
  await rig.operator.query("DROP TRIGGER IF EXISTS at_commit ON wallet.transfers");
  await rig.operator.query(`CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON wallet.transfers DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.at_commit()`);
}

interface Gate extends AsyncDisposable {
  /** Resolves once a commit waits at it. */
  reached(): Promise<void>;
  open(): Promise<void>;
}

/** Holds commits up until it is opened, at the latest at the end of the test. */
async function closeGate(): Promise<Gate> {
  const keeper: PoolClient = await rig.operator.connect();
  await atCommit(`PERFORM pg_advisory_xact_lock(${GATE}); RETURN NULL;`);
  await keeper.query("SELECT pg_advisory_lock($1)", [GATE]);
  const open = async (): Promise<void> => void (await keeper.query("SELECT pg_advisory_unlock_all()"));
  const waiting = "SELECT COUNT(*)::int AS waiting FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted";
  return {
    reached: () => expect.poll(async () => (await rig.pool.query<{ waiting: number }>(waiting, [GATE])).rows[0]?.waiting, { timeout: 5_000 }).toBeGreaterThan(0),
    open,
    [Symbol.asyncDispose]: async () => {
      await open();
      keeper.release();
    },
  };
}

/** Asks what is refused without a look at the database: what was sent before is here before the answer. */
async function waitForWhatWasSent(): Promise<void> {
  await expect(client.getAccount({ accountId: "" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
}

describe("nothing is said before it is committed", () => {
  const requests: ReadonlyArray<readonly [string, (organisationId: string) => Promise<unknown>]> = [
    ["a grant", (organisationId) => gateway.acquire(pathOf(organisationId), 5n)],
    ["a reservation", (organisationId) => reserved(client, pathOf(organisationId), 5n)],
    ["a settlement", (organisationId) => gateway.settle(finalOf("lease_unknown", pathOf(organisationId), [recordOf(pathOf(organisationId), 1, 5n)]))],
  ];

  it.each(requests)("%s", async (name, request) => {
    await using gate = await closeGate();
    const answers: string[] = [];
    const organisationId = `org_gate_${name.replaceAll(" ", "_")}`;
    const answered = request(organisationId).then(() => answers.push(name));
    await gate.reached();
    await waitForWhatWasSent();
    expect(answers).toEqual([]);
    await gate.open();
    await answered;
    expect(answers).toEqual([name]);
  });

  it("a recall", async () => {
    const path = pathOf("org_gate_recall", "a", { team: [limit(10n)] });
    await using other = await TestGateway.hello(client);
    const leaseId = await gateway.lease(path, 10n);
    await using gate = await closeGate();
    // The reservation beside it writes a transfer in the same batch, so that its commit waits.
    const both = Promise.allSettled([other.acquire(path, 5n, 5n, { wait: { seconds: 1n, nanos: 0 } }), reserved(client, pathOf("org_gate_recall_aside"), 1n)]);
    await gate.reached();
    await waitForWhatWasSent();
    expect(gateway.recalled.has(leaseId)).toBe(false);
    await gate.open();
    await expect.poll(() => gateway.recalled.has(leaseId), { timeout: 5_000 }).toBe(true);
    await both;
  });
});

describe("a commit that fails", () => {
  it("is answered as a failure, and nothing moved", async () => {
    const path = pathOf("org_refused", "a", { team: [limit(10n)] });
    const leaseId = await gateway.lease(path, 4n);
    await atCommit("RAISE EXCEPTION 'refused at commit';");
    await expect(gateway.acquire(path, 5n)).rejects.toMatchObject({ code: "INTERNAL" });
    await expect(gateway.settle(finalOf(leaseId, path, [recordOf(path, 1, 4n)]))).rejects.toMatchObject({ code: "INTERNAL" });
    expect(await balanceOf(client, "org_refused")).toMatchObject({ held: 4n, posted: 0n });
    await atCommit("RETURN NULL;");
    await gateway.settle(finalOf(leaseId, path, [recordOf(path, 1, 4n)]));
    expect(await balanceOf(client, "org_refused")).toMatchObject({ held: 0n, posted: 4n });
  });
});
