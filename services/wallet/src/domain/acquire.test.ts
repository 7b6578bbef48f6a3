import { describe, expect, it } from "vitest";
import type { Limit } from "./account.ts";
import type { Acquire, AcquireResult } from "./acquire.ts";
import { acquire } from "./acquire.ts";
import { Draft } from "./draft.ts";
import { hello } from "./hello.ts";
import { OperationJob } from "./job.ts";
import { MemoryBooks } from "./memory-books.ts";
import type { PathSpec } from "./open-account.ts";
import type { Outcome } from "./refusal.ts";
import { reserve } from "./reserve.ts";
import { setLimit } from "./set-limit.ts";
import { settleUsage } from "./settle-usage.ts";

const nowMs = Date.parse("2026-03-10T12:00:00Z");
const origin = { actor: "service", requestId: "r" };
const limit = (hard: bigint, period: Limit["period"] = "none", clamp = false): Limit => ({ unit: "usd", period, hard, soft: undefined, clamp });

interface Limits {
  readonly key?: readonly Limit[];
  readonly team?: readonly Limit[];
  readonly org?: readonly Limit[];
}

function path(limits: Limits = {}, key = "key"): PathSpec {
  const accounts = [
    { id: key, kind: "key", limits: limits.key ?? [] },
    { id: "team", kind: "team", limits: limits.team ?? [] },
    { id: "org", kind: "organisation", limits: limits.org ?? [] },
  ] as const;
  return { organisationId: "org", timeZone: "UTC", accounts };
}

function welcomed(...gatewayIds: string[]): MemoryBooks {
  const books = new MemoryBooks();
  for (const gatewayId of gatewayIds) {
    books.run(hello({ origin, transferId: "h", gatewayId, startId: `${gatewayId}_1`, replaces: "", isIntact: true, leaseIds: [] }), nowMs);
  }
  return books;
}

function command(id: string, minimum: bigint, changes: Partial<Acquire> = {}): Acquire {
  const identity = { scope: "service", rpc: "AcquireLease", requestId: id, fingerprint: String(minimum) };
  const ids = { leaseId: `lease_${id}`, transferId: `trf_${id}`, gatewayId: "gw", incarnation: 1n };
  const demands = [{ unit: "usd", wanted: minimum, minimum }] as const;
  return { identity, origin, ...ids, path: path(), demands, ttlMs: 30_000, graceMs: 15_000, activeGateways: () => 1, isLast: false, ...changes };
}

function ask(books: MemoryBooks, id: string, minimum: bigint, changes: Partial<Acquire> = {}): Outcome<AcquireResult> {
  return books.run(acquire(command(id, minimum, changes)), nowMs);
}

/** A lease that its gateway has not spent from. */
function givenBack(leaseId: string): ReturnType<typeof settleUsage> {
  return settleUsage({ origin, transferId: "s", gatewayId: "gw", incarnation: 1n, leaseId, paths: [path()], records: [], ceiling: undefined, finalCount: 0, grantTimeMs: nowMs, keepMs: 45_000 });
}

const wanting = (wanted: bigint, minimum: bigint) => ({ demands: [{ unit: "usd" as const, wanted, minimum }] });
const granted = (credit: bigint, more = {}) => ({ ok: true, value: { type: "granted", lease: { credit: [{ unit: "usd", value: credit }] }, ...more } });

