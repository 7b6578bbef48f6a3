import type { Sql } from "@alfred/postgres";
import type { SequencedRecord } from "../domain/usage.ts";

/** The head of an organisation without usage: not 0, which would ask a resumed watch to start now. */
export const FIRST_HEAD = 1n;

/** The last sequence given in the organisation. */
export async function headSequence(sql: Sql, organisationId: string): Promise<bigint> {
  const { rows } = await sql.query<{ sequence: bigint }>(
    "SELECT sequence FROM usage_heads WHERE organisation_id = $1",
    [organisationId],
  );
  return rows[0]?.sequence ?? FIRST_HEAD;
}

/** The records after a sequence, in order, at most `most`. */
export async function recordsAfter(sql: Sql, organisationId: string, after: bigint, most: number): Promise<SequencedRecord[]> {
  const { rows } = await sql.query<{ sequence: bigint; record: Buffer }>(
    `SELECT sequence, record FROM usage_records
     WHERE organisation_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
    [organisationId, after, most],
  );
  return rows.map((row) => ({ sequence: row.sequence, bytes: row.record }));
}
