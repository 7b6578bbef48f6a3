import type { Unit } from "../src/domain/amount.ts";
import { UNITS, valueOf } from "../src/domain/amount.ts";
import type { Balance } from "../src/domain/balance.ts";
import { used } from "../src/domain/balance.ts";
import type { Draft } from "../src/domain/draft.ts";
import type { Lease } from "../src/domain/lease.ts";
import type { Bucket, Transfer } from "../src/domain/transfer.ts";
import { PROVIDER_PAYABLE } from "../src/domain/transfer.ts";
import { PERIODS } from "../src/domain/window.ts";

/** What does not add up in the books, one sentence each; empty where all is well. Numbers as in leases.md's table. */
export function violations(books: Draft): string[] {
  return [...negatives(books), ...unbalanced(books), ...wrongRollUps(books), ...wrongHolds(books), ...postedTwice(books)];
}

/** I2: nothing is below zero, and overrun is part of what is posted. */
function negatives(books: Draft): string[] {
  return [...books.balances.values()]
    .filter(({ posted, held, suspense, overrun }) => [posted, held, suspense, overrun].some((part) => part < 0n) || overrun > posted)
    .map((balance) => `I2: ${label(balance)} is out of range`);
}

/** I3: the entries of each transfer sum to zero per unit. */
function unbalanced(books: Draft): string[] {
  return books.transfers
    .filter(({ entries }) => UNITS.some((unit) => sum(entries.filter((entry) => entry.unit === unit).map(({ value }) => value)) !== 0n))
    .map(({ id }) => `I3: the entries of ${id} do not sum to zero`);
}

/** I4 and I5: each balance is the sum of the entries of its account and all below it, of leases granted in its window. */
function wrongRollUps(books: Draft): string[] {
  const expected = new Map<string, bigint>();
  for (const [key, value] of books.transfers.flatMap((transfer) => shares(books, transfer))) {
    expected.set(key, (expected.get(key) ?? 0n) + value);
  }
  const parts = ["posted", "held", "suspense"] as const;
  const found = new Map<string, bigint>([...books.balances.values()].flatMap((balance) => parts.map((part) => [`${label(balance)} ${part}`, balance[part]] as const)));
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((key) => (expected.get(key) ?? 0n) !== (found.get(key) ?? 0n))
    .map((key) => `I4: ${key} is ${found.get(key) ?? 0n}, its entries say ${expected.get(key) ?? 0n}`);
}

function shares(books: Draft, transfer: Transfer): Array<[string, bigint]> {
  const lease = books.leases.get(transfer.leaseId);
  const entries = transfer.entries.filter(({ accountId, bucket }) => accountId !== PROVIDER_PAYABLE && bucket !== "available");
  if (lease === undefined) return entries.length > 0 ? [[`${transfer.id} has no lease`, 1n]] : [];
  return entries.flatMap(({ accountId, bucket, unit, value }) => {
    if (accountId !== lease.accountId) return [[`${transfer.id} books on ${accountId}`, 1n]];
    return lease.path.flatMap((id) => PERIODS.map((period): [string, bigint] => [keyOf(id, unit, period, lease, bucket), value]));
  });
}

function keyOf(accountId: string, unit: Unit, period: Balance["period"], lease: Lease, bucket: Bucket): string {
  return `${label({ accountId, unit, period, periodStartMs: lease.windowStarts[period] })} ${bucket}`;
}

/** I9: held and suspense are the sums over the leases in that state; a closed one holds nothing. */
function wrongHolds(books: Draft): string[] {
  const parts = { open: "held", suspense: "suspense" } as const;
  return [...books.balances.values()].flatMap((balance) =>
    (["open", "suspense"] as const).flatMap((state) => {
      const leases = [...books.leases.values()].filter((lease) => lease.state === state && covers(lease, balance));
      const total = sum(leases.map(({ credit }) => valueOf(credit, balance.unit)));
      return total === balance[parts[state]] ? [] : [`I9: ${label(balance)} ${parts[state]} is not ${total}`];
    }),
  );
}

/** I6: each lease is settled at most once, and I13: overrun is the excess of what stays charged. */
function postedTwice(books: Draft): string[] {
  const settles = books.transfers.filter(({ kind }) => kind === "settle").map(({ leaseId }) => leaseId);
  const twice = settles.filter((id, index) => settles.indexOf(id) !== index).map((id) => `I6: ${id} was settled twice`);
  const overruns = [...books.balances.values()].filter((balance) => {
    const leases = [...books.leases.values()].filter((lease) => covers(lease, balance));
    const excess = sum(leases.map((lease) => excessOf(lease, balance.unit, books.transfers)));
    return excess !== balance.overrun;
  });
  return [...twice, ...overruns.map((balance) => `I13: ${label(balance)} has a wrong overrun`)];
}

/** What of a lease's charge no hold covered: the excess of its settlement, all that was added since, less what was given back. */
function excessOf({ id, credit }: Lease, unit: Unit, transfers: readonly Transfer[]): bigint {
  let excess = 0n;
  for (const { leaseId, kind, amounts } of transfers) {
    if (leaseId !== id || kind === "suspend") continue;
    const value = valueOf(amounts, unit);
    const change = { reserve: 0n, denial: 0n, settle: value - valueOf(credit, unit), correction: value, refund: -value }[kind];
    excess = excess + change > 0n ? excess + change : 0n;
  }
  return excess;
}

/** I1: a grant leaves what is used within the limit at every account of its path. */
export function exceeded(books: Draft, lease: Lease): string[] {
  return lease.path.flatMap((accountId) => {
    const limits = books.account(accountId)?.limits.filter(({ unit }) => valueOf(lease.credit, unit) > 0n) ?? [];
    return limits
      .filter(({ unit, period, hard }) => used(books.balance({ accountId, unit, period, periodStartMs: lease.windowStarts[period] })) > hard)
      .map(({ unit, period }) => `I1: ${accountId} ${unit} ${period} is above its limit after a grant`);
  });
}

/** U - overrun per balance: what may rise by a grant only. */
export function committed(books: Draft): ReadonlyMap<string, bigint> {
  return new Map([...books.balances.values()].map((balance) => [label(balance), used(balance) - balance.overrun]));
}

/** I1: without a grant that never rises. */
export function risen(books: Draft, before: ReadonlyMap<string, bigint>): string[] {
  const after = [...committed(books)];
  return after.filter(([key, value]) => value > (before.get(key) ?? 0n)).map(([key]) => `I1: ${key} rose without a grant`);
}

function covers(lease: Lease, { accountId, period, periodStartMs }: Balance): boolean {
  return lease.path.includes(accountId) && lease.windowStarts[period] === periodStartMs;
}

function label(balance: Pick<Balance, "accountId" | "unit" | "period" | "periodStartMs">): string {
  return `${balance.accountId} ${balance.unit} ${balance.period}@${balance.periodStartMs}`;
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
