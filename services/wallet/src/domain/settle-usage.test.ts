import { array, assert, boolean, constant, nat, property, record, shuffledSubarray, tuple } from "fast-check";
import type { Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { acquire } from "./acquire.ts";
import { valueOf } from "./amount.ts";
import { closeLease } from "./close-lease.ts";
import { hello } from "./hello.ts";
import { InvariantChecker } from "./invariants.ts";
import type { Lease } from "./lease.ts";
import { MemoryBooks } from "./memory-books.ts";
import type { PathSpec } from "./open-account.ts";
import type { LeaseRecord } from "./post-record.ts";
import type { SettleUsage } from "./settle-usage.ts";
import { settleUsage } from "./settle-usage.ts";
import { suspend } from "./suspend.ts";

const nowMs = Date.parse("2026-03-10T12:00:00Z");
const origin = { actor: "service", requestId: "r" };
const limits = [{ unit: "usd", period: "day", hard: 1_000n, soft: 60n, clamp: false }] as const;
const path = (key: string): PathSpec => ({
  organisationId: "org",
  timeZone: "UTC",
  accounts: [
    { id: key, kind: "key", limits: [] },
    { id: "team", kind: "team", limits },
    { id: "org", kind: "organisation", limits: [] },
  ],
});
const paths = [path("key_a"), path("key_b")] as const;
const usd = (value: bigint) => [{ unit: "usd" as const, value }];

/** Books in which a gateway holds a lease of 100 at the team. */
function leasedBooks(): MemoryBooks {
  const books = new MemoryBooks();
  books.run(hello({ origin, transferId: "h", gatewayId: "gw", startId: "s1", replaces: "", isIntact: true, leaseIds: [] }), nowMs);
  const identity = { scope: "service", rpc: "AcquireLease", requestId: "a", fingerprint: "" };
  const demands = [{ unit: "usd", wanted: 100n, minimum: 100n }] as const;
  const terms = { ttlMs: 30_000, graceMs: 15_000, activeGateways: () => 1, isLast: true };
  books.run(acquire({ identity, origin, leaseId: "lease", transferId: "g", gatewayId: "gw", incarnation: 1n, path: paths[0], demands, ...terms }), nowMs);
  return books;
}

let settlements = 0;
function settled(changes: Partial<SettleUsage>): SettleUsage {
  settlements += 1;
  const none = { records: [], ceiling: undefined, finalCount: undefined };
  return { origin, transferId: `t${settlements}`, gatewayId: "gw", incarnation: 1n, leaseId: "lease", paths, grantTimeMs: nowMs, keepMs: 45_000, ...none, ...changes };
}

function actual(number: number, worst: bigint, cost: bigint, accountId = "key_a"): LeaseRecord {
  return { number, accountId, worst: usd(worst), cost: usd(cost), isIndeterminate: false };
}

function indeterminate(number: number, worst: bigint, accountId = "key_a"): LeaseRecord {
  return { ...actual(number, worst, worst, accountId), isIndeterminate: true };
}

function settle(books: MemoryBooks, changes: Partial<SettleUsage>, atMs = nowMs): Lease {
  const outcome = books.run(settleUsage(settled(changes)), atMs);
  if (!outcome.ok) throw new Error(outcome.refusal.message);
  return outcome.value.lease;
}

/** What an account has posted, held, in suspense and overrun. */
function standing(books: MemoryBooks, accountId: string): readonly bigint[] {
  const { posted, held, suspense, overrun } = books.balance({ accountId, unit: "usd", period: "none", periodStartMs: 0 });
  return [posted, held, suspense, overrun];
}

describe("a record", () => {
  it("is charged to its leaf and all above, and drawn from what is held where the lease hangs", () => {
    const books = leasedBooks();
    settle(books, { records: [actual(1, 30n, 10n), actual(2, 30n, 20n, "key_b")] });
    expect(["key_a", "key_b", "team", "org"].map((id) => standing(books, id))).toEqual([
      [10n, 0n, 0n, 0n],
      [20n, 0n, 0n, 0n],
      [30n, 70n, 0n, 0n],
      [30n, 70n, 0n, 0n],
    ]);
  });

  it("posts beyond its worst case as overrun, though the lease holds more", () => {
    const books = leasedBooks();
    settle(books, { records: [actual(1, 30n, 45n)] });
    expect(standing(books, "team")).toEqual([45n, 70n, 0n, 15n]);
    expect(standing(books, "key_a")).toEqual([45n, 0n, 0n, 15n]);
  });

  it("counts once, within a settlement and over many", () => {
    const books = leasedBooks();
    for (let times = 0; times < 3; times += 1) settle(books, { records: [actual(1, 30n, 10n), actual(1, 30n, 10n)] });
    expect(standing(books, "org")).toEqual([10n, 90n, 0n, 0n]);
    expect(books.transfers.filter(({ kind }) => kind === "settle")).toMatchObject([{ accountId: "key_a", records: [[1, 1]] }]);
  });

  it.each([
    ["after", [indeterminate(1, 30n)], [actual(1, 30n, 10n)]],
    ["before", [actual(1, 30n, 10n)], [indeterminate(1, 30n)]],
  ])("of known cost counts %s one that is indeterminate", (_, first, second) => {
    const books = leasedBooks();
    settle(books, { records: first });
    const lease = settle(books, { records: second });
    expect(standing(books, "team")).toEqual([10n, 90n, 0n, 0n]);
    expect(lease.records.size).toBe(0);
  });

  it("that becomes known after the lease closed gives back the difference, or posts it beyond", () => {
    const books = leasedBooks();
    settle(books, { records: [indeterminate(1, 30n), indeterminate(2, 30n)], finalCount: 2 });
    settle(books, { records: [actual(1, 30n, 5n), actual(2, 30n, 50n)] });
    expect(standing(books, "team")).toEqual([55n, 0n, 0n, 20n]);
  });

  it("of a closed lease posts beyond it", () => {
    const books = leasedBooks();
    expect(settle(books, { finalCount: 0 }).state).toBe("closed");
    settle(books, { records: [actual(1, 30n, 10n)] });
    expect(standing(books, "team")).toEqual([10n, 0n, 0n, 10n]);
  });

  it("of a lease nobody knows posts beyond it, once, in the windows of its grant", () => {
    const books = leasedBooks();
    const lost = { leaseId: "lost", records: [actual(1, 30n, 10n)], grantTimeMs: nowMs - 86_400_000 };
    settle(books, lost);
    expect(settle(books, lost).state).toBe("closed");
    expect(standing(books, "key_a")).toEqual([10n, 0n, 0n, 10n]);
    const today = books.balance({ accountId: "org", unit: "usd", period: "day", periodStartMs: Date.parse("2026-03-10") });
    expect(today).toMatchObject({ posted: 0n, overrun: 0n });
  });

  it("tells once that a soft limit is passed, and warns from then on", () => {
    const books = leasedBooks();
    settle(books, { records: [actual(1, 59n, 59n)] });
    for (const number of [2, 3]) settle(books, { records: [actual(number, 10n, 10n)] });
    expect(books.events.flatMap(({ payload }) => (payload.type === "soft_limit_passed" ? [payload.warning] : []))).toMatchObject([{ accountId: "team", period: "day", soft: 60n, posted: 69n }]);
    const outcome = books.run(settleUsage(settled({})), nowMs);
    expect(outcome).toMatchObject({ ok: true, value: { warnings: [{ accountId: "team", posted: 79n }] } });
  });
});

describe("the end of a lease", () => {
  it("gives back what no open record needs, at once", () => {
    const books = leasedBooks();
    const lease = settle(books, { records: [actual(1, 30n, 10n)], ceiling: usd(40n) });
    expect(standing(books, "team")).toEqual([10n, 30n, 0n, 0n]);
    expect(lease.state).toBe("open");
    expect([...books.last.freed].toSorted()).toEqual(["org", "team"]);
  });

  it("comes when the final count is known and every record is", () => {
    const books = leasedBooks();
    expect(settle(books, { records: [actual(2, 10n, 10n)], finalCount: 2 }).state).toBe("open");
    expect(settle(books, { records: [actual(1, 10n, 10n)] }).state).toBe("closed");
    expect(standing(books, "team")).toEqual([20n, 0n, 0n, 0n]);
  });

  it("comes out of suspense, which keeps what it held until then", () => {
    const books = leasedBooks();
    books.run(suspend({ organisationId: "org", leaseId: "lease", transferId: "s" }), nowMs + 45_000);
    expect(standing(books, "team")).toEqual([0n, 0n, 100n, 0n]);
    expect(settle(books, { records: [actual(1, 10n, 10n)] }).state).toBe("suspense");
    expect(standing(books, "team")).toEqual([10n, 0n, 90n, 0n]);
    settle(books, { finalCount: 1 });
    expect(standing(books, "team")).toEqual([10n, 0n, 0n, 0n]);
  });

  it("is nobody's to say once the journal is lost, though records still post from suspense", () => {
    const books = leasedBooks();
    books.run(hello({ origin, transferId: "h2", gatewayId: "gw", startId: "s2", replaces: "s1", isIntact: false, leaseIds: ["lease"] }), nowMs);
    settle(books, { records: [actual(1, 10n, 10n)], ceiling: usd(0n), finalCount: 1 });
    books.run(hello({ origin, transferId: "h3", gatewayId: "gw", startId: "s3", replaces: "s2", isIntact: true, leaseIds: [] }), nowMs);
    expect(standing(books, "team")).toEqual([10n, 0n, 90n, 0n]);
    expect(books.lease("lease")).toMatchObject({ state: "suspense", isLost: true });
  });
});

describe("the expiry of a lease", () => {
  it("moves with any settlement of its live start, even an empty one, and never back", () => {
    const books = leasedBooks();
    expect(settle(books, {}, nowMs + 20_000).expireTimeMs).toBe(nowMs + 65_000);
    expect(settle(books, { keepMs: 1 }, nowMs + 20_000).expireTimeMs).toBe(nowMs + 65_000);
    expect(books.run(suspend({ organisationId: "org", leaseId: "lease", transferId: "s" }), nowMs + 64_999)).toMatchObject({ value: false });
  });

  it("does not move for a start that was followed by another", () => {
    const books = leasedBooks();
    books.run(hello({ origin, transferId: "h2", gatewayId: "gw", startId: "s2", replaces: "s1", isIntact: true, leaseIds: ["lease"] }), nowMs);
    expect(settle(books, {}, nowMs + 20_000).expireTimeMs).toBe(nowMs + 45_000);
    expect(settle(books, { incarnation: 2n }, nowMs + 20_000).expireTimeMs).toBe(nowMs + 45_000);
  });
});

describe("an operator's close", () => {
  const close = (books: MemoryBooks, changes: Partial<Parameters<typeof closeLease>[0]> = {}) => {
    const identity = { scope: "root", rpc: "CloseLease", requestId: "c", fingerprint: "" };
    const common = { identity, origin, transferId: "c", leaseId: "lease", organisationId: "org", gatewayId: "gw" };
    return books.run(closeLease({ ...common, cost: usd(40n), reason: "its machine burnt", isForced: false, ...changes }), nowMs);
  };

  it("is refused while its gateway's start is the latest, unless it is forced", () => {
    const books = leasedBooks();
    expect(close(books)).toMatchObject({ ok: false, refusal: { reason: "FAILED_PRECONDITION" } });
    expect(close(books, { isForced: true })).toMatchObject({ ok: true, value: { lease: { state: "closed" } } });
    expect(close(books, { isForced: true })).toMatchObject({ ok: true, value: { replayed: true } });
    expect(books.events.at(-1)?.payload).toMatchObject({ type: "lease_closed", closure: { forced: true, cost: usd(40n) } });
  });

  it("charges the cost where the lease hangs; records that come draw it down and post only beyond it", () => {
    const books = leasedBooks();
    settle(books, { records: [actual(1, 30n, 10n)] });
    close(books, { isForced: true });
    expect(standing(books, "team")).toEqual([50n, 0n, 0n, 0n]);
    settle(books, { records: [actual(2, 30n, 25n), actual(3, 30n, 30n, "key_b")] });
    expect(standing(books, "team")).toEqual([65n, 0n, 0n, 15n]);
    expect([standing(books, "key_a"), standing(books, "key_b")]).toEqual([[35n, 0n, 0n, 0n], [30n, 0n, 0n, 15n]]);
  });

  it("counts what it states above the hold as overrun", () => {
    const books = leasedBooks();
    close(books, { isForced: true, cost: usd(130n) });
    expect(standing(books, "org")).toEqual([130n, 0n, 0n, 30n]);
  });
});

/** What a gateway may say of a lease of 100: records whose worst cases fit, in batches, with what follows from them. */
interface Story {
  readonly records: readonly { readonly worst: bigint; readonly cost: bigint; readonly isLost: boolean; readonly isOnB: boolean }[];
  readonly isFinal: boolean;
}

const story: Arbitrary<Story> = record({
  records: array(
    record({ worst: nat({ max: 25 }), cost: nat({ max: 30 }), isLost: boolean(), isOnB: boolean() }).map((each) => ({ ...each, worst: BigInt(each.worst), cost: BigInt(each.cost) })),
    { minLength: 1, maxLength: 4 },
  ),
  isFinal: boolean(),
});

/** Everything that the gateway of a story may send: actuals, after a crash worst cases, ceilings as records finish, the end. */
function messagesOf({ records, isFinal }: Story): SettleUsage[] {
  const facts = records.flatMap(({ worst, cost, isLost, isOnB }, index) => {
    const leaf = isOnB ? "key_b" : "key_a";
    const known = actual(index + 1, worst, cost, leaf);
    return isLost ? [settled({ records: [indeterminate(index + 1, worst, leaf)] }), settled({ records: [known] })] : [settled({ records: [known] })];
  });
  const ceilings = records.map((_, finished) => {
    const drawn = records.map(({ worst, cost, isLost }, index) => (index < finished && !isLost && cost < worst ? cost : worst));
    return settled({ ceiling: usd(drawn.reduce((total, each) => total + each, 0n)) });
  });
  return [...facts, ...ceilings, settled({}), ...(isFinal ? [settled({ finalCount: records.length })] : [])];
}

/** Where lease and balances end; a balance of nothing is none. */
function stateAfter(messages: readonly SettleUsage[]): unknown {
  const books = leasedBooks();
  const checker = new InvariantChecker(books);
  for (const message of messages) {
    books.run(settleUsage(message), nowMs);
    expect(checker.check()).toEqual([]);
  }
  const lease = books.lease("lease");
  if (lease === undefined) throw new Error("the lease is gone");
  const { cap, drawn, charged, overrun, state, seen, records, finalCount, expireTimeMs } = lease;
  const amounts = [cap, drawn, charged, overrun].map((each) => valueOf(each, "usd"));
  const balances = [...books.balances].filter(([, { posted, held }]) => posted !== 0n || held !== 0n);
  return { amounts, state, seen, kept: [...records.keys()], finalCount, expireTimeMs, balances: new Map(balances) };
}

describe("settlements in any order and number", () => {
  it("end in the same state (I7)", () => {
    const orders = story.chain((told) => {
      const order = messagesOf(told).map((_, index) => index);
      const whole = (of: readonly number[]) => shuffledSubarray([...of], { minLength: of.length });
      return tuple(constant(told), whole(order), whole([...order, ...order, ...order]));
    });
    assert(
      property(orders, ([told, once, thrice]) => {
        const messages = messagesOf(told);
        const inOrder = (order: readonly number[]) => order.flatMap((index) => messages[index] ?? []);
        expect(stateAfter(inOrder(thrice))).toEqual(stateAfter(inOrder(once)));
      }),
      { numRuns: 500 },
    );
  });
});
