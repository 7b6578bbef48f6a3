import { describe, expect, it } from "vitest";
import { actual, indeterminate, leasedBooks, nowMs, origin, settle, settled, standing, usd } from "../../tests/leased-books.ts";
import { hello } from "./hello.ts";
import { setLimit } from "./set-limit.ts";
import { settleUsage } from "./settle-usage.ts";
import { suspend } from "./suspend.ts";

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

  it("that comes to a soft limit is told of, on whichever of the paths that is", () => {
    const books = leasedBooks();
    const identity = { scope: "root", rpc: "SetLimit", requestId: "l", fingerprint: "" };
    settle(books, {});
    books.run(setLimit({ identity, origin, organisationId: "org", accountId: "key_b", unit: "usd", period: "none", hard: undefined, soft: 5n, clamp: false }), nowMs);
    const outcome = books.run(settleUsage(settled({ records: [actual(1, 30n, 4n), actual(2, 30n, 5n, "key_b")] })), nowMs);
    expect(outcome).toMatchObject({ ok: true, value: { warnings: [{ accountId: "key_b", posted: 5n }] } });
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
