import type { Effect } from "./effect.ts";
import type { JournalLease, JournalRecord, JournalState } from "./journal-state.ts";
import { NO_CHARGE } from "../domain/charge.ts";
import { OwnLease } from "./own-lease.ts";
import type { OwnRecord } from "./own-record.ts";

/**
 * The leases of earlier starts, with all that is to be told of them. Nothing is admitted from them. An intent without an
 * actual is charged at its worst: its provider may have been paid.
 */
export function recoverLeases(state: JournalState, nowMs: number): OwnLease[] {
  return [...state.leases.values()].map((found) => recoverLease(found, state, nowMs));
}

/** What metering is told of them. */
export function reportOf(leases: readonly OwnLease[]): Effect | undefined {
  const records = leases
    .flatMap((lease) => [...lease.records.values()])
    .filter(({ isNoted }) => !isNoted)
    .map(({ ref, note, isIndeterminate }) => ({ ref, note, isIndeterminate }));
  return records.length === 0 ? undefined : { type: "report", records };
}

function recoverLease({ header, nextNumber, records }: JournalLease, state: JournalState, nowMs: number): OwnLease {
  const { leaseId, organisationId, grantTimeMs, incarnation } = header;
  const terms = { leaseId, organisationId, grantTimeMs, incarnation, credit: NO_CHARGE, deadlineMs: nowMs, keepAliveMs: Number.POSITIVE_INFINITY, path: undefined };
  const lease = new OwnLease(terms, undefined, nowMs);
  lease.isJournaled = true;
  lease.nextNumber = nextNumber;
  for (const [number, record] of records) lease.recover(recoverRecord(leaseId, number, record, state));
  lease.close();
  return lease;
}

function recoverRecord(leaseId: string, number: number, record: JournalRecord, state: JournalState): OwnRecord {
  const { accountId, worst, cost, note } = record;
  return {
    ref: { leaseId, number },
    accountId,
    path: state.paths.get(accountId),
    worst,
    cost: cost ?? worst,
    isIndeterminate: cost === undefined,
    note,
    isAwaited: false,
    isSettled: false,
    isNoted: note.length === 0,
  };
}
