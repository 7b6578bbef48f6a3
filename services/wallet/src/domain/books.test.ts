import { array, assert, constant, constantFrom, integer, nat, oneof, option, property, record } from "fast-check";
import type { Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { acquire } from "./acquire.ts";
import type { Limit } from "./account.ts";
import type { Unit } from "./amount.ts";
import { closeLease } from "./close-lease.ts";
import { hello } from "./hello.ts";
import { checkInvariants, InvariantChecker } from "./invariants.ts";
import { MemoryBooks } from "./memory-books.ts";
import { openPath } from "./open-account.ts";
import type { AccountSpec } from "./open-account.ts";
import type { Operation } from "./operation.ts";
import { refund } from "./refund.ts";
import { reserve } from "./reserve.ts";
import { setLimit } from "./set-limit.ts";
import { settle } from "./settle.ts";
import { settleUsage } from "./settle-usage.ts";
import { suspend } from "./suspend.ts";
import type { Period } from "./window.ts";

const origin = { actor: "key_a", requestId: "r" };
const organisationId = "org";
const timeZone = "Europe/Zurich";
const limited = (unit: Unit, period: Period, hard: bigint): Limit => ({ unit, period, hard, soft: hard / 2n, clamp: false });
const organisation: AccountSpec = {
  id: "org",
  kind: "organisation",
  limits: [limited("usd", "day", 60n), limited("usd", "none", 300n), limited("tokens", "week", 90n)],
};
const team: AccountSpec = { id: "team", kind: "team", limits: [limited("usd", "month", 120n)] };
const chains: readonly AccountSpec[][] = [
  [{ id: "key_a", kind: "key", limits: [limited("usd", "day", 40n)] }, team, organisation],
  [{ id: "key_b", kind: "key", limits: [] }, team, organisation],
  [{ id: "key_c", kind: "key", limits: [] }, organisation],
  [team, organisation],
];
const pathOf = (chain: number) => ({ organisationId, timeZone, accounts: chains[chain] ?? [] });

type Step =
  | { type: "reserve"; request: number; chain: number; usd: number; tokens: number; ttlMs: number; gateway: number | undefined }
  | { type: "settle"; request: number; lease: number; usd: number; tokens: number }
  | { type: "refund"; request: number; lease: number; usd: number }
  | { type: "suspend"; lease: number }
  | { type: "limit"; request: number; account: number; unit: Unit; period: Period; hard: number | undefined }
  | { type: "hello"; gateway: number; start: number; isIntact: boolean; leases: readonly number[] }
  | { type: "acquire"; request: number; gateway: number; chain: number; usd: number; wanted: number; isLast: boolean }
  | { type: "usage"; lease: number; gateway: number; chain: number; numbers: readonly number[]; worst: number; cost: number; isIndeterminate: boolean; ceiling: number | undefined; final: number | undefined }
  | { type: "close"; request: number; lease: number; gateway: number; usd: number; isForced: boolean }
  | { type: "wait"; ms: number };

// Small ranges, so that requests repeat, limits bind, and leases are settled, refunded and suspended more than once.
const request = nat({ max: 30 });
const amount = nat({ max: 25 });
const lease = nat({ max: 61 });
const gateway = nat({ max: 1 });
const chain = nat({ max: 3 });
const step: Arbitrary<Step> = oneof(
  { weight: 4, arbitrary: record({ type: constant("reserve"), request, chain, usd: amount, tokens: amount, ttlMs: integer({ min: 1_000, max: 100_000_000 }), gateway: option(gateway, { nil: undefined }) }) },
  { weight: 4, arbitrary: record({ type: constant("settle"), request, lease, usd: nat({ max: 40 }), tokens: amount }) },
  { weight: 2, arbitrary: record({ type: constant("refund"), request, lease, usd: integer({ min: 1, max: 30 }) }) },
  { weight: 2, arbitrary: record({ type: constant("suspend"), lease }) },
  { weight: 1, arbitrary: record({ type: constant("limit"), request, account: nat({ max: 4 }), unit: constantFrom<Unit>("usd", "tokens"), period: constantFrom<Period>("day", "week", "month", "none"), hard: option(nat({ max: 200 }), { nil: undefined }) }) },
  { weight: 2, arbitrary: record({ type: constant("hello"), gateway, start: nat({ max: 2 }), isIntact: constantFrom(true, false), leases: array(lease, { maxLength: 20 }) }) },
  { weight: 6, arbitrary: record({ type: constant("acquire"), request, gateway, chain, usd: amount, wanted: amount, isLast: constantFrom(true, false) }) },
  { weight: 8, arbitrary: record({ type: constant("usage"), lease, gateway, chain, numbers: array(integer({ min: 1, max: 4 }), { maxLength: 4 }), worst: nat({ max: 15 }), cost: nat({ max: 20 }), isIndeterminate: constantFrom(true, false), ceiling: option(amount, { nil: undefined }), final: option(nat({ max: 4 }), { nil: undefined }) }) },
  { weight: 2, arbitrary: record({ type: constant("close"), request, lease, gateway, usd: amount, isForced: constantFrom(true, false) }) },
  { weight: 2, arbitrary: record({ type: constant("wait"), ms: nat({ max: 200_000_000 }) }) },
);

function identity(rpc: string, { request: id, ...body }: Step & { request: number }): Parameters<typeof settle>[0]["identity"] {
  // Half of all requests come from the gateway, half from the organisation's own keys.
  const scope = rpc === "AcquireLease" || id % 2 === 0 ? "service" : "organisation/org";
  return { scope, rpc, requestId: `r${id}`, fingerprint: JSON.stringify(body) };
}

/** Books in which the directory's accounts are open already: an organisation's own keys open none. */
function openedBooks(): MemoryBooks {
  const books = new MemoryBooks();
  for (const [index] of chains.entries()) books.run(openPath(pathOf(index), origin), 0);
  return books;
}

const usd = (value: number) => ({ unit: "usd" as const, value: BigInt(value) });
const tokens = (value: number) => ({ unit: "tokens" as const, value: BigInt(value) });
/** A lease that is there, or one that never will be: the wallet gives no id twice. */
const knownOr = (books: MemoryBooks, id: number) => (books.lease(`lease_${id}`) === undefined ? `lost_${id}` : `lease_${id}`);
/** Of the starts tried on a gateway some are its latest, some follow it and some are stale. */
const startOf = (start: number) => (start === 0 ? "" : `s${start}`);

function operationOf(books: MemoryBooks, move: Exclude<Step, { type: "wait" }>, index: number): Operation<unknown> {
  const transferId = `t${index}`;
  switch (move.type) {
    case "reserve": {
      const incarnation = BigInt(move.request % 3);
      const gatewayId = move.gateway === undefined ? "" : `gw_${move.gateway}`;
      const amounts = [usd(move.usd), tokens(move.tokens)];
      return reserve({ identity: identity("Reserve", move), origin, leaseId: `lease_${move.request}`, transferId, path: pathOf(move.chain), amounts, ttlMs: move.ttlMs, gatewayId, incarnation });
    }
    case "settle": {
      const amounts = [usd(move.usd), tokens(move.tokens)];
      return settle({ identity: identity("Settle", move), origin, transferId, organisationId, leaseId: `lease_${move.lease}`, amounts });
    }
    case "refund":
      return refund({ identity: identity("Refund", move), origin, transferId, organisationId, leaseId: `lease_${move.lease}`, amounts: [usd(move.usd)], reason: "test" });
    case "suspend":
      return suspend({ organisationId, leaseId: `lease_${move.lease}`, transferId });
    case "limit": {
      const accountId = ["key_a", "key_b", "key_c", "team", "org"][move.account] ?? "org";
      const hard = move.hard === undefined ? undefined : BigInt(move.hard);
      return setLimit({ identity: identity("SetLimit", move), origin, organisationId, accountId, unit: move.unit, period: move.period, hard, soft: hard, clamp: false });
    }
    case "hello": {
      const gatewayId = `gw_${move.gateway}`;
      const replaces = move.start === 0 ? "s1" : (books.gateway(gatewayId)?.startId ?? "");
      const leaseIds = move.leases.map((id) => `lease_${id}`);
      return hello({ origin, transferId, gatewayId, startId: `s${index}_${startOf(move.start)}`, replaces, isIntact: move.isIntact, leaseIds });
    }
    case "acquire": {
      const gatewayId = `gw_${move.gateway}`;
      const latest = books.gateway(gatewayId)?.incarnation ?? 0n;
      const demands = [
        { unit: "usd" as const, wanted: BigInt(move.usd + move.wanted), minimum: BigInt(move.usd) },
        { unit: "tokens" as const, wanted: BigInt(move.wanted), minimum: 1n },
      ];
      const incarnation = move.request % 7 === 0 ? latest - 1n : latest;
      const common = { origin, leaseId: `lease_${31 + move.request}`, transferId, gatewayId, incarnation, path: pathOf(move.chain), demands };
      return acquire({ ...common, identity: identity("AcquireLease", move), ttlMs: 30_000, graceMs: 15_000, activeGateways: () => 2, isLast: move.isLast });
    }
    case "usage": {
      const path = pathOf(move.chain);
      const accountId = path.accounts[0]?.id ?? "org";
      const records = move.numbers.map((number) => {
        return { number, accountId, worst: [usd(move.worst), tokens(1)], cost: [usd(move.cost), tokens(1)], isIndeterminate: move.isIndeterminate };
      });
      const gatewayId = `gw_${move.gateway}`;
      const incarnation = books.gateway(gatewayId)?.incarnation ?? 0n;
      const ceiling = move.ceiling === undefined ? undefined : [usd(move.ceiling), tokens(1)];
      return settleUsage({ origin, transferId, gatewayId, incarnation, leaseId: knownOr(books, move.lease), paths: [path], records, ceiling, finalCount: move.final, grantTimeMs: 0, keepMs: 45_000 });
    }
    case "close":
      return closeLease({ identity: identity("CloseLease", move), origin, transferId, leaseId: `lease_${move.lease}`, organisationId, gatewayId: `gw_${move.gateway}`, cost: [usd(move.usd)], reason: "test", isForced: move.isForced });
  }
}

describe("any sequence of operations", () => {
  it("keeps the books in order after every step", () => {
    assert(
      property(array(step, { maxLength: 100, size: "max" }), (steps) => {
        const books = openedBooks();
        const checker = new InvariantChecker(books);
        let nowMs = Date.parse("2026-03-27T20:00:00Z");
        for (const [index, move] of steps.entries()) {
          if (move.type === "wait") {
            nowMs += move.ms;
            continue;
          }
          books.run(operationOf(books, move, index), nowMs);
          expect(checker.check()).toEqual([]);
        }
        expect(checkInvariants(books)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it("answers each request id once: the same again, or a refusal for another body", () => {
    assert(
      property(array(step, { maxLength: 60, size: "max" }), (steps) => {
        const books = openedBooks();
        const nowMs = Date.parse("2026-03-27T20:00:00Z");
        const operations: Operation<unknown>[] = [];
        for (const [index, move] of steps.entries()) {
          if (move.type === "wait") continue;
          const operation = operationOf(books, move, index);
          books.run(operation, nowMs);
          operations.push(operation);
        }
        const transfers = books.transfers.length;
        const events = books.events.length;
        for (const operation of operations.filter(({ needs }) => needs.identity !== undefined && books.answer(needs.identity))) {
          books.run(operation, nowMs);
        }
        expect(books.transfers.length).toBe(transfers);
        expect(books.events.length).toBe(events);
      }),
      { numRuns: 100 },
    );
  });
});