describe("a grant", () => {
  it.each([
    ["the lowest account with a hard limit", { key: [limit(50n)], org: [limit(500n)] }, ["key", "team", "org"]],
    ["a limit further up", { team: [limit(50n)] }, ["team", "org"]],
    ["the organisation, where nothing is limited", {}, ["org"]],
  ])("hangs on %s", (_, limits, hung) => {
    const books = welcomed("gw");
    expect(ask(books, "a", 10n, { path: path(limits) })).toMatchObject({ value: { lease: { accountId: hung[0], path: hung } } });
    const held = ["key", "team", "org"].filter((accountId) => books.balance({ accountId, unit: "usd", period: "none", periodStartMs: 0 }).held === 10n);
    expect(held).toEqual(hung);
  });

  it("is what is wanted where nothing limits it", () => {
    expect(ask(welcomed("gw"), "a", 1n, wanting(5_000n, 1n))).toMatchObject(granted(5_000n));
  });

  it.each([
    ["half of what is left", 1, 50n],
    ["half of an equal share of what is left", 5, 10n],
    ["the minimum where the share is less", 100, 3n],
  ])("is %s at most with %d gateways active", (_, gateways, credit) => {
    const changes = { ...wanting(1_000n, 3n), path: path({ team: [limit(100n)], org: [limit(900n)] }), activeGateways: () => gateways };
    expect(ask(welcomed("gw"), "a", 3n, changes)).toMatchObject(granted(credit));
  });

  it("takes every unit or none", () => {
    const books = welcomed("gw");
    const demands = [{ unit: "usd", wanted: 5n, minimum: 5n }, { unit: "tokens", wanted: 11n, minimum: 11n }] as const;
    const tokens: Limit = { ...limit(10n), unit: "tokens" };
    expect(ask(books, "a", 5n, { demands, path: path({ org: [limit(100n), tokens] }) })).toMatchObject({ refusal: { reason: "INSUFFICIENT_QUOTA", metadata: { unit: "tokens" } } });
    expect(books.leases.size).toBe(0);
  });

  it("may be spent from until the earliest limited period on its path ends", () => {
    const books = welcomed("gw");
    const atMs = Date.parse("2026-03-10T23:59:50Z");
    const outcome = books.run(acquire(command("a", 1n, { path: path({ org: [limit(100n, "day"), limit(500n, "month")] }) })), atMs);
    expect(outcome).toMatchObject(granted(1n, { ttlMs: 10_000 }));
    expect(books.lease("lease_a")?.expireTimeMs).toBe(atMs + 10_000 + 15_000);
  });

  it("is given again under the same id, whatever is left since", () => {
    const books = welcomed("gw");
    const limits = { path: path({ org: [limit(100n)] }) };
    ask(books, "a", 100n, limits);
    expect(ask(books, "a", 100n, { ...limits, leaseId: "another" })).toMatchObject(granted(100n, { replayed: true, lease: { id: "lease_a" } }));
    expect(books.leases.size).toBe(1);
  });
});

describe("an acquire that does not fit", () => {
  it("is denied as spent, for good, where all that is held would not do", () => {
    const books = welcomed("gw");
    const denied = ask(books, "a", 101n, { path: path({ org: [limit(100n, "day", true)] }) });
    expect(denied).toMatchObject({ ok: false, stored: true, refusal: { reason: "INSUFFICIENT_QUOTA", metadata: { account: "org", left: "100", clamp: "true", period: "day" } } });
    expect(denied).not.toMatchObject({ refusal: { message: expect.stringContaining("101") as string } });
    books.run(setLimit({ identity: { scope: "root", rpc: "SetLimit", requestId: "l", fingerprint: "" }, origin, organisationId: "org", accountId: "org", unit: "usd", period: "day", hard: 500n, soft: undefined, clamp: false }), nowMs);
    expect(ask(books, "a", 101n)).toMatchObject({ ok: false, refusal: { reason: "INSUFFICIENT_QUOTA", metadata: { replayed: "true" } } });
  });

  it("lacks what others hold: nothing is on record, and the same id may try again", () => {
    const books = welcomed("gw");
    const limits = { path: path({ team: [limit(100n)] }) };
    ask(books, "a", 80n, limits);
    expect(ask(books, "b", 30n, limits)).toMatchObject({ ok: true, value: { type: "lacking", accountId: "team", refusal: { reason: "BUDGET_HELD" } } });
    books.run(givenBack("lease_a"), nowMs);
    expect(books.last.freed.has("team")).toBe(true);
    expect(ask(books, "b", 30n, limits)).toMatchObject(granted(30n, { replayed: false }));
  });

  it("hears of what came back after it in its batch, though another took more than that before it", () => {
    const books = welcomed("gw");
    const limits = { path: path({ team: [limit(100n)] }) };
    ask(books, "a", 40n, limits);
    const batch = new Draft(books);
    const outcomes = [acquire(command("b", 60n, limits)), acquire(command("c", 30n, limits)), givenBack("lease_a")].map((operation) => {
      const job = new OperationJob<unknown>(operation);
      job.run(batch, nowMs);
      return job.outcome();
    });
    expect(outcomes[1]).toMatchObject({ ok: true, value: { type: "lacking", accountId: "team" } });
    expect(batch.freed().has("team")).toBe(true);
  });

  it("is denied as held at its last try, for good", () => {
    const books = welcomed("gw");
    const limits = { path: path({ team: [limit(100n)] }) };
    ask(books, "a", 80n, limits);
    expect(ask(books, "b", 30n, { ...limits, isLast: true })).toMatchObject({ ok: false, stored: true, refusal: { reason: "BUDGET_HELD" } });
    expect(ask(books, "b", 30n, limits)).toMatchObject({ ok: false, refusal: { reason: "BUDGET_HELD", metadata: { replayed: "true" } } });
  });

  it("has every open lease under the account that lacks asked back once, beside its own path too", () => {
    const books = welcomed("gw", "gw_other");
    const limits = { org: [limit(100n)], key: [limit(60n)] };
    ask(books, "a", 40n, { path: path(limits, "key_a"), gatewayId: "gw_other" });
    ask(books, "b", 40n, { path: path(limits, "key_b") });
    const reservation = { ...command("c", 0n), path: path(limits, "key_b"), amounts: [{ unit: "usd", value: 10n }] as const };
    books.run(reserve({ ...reservation, gatewayId: "", incarnation: 0n }), nowMs);
    expect(ask(books, "d", 30n, { path: path(limits, "key_c") })).toMatchObject({ value: { type: "lacking", accountId: "org" } });
    expect(books.last.recalled).toEqual([{ id: "lease_a", gatewayId: "gw_other" }, { id: "lease_b", gatewayId: "gw" }]);
    expect(ask(books, "d", 30n, { path: path(limits, "key_c") })).toMatchObject({ value: { type: "lacking" } });
    expect(books.last.recalled).toEqual([]);
  });

  it("leaves alone what is held elsewhere", () => {
    const books = welcomed("gw");
    const limits = { key: [limit(50n)], org: [limit(1_000n)] };
    ask(books, "a", 40n, { path: path(limits, "key_a") });
    ask(books, "b", 40n, { path: path(limits, "key_b") });
    ask(books, "c", 40n, { path: path(limits, "key_b") });
    expect(books.last.recalled).toEqual([{ id: "lease_b", gatewayId: "gw" }]);
  });
});

