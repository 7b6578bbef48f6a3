import type { Sql } from "../sql.ts";
import type { OutboxEvent } from "./event.ts";

/** An event and its row. */
export interface OutboxRow {
  readonly position: bigint;
  readonly event: OutboxEvent;
}

interface StoredRow {
  position: bigint;
  event_id: string;
  organisation_id: string;
  source: string;
  source_seq: bigint;
  type: string;
  occurred_at: Date;
  bytes: Buffer;
}

/** The oldest rows that are not published. Within an organisation, positions rise with the sequence. */
export async function readUnpublished(sql: Sql, most: number): Promise<OutboxRow[]> {
  const { rows } = await sql.query<StoredRow>(
    `SELECT position, event_id, organisation_id, source, source_seq, type, occurred_at, bytes
     FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT $1`,
    [most],
  );
  return rows.map((row) => ({
    position: row.position,
    event: {
      eventId: row.event_id,
      organisationId: row.organisation_id,
      source: row.source,
      sourceSeq: row.source_seq,
      type: row.type,
      occurredAt: row.occurred_at,
      bytes: row.bytes,
    },
  }));
}

export async function markPublished(sql: Sql, positions: readonly bigint[]): Promise<void> {
  await sql.query("UPDATE outbox SET published_at = clock_timestamp() WHERE position = ANY($1::int8[])", [positions]);
}

/** Deletes rows that were published longer ago than `keptMs`; at most `most`. Returns how many. */
export async function deletePublished(sql: Sql, keptMs: number, most: number): Promise<number> {
  const { rowCount } = await sql.query(
    `DELETE FROM outbox WHERE position IN (
       SELECT position FROM outbox WHERE published_at < clock_timestamp() - $1 * interval '1 millisecond'
       ORDER BY published_at LIMIT $2)`,
    [keptMs, most],
  );
  return rowCount ?? 0;
}

/** The newest committed row that is not published; undefined where there is none. */
export async function newestUnpublished(sql: Sql): Promise<bigint | undefined> {
  const { rows } = await sql.query<{ position: bigint | null }>(
    "SELECT max(position) AS position FROM outbox WHERE published_at IS NULL",
  );
  return rows[0]?.position ?? undefined;
}

/** Whether rows up to `position` are still unpublished. */
export async function isUnpublishedUpTo(sql: Sql, position: bigint): Promise<boolean> {
  const { rows } = await sql.query<{ waiting: boolean }>(
    "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL AND position <= $1) AS waiting",
    [position],
  );
  return rows[0]?.waiting ?? false;
}
