import { Role } from "@alfred/contracts";
import type { LedgerFault } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finalOf, recordOf, settlementOf, TestGateway } from "./test-gateway.ts";
import { limit, pathOf, reserved, settleRequest, usd, WalletRig } from "./wallet-rig.ts";
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

/** The books of an organisation with something of everything: leases of two starts, an overrun, a refund, suspense. */
interface Books {
  readonly id: string;
  readonly open: string;
  readonly closed: string;
  readonly earlier: string;
  readonly reservation: string;
}

async function booksOf(id: string): Promise<Books> {
  const path = pathOf(id, "a", { team: [limit(100_000n)] });
  const own = await TestGateway.hello(client);
  const earlier = await own.lease(path, 50n);
  await own[Symbol.asyncDispose]();
  await using next = await own.restart({ leaseIds: [earlier] });
  const closed = await next.lease(path, 100n);
  await next.settle(finalOf(closed, path, [recordOf(path, 1, 30n, 60n), recordOf(path, 2, 50n, 40n)]));
  const open = await next.lease(path, 100n);
  await next.settle(settlementOf(open, path, { records: [recordOf(path, 1, 20n), recordOf(path, 2, 25n, 25n, true), recordOf(path, 4, 1n, 9n)] }));
  const reservation = await reserved(client, path, 10n);
  await client.settle(settleRequest(reservation, id, 12n));
  await client.refund({ requestId: newId("req"), reservationId: reservation, organisationId: id, amounts: [usd(3n)], reason: "late" });
  return { id, open, closed, earlier, reservation };
}

async function verify(organisationId: string): Promise<readonly LedgerFault[]> {
  const { faults } = await client.verifyLedger({ organisationId });
  return faults;
}

/** Does what no service may: past the triggers and constraints that keep the books. */
async function corrupt(statement: string): Promise<void> {
  const connection = await rig.operator.connect();
  try {
    await connection.query("SET session_replication_role = replica");
    const { rowCount } = await connection.query(statement);
    expect(rowCount, statement).toBeGreaterThan(0);
  } finally {
    await connection.query("RESET session_replication_role");
    connection.release();
  }
}

