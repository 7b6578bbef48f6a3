import type { Sql } from "@alfred/postgres";
import type { Needs } from "../domain/operation.ts";
import type { Transfer } from "../domain/transfer.ts";
import type { Column, Statement } from "./bulk.ts";
import { rowsOf, valuesOf } from "./bulk.ts";
import type { NumberedTransfer } from "./write-books.ts";

/** The number of the latest transfer of each organisation that is locked. */
export type LockedOrganisations = ReadonlyMap<string, bigint>;

/**
 * Locks the organisations of a batch, in the order of their ids so that batches of several processes cannot wait for
 * each other in a circle. Each account, balance and lease belongs to one organisation, so this guards them all.
 */
export async function lockOrganisations(sql: Sql, needs: readonly Needs[]): Promise<LockedOrganisations> {
  const ids = [...new Set(needs.map(({ organisationId }) => organisationId))];
  const { rows } = await sql.query<{ id: string; last_transfer: bigint }>(
    "SELECT id, last_transfer FROM wallet.organisations WHERE id = ANY($1) ORDER BY id FOR UPDATE",
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row.last_transfer]));
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
    const number = (latest.get(organisationId) ?? locked.get(organisationId) ?? 0n) + 1n;
    latest.set(organisationId, number);
    return numbered(transfer, number);
  });
}

/** What keeps the count of the transfers just numbered. */
export function countStatements(transfers: readonly NumberedTransfer[]): Statement[] {
  // The last of each organisation has the highest number.
  const latest = [...new Map(transfers.map((transfer) => [transfer.organisationId, transfer])).values()];
  if (latest.length === 0) return [];
  const text = (first: number): string =>
    `UPDATE wallet.organisations o SET last_transfer = row.last_transfer FROM ${rowsOf(COUNTS, first)} WHERE o.id = row.id`;
  return [{ text, values: valuesOf(latest, COUNTS) }];
}

const COUNTS: readonly Column<NumberedTransfer>[] = [
  { name: "id", type: "text", of: (row) => row.organisationId },
  { name: "last_transfer", type: "bigint", of: (row) => row.number },
];

function numbered(transfer: Transfer, number: bigint): NumberedTransfer {
  return { ...transfer, number };
}
