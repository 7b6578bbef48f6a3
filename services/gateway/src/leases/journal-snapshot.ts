import type { AccountPath } from "@alfred/contracts";
import type { JournalEntry } from "./journal-entry.ts";
import type { OwnLease } from "./own-lease.ts";
import { NO_NOTE, type OwnRecord } from "./own-record.ts";

/**
 * The entries that a rewritten journal needs, so that reading them gives what must still be told: leases whose final
 * settlement is not acknowledged, and records that the wallet or metering do not have.
 */
export function snapshotOf(header: readonly JournalEntry[], leases: Iterable<OwnLease>): JournalEntry[] {
  const entries = [...header];
  const paths = new Map<string, AccountPath>();
  for (const lease of leases) if (lease.isJournaled) addLease(lease, entries, paths);
  return entries;
}

function addLease(lease: OwnLease, entries: JournalEntry[], paths: Map<string, AccountPath>): void {
  const { leaseId, organisationId, grantTimeMs, incarnation } = lease.terms;
  entries.push({ type: "lease", leaseId, organisationId, grantTimeMs, incarnation, nextNumber: lease.nextNumber });
  for (const record of lease.records.values()) {
    if (record.path !== undefined && paths.get(record.accountId) !== record.path) {
      paths.set(record.accountId, record.path);
      entries.push({ type: "path", path: record.path });
    }
    addRecord(record, entries);
  }
}

function addRecord({ ref, accountId, worst, cost, note, isIndeterminate }: OwnRecord, entries: JournalEntry[]): void {
  const isOver = cost !== undefined && !isIndeterminate;
  entries.push({ type: "intent", ...ref, accountId, worst, note: isOver ? NO_NOTE : note });
  if (isOver) entries.push({ type: "actual", ...ref, cost, note });
}