describe("VerifyLedger", () => {
  it("finds nothing in sound books, and says what it checked", async () => {
    const { id } = await booksOf("org_sound");
    const { rows } = await rig.pool.query<{ transfers: bigint }>("SELECT COUNT(*) AS transfers FROM transfers WHERE organisation_id = $1", [id]);
    expect(await client.verifyLedger({ organisationId: id })).toMatchObject({ faults: [], accounts: 3n, leases: 4n, ...rows[0] });
  });

  it("says where there is no such organisation: no faults are good news only of books that are there", async () => {
    await expect(client.verifyLedger({ organisationId: "org_nowhere" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  interface Corruption {
    readonly what: string;
    readonly statement: (books: Books) => string;
    readonly fault: (books: Books) => Partial<LedgerFault>;
    /** The other invariants that fall with it. */
    readonly also?: readonly string[];
  }

  const corruptions: readonly Corruption[] = [
    {
      what: "a balance below zero",
      statement: ({ id }) => `UPDATE balances SET overrun = -1 WHERE account_id = '${id}' AND period = 'week'`,
      fault: ({ id }) => ({ invariant: "I2", accountId: id }),
      also: ["I13"],
    },
    {
      what: "a lease that drew less than nothing",
      statement: ({ open }) => `UPDATE leases SET advance = '{"usd": "-5"}' WHERE id = '${open}'`,
      fault: ({ open }) => ({ invariant: "I2", leaseId: open }),
    },
    {
      what: "a side of a transfer that is missing",
      statement: ({ id }) => `DELETE FROM entries WHERE organisation_id = '${id}' AND account_id = 'provider_payable' AND number = (SELECT MIN(number) FROM transfers WHERE organisation_id = '${id}' AND kind = 'settle')`,
      fault: ({ closed }) => ({ invariant: "I3", leaseId: closed }),
    },
    {
      what: "money posted to the past",
      statement: ({ id }) => `UPDATE balances SET posted = posted - 7 WHERE account_id = '${id}_key_a' AND period = 'day'`,
      fault: ({ id }) => ({ invariant: "I4", accountId: `${id}_key_a` }),
    },
    {
      what: "an entry on an account that is not there",
      statement: ({ id }) => `UPDATE entries SET account_id = '${id}_gone' WHERE organisation_id = '${id}' AND number = (SELECT MIN(number) FROM entries WHERE account_id = '${id}_key_a') AND account_id = '${id}_key_a'`,
      fault: ({ id }) => ({ invariant: "I4", accountId: `${id}_gone` }),
      also: ["I5"],
    },
    {
      what: "entries whose transfer is gone",
      statement: ({ id, reservation }) => `DELETE FROM transfers WHERE organisation_id = '${id}' AND lease_id = '${reservation}' AND kind = 'refund'`,
      fault: () => ({ invariant: "I4", message: expect.stringContaining("has no transfer") as string }),
      also: ["I4", "I6", "I13", "numbering"],
    },
    {
      what: "a parent that does not carry what its children spent",
      statement: ({ id }) => `UPDATE balances SET posted = posted - 1 WHERE account_id = '${id}_team' AND period = 'none'`,
      fault: ({ id }) => ({ invariant: "I5", accountId: `${id}_team` }),
      also: ["I4"],
    },
    {
      what: "an account that was moved",
      statement: ({ id }) => `UPDATE accounts SET path = ARRAY[id, '${id}'] WHERE id = '${id}_key_a'`,
      fault: ({ id }) => ({ invariant: "I5", accountId: `${id}_key_a`, message: expect.stringContaining("its path is") as string }),
      also: ["I4", "I13"],
    },
    {
      what: "a record that was posted twice",
      statement: ({ id, open }) => `UPDATE transfers SET records = '[[1, 2], [2, 2], [4, 4]]' WHERE organisation_id = '${id}' AND lease_id = '${open}' AND kind = 'settle'`,
      fault: ({ open }) => ({ invariant: "I6", leaseId: open }),
    },
    {
      what: "a record that no settlement posted",
      statement: ({ open }) => `UPDATE leases SET seen = '[[1, 4]]' WHERE id = '${open}'`,
      fault: ({ open }) => ({ invariant: "I6", leaseId: open }),
    },
    {
      what: "a charge that was not posted",
      statement: ({ closed }) => `UPDATE leases SET charged = '{"usd": "81"}' WHERE id = '${closed}'`,
      fault: ({ closed }) => ({ invariant: "I6", leaseId: closed }),
      also: ["I13"],
    },
    {
      what: "a grant to a start that had been replaced",
      statement: ({ open }) => `UPDATE leases SET incarnation = incarnation - 1 WHERE id = '${open}'`,
      fault: ({ open }) => ({ invariant: "I8", leaseId: open }),
    },
    {
      what: "a grant to a start that never was",
      statement: ({ open }) => `UPDATE leases SET incarnation = incarnation + 1 WHERE id = '${open}'`,
      fault: ({ open }) => ({ invariant: "I8", leaseId: open }),
    },
    {
      what: "money held by nobody",
      statement: ({ id }) => `UPDATE balances SET held = held + 1 WHERE account_id = '${id}' AND period = 'month'`,
      fault: ({ id }) => ({ invariant: "I9", accountId: id }),
      also: ["I4"],
    },
    {
      what: "a lease that closed and kept its money",
      statement: ({ open }) => `UPDATE leases SET state = 'closed' WHERE id = '${open}'`,
      fault: ({ open }) => ({ invariant: "I9", leaseId: open }),
    },
    {
      what: "an overrun of no record",
      statement: ({ id }) => `UPDATE balances SET overrun = overrun + 1 WHERE account_id = '${id}' AND period = 'none'`,
      fault: ({ id }) => ({ invariant: "I13", accountId: id }),
    },
    {
      what: "a lease that overran without a record above its worst case",
      statement: ({ closed }) => `UPDATE leases SET overrun = '{"usd": "0"}' WHERE id = '${closed}'`,
      fault: ({ closed }) => ({ invariant: "I13", leaseId: closed }),
    },
    {
      what: "a transfer that vanished",
      statement: ({ id }) => `WITH gone AS (DELETE FROM entries WHERE organisation_id = '${id}' AND number = 1) DELETE FROM transfers WHERE organisation_id = '${id}' AND number = 1`,
      fault: () => ({ invariant: "numbering", message: expect.stringContaining("numbered 2 to") as string }),
      also: ["I4", "I9"],
    },
    {
      what: "a last transfer that vanished",
      statement: ({ id }) => `UPDATE organisations SET last_transfer = last_transfer + 1 WHERE id = '${id}'`,
      fault: () => ({ invariant: "numbering" }),
    },
    {
      what: "an event that vanished",
      statement: ({ id }) => `DELETE FROM outbox WHERE organisation_id = '${id}' AND source_seq = 2`,
      fault: () => ({ invariant: "numbering", message: "event 1 of the outbox is followed by 3" }),
    },
    {
      what: "a last event that vanished",
      statement: ({ id }) => `UPDATE outbox_counters SET last_seq = last_seq + 1 WHERE organisation_id = '${id}'`,
      fault: () => ({ invariant: "numbering", message: expect.stringContaining("is followed by none") as string }),
    },
  ];

  it.each(corruptions)("names $what", async (corruption) => {
    const { statement, fault, also = [] } = corruption;
    const books = await booksOf(`org_${corruptions.indexOf(corruption)}`);
    expect(await verify(books.id)).toEqual([]);
    await rig.operator.query("ALTER TABLE balances DROP CONSTRAINT IF EXISTS balances_overrun_check");
    await corrupt(statement(books));
    const faults = await verify(books.id);
    const expected = fault(books);
    expect(faults).toContainEqual(expect.objectContaining({ organisationId: books.id, ...expected }));
    expect(new Set(faults.map(({ invariant }) => invariant))).toEqual(new Set([expected.invariant, ...also]));
  });

  it("looks at all organisations for root, and at its own for an admin", async () => {
    const books = await booksOf("org_theirs");
    await corrupt(`UPDATE balances SET held = held + 1 WHERE account_id = '${books.id}' AND period = 'none'`);
    const root = wallet.client(rig.directory.addRoot());
    expect((await root.verifyLedger({ organisationId: "" })).faults.map(({ organisationId }) => organisationId)).toContain(books.id);
    const admin = wallet.client(rig.directory.addKey(pathOf("org_mine"), Role.ROLE_ADMIN));
    expect(await admin.verifyLedger({ organisationId: "" })).toMatchObject({ faults: [] });
    await expect(admin.verifyLedger({ organisationId: books.id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const user = wallet.client(rig.directory.addKey(pathOf("org_mine", "b")));
    await expect(user.verifyLedger({ organisationId: "" })).rejects.toMatchObject({ code: "ROLE_INSUFFICIENT" });
  });

  it("tells of a thousand faults at most", async () => {
    await booksOf("org_ruined");
    await corrupt(`INSERT INTO entries SELECT 'org_ruined', n, 0, 'provider_payable', 'posted', 'usd', 1 FROM generate_series(1000, 2500) AS n`);
    expect(await verify("org_ruined")).toHaveLength(1_000);
  });

  it("stops when nobody waits for it any more", async () => {
    const leave = new AbortController();
    leave.abort();
    await expect(client.verifyLedger({ organisationId: "" }, { signal: leave.signal })).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("sees one moment, while others write", async () => {
    const path = pathOf("org_busy");
    await reserved(client, path, 1n);
    const stop = new AbortController();
    const writer = (async () => {
      while (!stop.signal.aborted) await client.settle(settleRequest(await reserved(client, path, 2n), "org_busy", 1n));
    })();
    for (let round = 0; round < 20; round += 1) expect(await verify("org_busy")).toEqual([]);
    stop.abort();
    await writer;
  });
});
