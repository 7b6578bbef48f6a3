import { array, assert, constant, constantFrom, integer, nat, oneof, option, property, record } from "fast-check";
import type { Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { committed, exceeded, risen, violations } from "../../tests/invariants.ts";
import { MemoryBooks } from "../../tests/memory-books.ts";
import type { Unit } from "./amount.ts";
import { openPath } from "./open-account.ts";
import type { AccountSpec } from "./open-account.ts";
import type { Operation } from "./operation.ts";
import { refund } from "./refund.ts";
import { reserve } from "./reserve.ts";
import { setLimit } from "./set-limit.ts";
import { settle } from "./settle.ts";
import { suspend } from "./suspend.ts";
import type { Period } from "./window.ts";

const origin = { actor: "key_a", requestId: "r" };
const organisationId = "org";
const limits = [
  { unit: "usd", period: "day", hard: 60n },
  { unit: "usd", period: "none", hard: 300n },
  { unit: "tokens", period: "week", hard: 90n },
] as const;
const organisation: AccountSpec = { id: "org", kind: "organisation", limits };
const team: AccountSpec = { id: "team", kind: "team", limits: [{ unit: "usd", period: "month", hard: 120n }] };
const chains: readonly AccountSpec[][] = [
  [{ id: "key_a", kind: "key", limits: [{ unit: "usd", period: "day", hard: 40n }] }, team, organisation],
  [{ id: "key_b", kind: "key", limits: [] }, team, organisation],
  [{ id: "key_c", kind: "key", limits: [] }, organisation],
  [team, organisation],
];

type Step =
  | { type: "reserve"; request: number; chain: number; usd: number; tokens: number; ttlMs: number }
  | { type: "settle"; request: number; lease: number; usd: number; tokens: number }
  | { type: "refund"; request: number; lease: number; usd: number }
  | { type: "suspend"; lease: number }
  | { type: "limit"; request: number; account: number; unit: Unit; period: Period; hard: number | undefined }
  | { type: "wait"; ms: number };

// Small ranges, so that requests repeat, limits bind, and leases are settled, refunded and suspended more than once.
const request = nat({ max: 30 });
const amount = nat({ max: 25 });
const lease = nat({ max: 30 });
const step: Arbitrary<Step> = oneof(
  { weight: 5, arbitrary: record({ type: constant("reserve"), request, chain: nat({ max: 3 }), usd: amount, tokens: amount, ttlMs: integer({ min: 1_000, max: 100_000_000 }) }) },
  { weight: 5, arbitrary: record({ type: constant("settle"), request, lease, usd: nat({ max: 40 }), tokens: amount }) },
  { weight: 2, arbitrary: record({ type: constant("refund"), request, lease, usd: integer({ min: 1, max: 30 }) }) },
  { weight: 2, arbitrary: record({ type: constant("suspend"), lease }) },
  { weight: 1, arbitrary: record({ type: constant("limit"), request, account: nat({ max: 4 }), unit: constantFrom<Unit>("usd", "tokens"), period: constantFrom<Period>("day", "week", "month", "none"), hard: option(nat({ max: 200 }), { nil: undefined }) }) },
  { weight: 2, arbitrary: record({ type: constant("wait"), ms: nat({ max: 200_000_000 }) }) },
);

function identity(rpc: string, { request: id, ...body }: Step & { request: number }): Parameters<typeof settle>[0]["identity"] {
  // Half of all requests come from the gateway, half from the organisation's own keys.
  return { scope: id % 2 === 0 ? "service" : "organisation/org", rpc, requestId: `r${id}`, fingerprint: JSON.stringify(body) };
}

/** Books in which the directory's accounts are open already: an organisation's own keys open none. */
function openedBooks(): MemoryBooks {
  const books = new MemoryBooks();
  for (const accounts of chains) books.run(openPath({ organisationId, timeZone: "Europe/Zurich", accounts }, origin), 0);
  return books;
}

function operationOf(move: Exclude<Step, { type: "wait" }>, index: number): Operation<unknown> {
  const transferId = `t${index}`;
  switch (move.type) {
    case "reserve": {
      const accounts = chains[move.chain] ?? [];
      const amounts = [{ unit: "usd", value: BigInt(move.usd) }, { unit: "tokens", value: BigInt(move.tokens) }] as const;
      const path = { organisationId, timeZone: "Europe/Zurich", accounts };
      return reserve({ identity: identity("Reserve", move), origin, leaseId: `lease_${move.request}`, transferId, path, amounts, ttlMs: move.ttlMs });
    }
    case "settle": {
      const amounts = [{ unit: "usd", value: BigInt(move.usd) }, { unit: "tokens", value: BigInt(move.tokens) }] as const;
      return settle({ identity: identity("Settle", move), origin, transferId, organisationId, leaseId: `lease_${move.lease}`, amounts });
    }
    case "refund": {
      const amounts = [{ unit: "usd", value: BigInt(move.usd) }] as const;
      return refund({ identity: identity("Refund", move), origin, transferId, organisationId, leaseId: `lease_${move.lease}`, amounts, reason: "test" });
    }
    case "suspend":
      return suspend({ organisationId, leaseId: `lease_${move.lease}`, transferId });
    case "limit": {
      const accountId = ["key_a", "key_b", "key_c", "team", "org"][move.account] ?? "org";
      const hard = move.hard === undefined ? undefined : BigInt(move.hard);
      return setLimit({ identity: identity("SetLimit", move), origin, organisationId, accountId, unit: move.unit, period: move.period, hard });
    }
  }
}

describe("any sequence of operations", () => {
  it("keeps the books in order after every step", () => {
    assert(
      property(array(step, { maxLength: 80, size: "max" }), (steps) => {
        const books = openedBooks();
        let nowMs = Date.parse("2026-03-27T20:00:00Z");
        for (const [index, move] of steps.entries()) {
          if (move.type === "wait") {
            nowMs += move.ms;
            continue;
          }
          const before = committed(books.draft);
          const leasesBefore = books.draft.leases.size;
          books.run(operationOf(move, index), nowMs);
          expect(violations(books.draft)).toEqual([]);
          const granted = [...books.draft.leases.values()].slice(leasesBefore);
          expect(granted.length > 0 ? granted.flatMap((each) => exceeded(books.draft, each)) : risen(books.draft, before)).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("answers each request id once: the same again, or a refusal for another body", () => {
    assert(
      property(array(step, { maxLength: 60, size: "max" }), (steps) => {
        const books = openedBooks();
        const nowMs = Date.parse("2026-03-27T20:00:00Z");
        const operations = steps.flatMap((move, index) => (move.type === "wait" ? [] : [operationOf(move, index)]));
        for (const operation of operations) books.run(operation, nowMs);
        const transfers = books.draft.transfers.length;
        const events = books.draft.events.length;
        for (const operation of operations.filter(({ needs }) => needs.identity !== undefined && books.draft.answer(needs.identity))) {
          books.run(operation, nowMs);
        }
        expect(books.draft.transfers.length).toBe(transfers);
        expect(books.draft.events.length).toBe(events);
      }),
      { numRuns: 200 },
    );
  });
});