describe("a start that is not the latest", () => {
  it.each([
    ["an acquire", (books: MemoryBooks) => ask(books, "b", 1n)],
    ["an acquire that was granted before", (books: MemoryBooks) => ask(books, "a", 1n)],
    ["a reservation", (books: MemoryBooks) => books.run(reserve({ ...command("c", 1n), amounts: [{ unit: "usd", value: 1n }] }), nowMs)],
  ])("is refused %s", (_, attempt) => {
    const books = welcomed("gw");
    ask(books, "a", 1n);
    books.run(hello({ origin, transferId: "h", gatewayId: "gw", startId: "gw_2", replaces: "gw_1", isIntact: true, leaseIds: [] }), nowMs);
    expect(attempt(books)).toMatchObject({ ok: false, refusal: { reason: "GATEWAY_SUPERSEDED" } });
  });

  it("is one that the wallet never welcomed, too", () => {
    expect(ask(new MemoryBooks(), "a", 1n)).toMatchObject({ ok: false, refusal: { reason: "GATEWAY_SUPERSEDED" } });
  });
});

describe("a limit that is set", () => {
  const set = (books: MemoryBooks, accountId: string, hard: bigint | undefined, soft?: bigint) => {
    const identity = { scope: "root", rpc: "SetLimit", requestId: `${accountId}_${hard}_${soft}`, fingerprint: "" };
    return books.run(setLimit({ identity, origin, organisationId: "org", accountId, unit: "usd", period: "none", hard, soft, clamp: false }), nowMs);
  };

  it("raises the revision where leases hang elsewhere from now on, and asks back those that hang above", () => {
    const books = welcomed("gw");
    ask(books, "a", 40n, { path: path({ org: [limit(100n)] }) });
    set(books, "team", 50n);
    expect(books.last.limitsRevised).toEqual(new Map([["org", 1n]]));
    expect(books.last.recalled).toEqual([{ id: "lease_a", gatewayId: "gw" }]);
    expect(ask(books, "b", 1n)).toMatchObject({ value: { limitsRevision: 1n, lease: { accountId: "team" } } });
    set(books, "team", undefined);
    expect(books.last.limitsRevised).toEqual(new Map([["org", 2n]]));
  });

  it("is told without a new revision where it is raised, and wakes who waits", () => {
    const books = welcomed("gw");
    ask(books, "a", 40n, { path: path({ org: [limit(100n)] }) });
    set(books, "org", 200n);
    expect(books.last).toMatchObject({ limitsRevised: new Map([["org", 0n]]), freed: new Set(["org"]), recalled: [] });
    set(books, "org", 150n);
    expect(books.last.limitsRevised).toEqual(new Map());
  });

  it("that is soft alone denies nothing and holds nothing back", () => {
    const books = welcomed("gw");
    ask(books, "a", 40n);
    expect(set(books, "team", undefined, 10n)).toMatchObject({ value: { standings: [{ soft: 10n, hard: undefined }] } });
    expect(books.last.limitsRevised).toEqual(new Map());
    expect(ask(books, "b", 400n)).toMatchObject(granted(400n, { lease: { accountId: "org" } }));
  });
});
