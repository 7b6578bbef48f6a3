import { describe, expect, it } from "vitest";
import { actual, leasedBooks, nowMs, origin, settle, standing, usd } from "../../tests/leased-books.ts";
import { closeLease } from "./close-lease.ts";
import type { CloseLease, CloseLeaseResult } from "./close-lease.ts";
import { hello } from "./hello.ts";
import type { MemoryBooks } from "./memory-books.ts";
import { refund } from "./refund.ts";
import type { Outcome } from "./refusal.ts";

function close(books: MemoryBooks, changes: Partial<CloseLease> = {}): Outcome<CloseLeaseResult> {
  const identity = { scope: "root", rpc: "CloseLease", requestId: "c", fingerprint: "" };
  const common = { identity, origin, transferId: "c", leaseId: "lease", organisationId: "org", gatewayId: "gw" };
  return books.run(closeLease({ ...common, cost: usd(40n), reason: "its machine burnt", isForced: false, ...changes }), nowMs);
}

describe("an operator's close", () => {
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

  it("advances no more than what was left of it when some was given back", () => {
    const books = leasedBooks();
    close(books, { isForced: true });
    const identity = { scope: "root", rpc: "Refund", requestId: "b", fingerprint: "" };
    books.run(refund({ identity, origin, transferId: "b", organisationId: "org", leaseId: "lease", amounts: usd(15n), reason: "billed less" }), nowMs);
    expect(standing(books, "team")).toEqual([25n, 0n, 0n, 0n]);
    settle(books, { records: [actual(1, 30n, 30n)] });
    expect([standing(books, "team"), standing(books, "key_a")]).toEqual([[30n, 0n, 0n, 5n], [30n, 0n, 0n, 5n]]);
  });

  it("counts what it states above the hold as overrun", () => {
    const books = leasedBooks();
    close(books, { isForced: true, cost: usd(130n) });
    expect(standing(books, "org")).toEqual([130n, 0n, 0n, 30n]);
  });

  it("needs no force once another start has followed", () => {
    const books = leasedBooks();
    books.run(hello({ origin, transferId: "h", gatewayId: "gw", startId: "s2", replaces: "s1", isIntact: false, leaseIds: [] }), nowMs);
    expect(close(books)).toMatchObject({ ok: true, value: { lease: { state: "closed" } } });
    expect(books.events.at(-1)?.payload).toMatchObject({ closure: { forced: false } });
    expect(standing(books, "team")).toEqual([40n, 0n, 0n, 0n]);
  });

  it("is of one lease once: under another id it is closed already", () => {
    const books = leasedBooks();
    settle(books, { finalCount: 0 });
    expect(close(books, { isForced: true })).toMatchObject({ ok: false, refusal: { reason: "FAILED_PRECONDITION" } });
    expect(close(books, { leaseId: "none" })).toMatchObject({ ok: false, refusal: { reason: "NOT_FOUND" } });
  });
});
