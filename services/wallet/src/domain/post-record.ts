import type { Amount, Unit } from "./amount.ts";
import { add, least, minus, most, unitsOf, valueOf } from "./amount.ts";
import type { Lease, PostedRecord } from "./lease.ts";
import { heldOf } from "./lease.ts";
import { hasRecord, withRecord } from "./record-numbers.ts";

/** One admission: what it may have cost and what it cost. */
export interface LeaseRecord {
  /** From 1, without a gap within a lease. */
  readonly number: number;
  /** The leaf charged. */
  readonly accountId: string;
  readonly worst: readonly Amount[];
  readonly cost: readonly Amount[];
  /** Whether the cost is not known; then it is the worst case. */
  readonly isIndeterminate: boolean;
}

/** What a record does to its lease and the balances; each amount negative for less. */
export interface RecordChange {
  readonly lease: Lease;
  /** The leaf charged: of a record that was posted before the one that it was posted to. */
  readonly accountId: string;
  /** Whether it was posted before. */
  readonly isCorrection: boolean;
  /** What the lease holds less. */
  readonly drawn: readonly Amount[];
  /** What moves from the account that the lease hangs on to the leaf: an operator said before that it was spent. */
  readonly advanced: readonly Amount[];
  /** What is posted anew. */
  readonly posted: readonly Amount[];
  readonly overrun: readonly Amount[];
}

const NOTHING_POSTED: Omit<PostedRecord, "accountId" | "isIndeterminate"> = { drawn: [], advanced: [], beyond: [] };

/**
 * Counts a record once: undefined where it is known and stays. An actual replaces an indeterminate, whichever comes
 * first, as if it had come at once.
 */
export function postRecord(lease: Lease, record: LeaseRecord): RecordChange | undefined {
  if (!hasRecord(lease.seen, record.number)) return replaceRecord(lease, record);
  const isReplaced = lease.records.get(record.number)?.isIndeterminate === true && !record.isIndeterminate;
  return isReplaced ? replaceRecord(lease, record) : undefined;
}

/**
 * Posts a record in place of what was posted for it. `min(cost, worst)` comes from what is held, or was drawn for it
 * before; then from an operator's advance; the rest is beyond. Of a charge that was given back since, no more is taken
 * back than is left.
 */
export function replaceRecord(lease: Lease, record: LeaseRecord): RecordChange {
  const known = lease.records.get(record.number);
  const before = known ?? NOTHING_POSTED;
  const held = heldOf(lease);
  const units = unitsOf(record.cost, before.drawn, before.advanced, before.beyond);
  const parts = units.map((unit) => split(lease, record, before, unit, valueOf(held, unit)));
  const after: PostedRecord = {
    accountId: known?.accountId ?? record.accountId,
    isIndeterminate: record.isIndeterminate,
    drawn: parts.map(({ unit, drawn }) => ({ unit, value: drawn })),
    advanced: parts.map(({ unit, advanced }) => ({ unit, value: advanced })),
    beyond: parts.map(({ unit, beyond }) => ({ unit, value: beyond })),
  };
  return changeOf(lease, record.number, { before, after, isCorrection: hasRecord(lease.seen, record.number) });
}

interface Split {
  readonly unit: Unit;
  readonly drawn: bigint;
  readonly advanced: bigint;
  readonly beyond: bigint;
}

function split(lease: Lease, record: LeaseRecord, before: typeof NOTHING_POSTED, unit: Unit, held: bigint): Split {
  const cost = valueOf(record.cost, unit);
  const [drawnBefore, beyondBefore] = [valueOf(before.drawn, unit), valueOf(before.beyond, unit)];
  const drawn = least(least(cost, valueOf(record.worst, unit)), drawnBefore + held);
  const advanced = least(cost - drawn, valueOf(lease.advance, unit) + valueOf(before.advanced, unit));
  const beyond = cost - drawn - advanced;
  const returnable = valueOf(lease.charged, unit) - valueOf(lease.refunded, unit);
  const kept = most(drawnBefore + beyondBefore - drawn - beyond - returnable, 0n);
  return { unit, drawn: drawn + kept, advanced, beyond };
}

interface Replacement {
  readonly before: typeof NOTHING_POSTED;
  readonly after: PostedRecord;
  readonly isCorrection: boolean;
}

function changeOf(lease: Lease, number: number, { before, after, isCorrection }: Replacement): RecordChange {
  const advanced = minus(after.advanced, before.advanced);
  const posted = minus(add(after.drawn, after.beyond), add(before.drawn, before.beyond));
  const next: Lease = {
    ...lease,
    drawn: add(lease.drawn, minus(after.drawn, before.drawn)),
    advance: minus(lease.advance, advanced),
    charged: add(lease.charged, posted),
    overrun: add(lease.overrun, minus(after.beyond, before.beyond)).map(({ unit, value }) => ({ unit, value: most(value, 0n) })),
    seen: withRecord(lease.seen, number),
    records: withPosted(lease, number, after),
  };
  const drawn = minus(heldOf(lease), heldOf(next));
  return { lease: next, accountId: after.accountId, isCorrection, drawn, advanced, posted, overrun: minus(next.overrun, lease.overrun) };
}

/** What may still change is kept; what a peer says of a reservation is its last word each time. */
function withPosted(lease: Lease, number: number, posted: PostedRecord): Lease["records"] {
  const isKept = posted.isIndeterminate || lease.isReservation;
  if (!isKept && !lease.records.has(number)) return lease.records;
  const records = new Map(lease.records);
  if (isKept) records.set(number, posted);
  else records.delete(number);
  return records;
}
