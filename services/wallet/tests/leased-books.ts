import { acquire } from "../src/domain/acquire.ts";
import type { Amount } from "../src/domain/amount.ts";
import { hello } from "../src/domain/hello.ts";
import type { Lease } from "../src/domain/lease.ts";
import { MemoryBooks } from "../src/domain/memory-books.ts";
import type { PathSpec } from "../src/domain/open-account.ts";
import type { LeaseRecord } from "../src/domain/post-record.ts";
import type { SettleUsage } from "../src/domain/settle-usage.ts";
import { settleUsage } from "../src/domain/settle-usage.ts";

export const nowMs = Date.parse("2026-03-10T12:00:00Z");
export const origin = { actor: "service", requestId: "r" };
const limits = [{ unit: "usd", period: "day", hard: 1_000n, soft: 60n, clamp: false }] as const;
const pathOf = (key: string): PathSpec => ({
  organisationId: "org",
  timeZone: "UTC",
  accounts: [
    { id: key, kind: "key", limits: [] },
    { id: "team", kind: "team", limits },
    { id: "org", kind: "organisation", limits: [] },
  ],
});
/** Of two keys in one team. */
const paths = [pathOf("key_a"), pathOf("key_b")] as const;
export const usd = (value: bigint): readonly Amount[] => [{ unit: "usd", value }];

/** Books in which a gateway holds a lease of 100 at the team. */
export function leasedBooks(): MemoryBooks {
  const books = new MemoryBooks();
  books.run(hello({ origin, transferId: "h", gatewayId: "gw", startId: "s1", replaces: "", isIntact: true, leaseIds: [] }), nowMs);
  const identity = { scope: "service", rpc: "AcquireLease", requestId: "a", fingerprint: "" };
  const demands = [{ unit: "usd", wanted: 100n, minimum: 100n }] as const;
  const terms = { ttlMs: 30_000, graceMs: 15_000, activeGateways: () => 1, isLast: true };
  books.run(acquire({ identity, origin, leaseId: "lease", transferId: "g", gatewayId: "gw", incarnation: 1n, path: paths[0], demands, ...terms }), nowMs);
  return books;
}

/** A settlement of that lease by its gateway, which says nothing but what is stated. */
export function settled(changes: Partial<SettleUsage>): SettleUsage {
  const none = { records: [], ceiling: undefined, finalCount: undefined };
  return { origin, transferId: "t", gatewayId: "gw", incarnation: 1n, leaseId: "lease", paths, grantTimeMs: nowMs, keepMs: 45_000, ...none, ...changes };
}

/** A record whose cost is known. */
export function actual(number: number, worst: bigint, cost: bigint, accountId = "key_a"): LeaseRecord {
  return { number, accountId, worst: usd(worst), cost: usd(cost), isIndeterminate: false };
}

/** A record charged at its worst case. */
export function indeterminate(number: number, worst: bigint, accountId = "key_a"): LeaseRecord {
  return { ...actual(number, worst, worst, accountId), isIndeterminate: true };
}

/** Settles, and answers the lease as it is then. */
export function settle(books: MemoryBooks, changes: Partial<SettleUsage>, atMs = nowMs): Lease {
  const outcome = books.run(settleUsage(settled(changes)), atMs);
  if (!outcome.ok) throw new Error(outcome.refusal.message);
  return outcome.value.lease;
}

/** What an account has posted, held, in suspense and overrun. */
export function standing(books: MemoryBooks, accountId: string): readonly bigint[] {
  const { posted, held, suspense, overrun } = books.balance({ accountId, unit: "usd", period: "none", periodStartMs: 0 });
  return [posted, held, suspense, overrun];
}
