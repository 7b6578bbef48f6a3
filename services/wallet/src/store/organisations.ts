import type { Sql } from "@alfred/postgres";
import type { Draft } from "../domain/draft.ts";
import type { Needs } from "../domain/operation.ts";
import type { Transfer } from "../domain/transfer.ts";
import type { Column, Statement } from "./bulk.ts";
import { instant, rowsOf, valuesOf } from "./bulk.ts";
import type { NumberedTransfer } from "./write-books.ts";

/** An organisation that is locked. */
interface LockedOrganisation {
  /** The number of its latest transfer. */
  readonly lastTransfer: bigint;
  readonly limitsRevision: bigint;
}

export type LockedOrganisations = ReadonlyMap<string, LockedOrganisation>;

/**
 * Locks organisations in the order of their ids, so that batches of several processes cannot wait for each other in a
 * circle. Each account, balance and lease belongs to one organisation, so this guards them all.
 */
export async function lockOrganisations(sql: Sql, ids: readonly string[]): Promise<LockedOrganisations> {
  const { rows } = await sql.query<{ id: string; last_transfer: bigint; limits_revision: bigint }>(
    "SELECT id, last_transfer, limits_revision FROM wallet.organisations WHERE id = ANY($1) ORDER BY id FOR UPDATE",
    [[...new Set(ids)]],
  );
  return new Map(rows.map((row) => [row.id, { lastTransfer: row.last_transfer, limitsRevision: row.limits_revision }]));
}

/** The organisations that a batch names; an operation of a gateway may name none. */
export function organisationsOf(needs: readonly Needs[]): string[] {
  return needs.map(({ organisationId }) => organisationId).filter((id) => id !== "");
}

/** The organisations that a batch may open and that have no row to lock yet. */
export function lackingRows(needs: readonly Needs[], locked: LockedOrganisations): string[] {
  const lacking = needs.filter((need) => need.opensInTimeZone !== undefined && !locked.has(need.organisationId));
  return [...new Set(lacking.map(({ organisationId }) => organisationId))].toSorted();
}

/** Makes the rows of organisations that are about to be opened; a row without an account does no harm. */
export async function insertOrganisations(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.query("INSERT INTO wallet.organisations (id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", [ids]);
}

/** Gives each transfer the next number of its organisation. */
export function numberTransfers(transfers: readonly Transfer[], locked: LockedOrganisations): NumberedTransfer[] {
  const latest = new Map<string, bigint>();
  return transfers.map((transfer) => {
    const { organisationId } = transfer;
    const number = (latest.get(organisationId) ?? locked.get(organisationId)?.lastTransfer ?? 0n) + 1n;
    latest.set(organisationId, number);
    return numbered(transfer, number);
  });
}

interface Count {
  readonly id: string;
  readonly lastTransfer: bigint;
  readonly limitsRevision: bigint;
  readonly isRevised: boolean;
  readonly nowMs: number;
}

/** What keeps the count of the transfers just numbered, and of the changes of limits. */
export function countStatements(draft: Draft, nowMs: number, transfers: readonly NumberedTransfer[], locked: LockedOrganisations): Statement[] {
  // The last of each organisation has the highest number.
  const numbers = new Map(transfers.map(({ organisationId, number }) => [organisationId, number]));
  const counts = [...new Set([...numbers.keys(), ...draft.limitsRevised.keys()])].map((id): Count => ({
    id,
    lastTransfer: numbers.get(id) ?? locked.get(id)?.lastTransfer ?? 0n,
    limitsRevision: draft.limitsRevision(id),
    isRevised: draft.limitsRevised.has(id),
    nowMs,
  }));
  if (counts.length === 0) return [];
  // The moment of a change rises even where a clock stands still: by it the other processes tell changes apart.
  const text = (first: number): string => `UPDATE wallet.organisations o SET last_transfer = row.last_transfer, limits_revision = row.limits_revision,
      limits_change_time = CASE WHEN row.is_revised THEN GREATEST(row.now, o.limits_change_time + interval '1 millisecond') ELSE o.limits_change_time END
    FROM ${rowsOf(COUNTS, first)} WHERE o.id = row.id`;
  return [{ text, values: valuesOf(counts, COUNTS) }];
}

const COUNTS: readonly Column<Count>[] = [
  { name: "id", type: "text", of: (row) => row.id },
  { name: "last_transfer", type: "bigint", of: (row) => row.lastTransfer },
  { name: "limits_revision", type: "bigint", of: (row) => row.limitsRevision },
  { name: "is_revised", type: "boolean", of: (row) => row.isRevised },
  { name: "now", type: "timestamptz", of: (row) => instant(row.nowMs) },
];

function numbered(transfer: Transfer, number: bigint): NumberedTransfer {
  return { ...transfer, number };
}
