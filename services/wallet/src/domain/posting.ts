import type { Amount } from "./amount.ts";
import { add, nonZero } from "./amount.ts";
import type { Draft } from "./draft.ts";
import type { Origin } from "./event.ts";
import type { Lease } from "./lease.ts";
import { bucketOf } from "./lease.ts";
import type { LeaseRecord, RecordChange } from "./post-record.ts";
import { postRecord } from "./post-record.ts";
import type { RecordNumbers } from "./record-numbers.ts";
import { NO_RECORDS, withRecord } from "./record-numbers.ts";
import type { Entry, Transfer } from "./transfer.ts";
import { moved, posted, reposted } from "./transfer.ts";

/** What several records of a lease do together to one leaf. */
export interface Posting {
  readonly accountId: string;
  /** The leaf and all above it. */
  readonly path: readonly string[];
  readonly isCorrection: boolean;
  readonly records: RecordNumbers;
  readonly drawn: readonly Amount[];
  readonly advanced: readonly Amount[];
  readonly posted: readonly Amount[];
  readonly overrun: readonly Amount[];
}

/** Where an account's charges fall: itself and all above it; undefined where they cannot be booked. */
export type LeafPaths = (accountId: string) => readonly string[] | undefined;

/** A lease and what its records came to, one posting per leaf and per kind of transfer. */
export interface Posted {
  readonly lease: Lease;
  readonly postings: readonly Posting[];
}

/**
 * Counts each record once, in the order of their numbers, so that the order in which they came says nothing. That of a
 * reservation is charged to its account, and one of a leaf that cannot be booked on where the lease hangs.
 */
export function postRecords(lease: Lease, records: readonly LeaseRecord[], leafPath: LeafPaths): Posted {
  const postings = new Map<string, Posting>();
  let next = lease;
  for (const record of records.toSorted((one, other) => one.number - other.number)) {
    const accountId = lease.isReservation || leafPath(record.accountId) === undefined ? lease.accountId : record.accountId;
    const change = postRecord(next, { ...record, accountId });
    const path = change && (change.accountId === lease.accountId ? lease.path : leafPath(change.accountId));
    // An actual that names another leaf than its worst case was posted to cannot come from a journal.
    if (change === undefined || path === undefined) continue;
    next = change.lease;
    const key = `${String(change.isCorrection)} ${change.accountId}`;
    postings.set(key, withChange(postings.get(key), change, record.number, path));
  }
  return { lease: next, postings: [...postings.values()] };
}

/** The posting of one record alone. */
export function postingOf(change: RecordChange, number: number, path: readonly string[]): Posting {
  return withChange(undefined, change, number, path);
}

function withChange(posting: Posting | undefined, change: RecordChange, number: number, path: readonly string[]): Posting {
  const { accountId, isCorrection } = change;
  return {
    accountId,
    path,
    isCorrection,
    records: withRecord(posting?.records ?? NO_RECORDS, number),
    drawn: add(posting?.drawn ?? [], change.drawn),
    advanced: add(posting?.advanced ?? [], change.advanced),
    posted: add(posting?.posted ?? [], change.posted),
    overrun: add(posting?.overrun ?? [], change.overrun),
  };
}

/** Books a posting of a lease: what it drew where the lease hangs, what it cost along the leaf's path. */
export function bookPosting(draft: Draft, lease: Lease, posting: Posting): void {
  const { windowStarts } = lease;
  for (const { unit, value } of nonZero(posting.drawn)) draft.book(lease.path, windowStarts, unit, { [bucketOf(lease)]: -value });
  for (const { unit, value } of nonZero(posting.advanced)) draft.book(lease.path, windowStarts, unit, { posted: -value });
  for (const { unit, value } of nonZero(chargeOf(posting))) draft.book(posting.path, windowStarts, unit, { posted: value });
  for (const { unit, value } of nonZero(posting.overrun)) draft.book(posting.path, windowStarts, unit, { overrun: value });
}

/** What the leaf is charged. */
export function chargeOf({ posted: fresh, advanced }: Posting): Amount[] {
  return add(fresh, advanced);
}

/** Who moves money of a lease, and when. */
export interface Mover {
  readonly origin: Origin;
  readonly transferId: string;
  readonly requestId: string;
  readonly nowMs: number;
}

/** The transfer of a posting; `lease` is as it was before. */
export function postingTransfer(lease: Lease, posting: Posting, mover: Mover): Transfer {
  const { accountId, records, overrun } = posting;
  return {
    ...leaseTransfer(lease, mover),
    kind: posting.isCorrection ? "correction" : "settle",
    accountId,
    amounts: chargeOf(posting),
    records,
    overrun: nonZero(overrun),
    entries: postingEntries(lease, posting),
  };
}

function postingEntries(lease: Lease, { accountId, drawn, advanced, posted: fresh }: Posting): Entry[] {
  return [
    ...moved(lease.accountId, bucketOf(lease), "available", drawn),
    ...reposted(lease.accountId, accountId, advanced),
    ...posted(accountId, fresh),
  ];
}

/** What all transfers of a lease have in common. */
export function leaseTransfer(lease: Lease, mover: Mover): Omit<Transfer, "kind" | "amounts" | "entries"> {
  return {
    id: mover.transferId,
    organisationId: lease.organisationId,
    accountId: lease.accountId,
    leaseId: lease.id,
    requestId: mover.requestId,
    records: NO_RECORDS,
    overrun: [],
    reason: "",
    createTimeMs: mover.nowMs,
  };
}

/** Gives back what a lease holds no more, and writes it down. `before` and `after` differ in that alone. */
export function release(draft: Draft, before: Lease, amounts: readonly Amount[], mover: Mover): void {
  const freed = nonZero(amounts);
  if (freed.length === 0) return;
  for (const { unit, value } of freed) draft.book(before.path, before.windowStarts, unit, { [bucketOf(before)]: -value });
  const entries = moved(before.accountId, bucketOf(before), "available", freed);
  draft.record({ ...leaseTransfer(before, mover), kind: "release", amounts: freed, entries });
}

/** Tells of every soft limit that the draft passed, in the name of who moved. */
export function tellCrossings(draft: Draft, organisationId: string, { origin, nowMs }: Pick<Mover, "origin" | "nowMs">): void {
  for (const { balance, soft } of draft.crossings()) {
    const { accountId, unit, period, periodStartMs, posted: value } = balance;
    const window = draft.windows(organisationId, Math.max(periodStartMs, 0))[period];
    const warning = { accountId, unit, period, soft, posted: value, window };
    draft.tell({ organisationId, origin, occurTimeMs: nowMs, payload: { type: "soft_limit_passed", warning } });
  }
}
