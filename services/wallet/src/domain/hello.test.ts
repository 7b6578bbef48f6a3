import { describe, expect, it } from "vitest";
import { acquire } from "./acquire.ts";
import { hello } from "./hello.ts";
import type { Hello, HelloResult } from "./hello.ts";
import { MemoryBooks } from "./memory-books.ts";
import type { Outcome } from "./refusal.ts";
import { suspend } from "./suspend.ts";

const nowMs = Date.parse("2026-03-10T12:00:00Z");
const origin = { actor: "service", requestId: "r" };
const limits = [{ unit: "usd", period: "none", hard: 100n, soft: undefined, clamp: false }] as const;

function say(books: MemoryBooks, startId: string, replaces: string, changes: Partial<Hello> = {}): Outcome<HelloResult> {
  return books.run(hello({ origin, transferId: `h_${startId}`, gatewayId: "gw", startId, replaces, isIntact: true, leaseIds: [], ...changes }), nowMs);
}

/** Two leases of 30 to the first start of a gateway. */
function leasedBooks(): MemoryBooks {
  const books = new MemoryBooks();
  say(books, "s1", "");
  for (const id of ["a", "b"]) {
    const identity = { scope: "service", rpc: "AcquireLease", requestId: id, fingerprint: "" };
    const path = { organisationId: "org", timeZone: "UTC", accounts: [{ id: "org", kind: "organisation", limits }] } as const;
    const demands = [{ unit: "usd", wanted: 30n, minimum: 30n }] as const;
    const terms = { ttlMs: 30_000, graceMs: 15_000, activeGateways: () => 1, isLast: true };
    books.run(acquire({ identity, origin, leaseId: id, transferId: `g_${id}`, gatewayId: "gw", incarnation: 1n, path, demands, ...terms }), nowMs);
  }
  return books;
}

const welcome = (incarnation: bigint, recalled: readonly string[] = []) => ({ ok: true, value: { type: "welcome", incarnation, recalled } });
const superseded = (startId: string) => ({ ok: true, value: { type: "superseded", startId } });
const states = (books: MemoryBooks) => ["a", "b"].map((id) => books.lease(id)?.state);
const standing = (books: MemoryBooks) => {
  const { held, suspense } = books.balance({ accountId: "org", unit: "usd", period: "none", periodStartMs: 0 });
  return { held, suspense };
};

describe("Hello", () => {
  it("gives each start the next number", () => {
    const books = new MemoryBooks();
    expect(say(books, "s1", "")).toEqual(welcome(1n));
    expect(say(books, "s2", "s1")).toEqual(welcome(2n));
  });

  it("answers the latest start again and changes nothing, not even its leases", () => {
    const books = leasedBooks();
    expect(say(books, "s1", "")).toEqual(welcome(1n));
    expect(say(books, "s1", "other", { isIntact: false })).toEqual(welcome(1n));
    expect(states(books)).toEqual(["open", "open"]);
  });

  it.each([
    ["names none", "", "s1"],
    ["names another", "s0", "s1"],
  ])("takes no start that %s instead of the latest", (_, replaces, current) => {
    const books = leasedBooks();
    expect(say(books, "s2", replaces)).toEqual(superseded(current));
    expect(states(books)).toEqual(["open", "open"]);
  });

  it("takes no start that was followed by another, however late it comes", () => {
    const books = leasedBooks();
    say(books, "s2", "s1");
    expect(say(books, "s1", "")).toEqual(superseded("s2"));
  });

  it("of an intact journal closes what it does not list, unspent", () => {
    const books = leasedBooks();
    say(books, "s2", "s1", { leaseIds: ["b"] });
    expect(states(books)).toEqual(["closed", "open"]);
    expect(standing(books)).toEqual({ held: 30n, suspense: 0n });
    expect(books.transfers.at(-1)).toMatchObject({ kind: "release", leaseId: "a", amounts: [{ unit: "usd", value: 30n }] });
    expect(books.last.freed).toEqual(new Set(["org"]));
  });

  it("of an intact journal closes what expired meanwhile, too", () => {
    const books = leasedBooks();
    books.run(suspend({ organisationId: "org", leaseId: "a", transferId: "s" }), nowMs + 45_000);
    say(books, "s2", "s1");
    expect(standing(books)).toEqual({ held: 0n, suspense: 0n });
  });

  it("of a lost journal puts all into suspense for good, listed or not, and tells of it", () => {
    const books = leasedBooks();
    books.run(suspend({ organisationId: "org", leaseId: "a", transferId: "s" }), nowMs + 45_000);
    say(books, "s2", "s1", { isIntact: false, leaseIds: ["b"] });
    expect(standing(books)).toEqual({ held: 0n, suspense: 60n });
    expect(books.last.events.map(({ payload }) => payload)).toMatchObject([{ type: "lease_suspended", lease: { id: "a", isLost: true } }, { type: "lease_suspended", lease: { id: "b", isLost: true } }]);
    say(books, "s3", "s2");
    expect(standing(books)).toEqual({ held: 0n, suspense: 60n });
  });

  it("says again which leases are asked back", () => {
    const books = leasedBooks();
    const identity = { scope: "service", rpc: "AcquireLease", requestId: "c", fingerprint: "" };
    const path = { organisationId: "org", timeZone: "UTC", accounts: [{ id: "org", kind: "organisation", limits }] } as const;
    const demands = [{ unit: "usd", wanted: 60n, minimum: 60n }] as const;
    books.run(acquire({ identity, origin, leaseId: "c", transferId: "g", gatewayId: "gw", incarnation: 1n, path, demands, ttlMs: 1, graceMs: 1, activeGateways: () => 1, isLast: false }), nowMs);
    expect(say(books, "s1", "")).toEqual(welcome(1n, ["a", "b"]));
  });
});
