/** Links of chains, read. */
import type { Head, StoredLink } from "../domain/chain.ts";
import { EMPTY } from "../domain/chain.ts";
import type { Sql } from "@alfred/postgres";

interface LinkRow {
  sequence: bigint;
  previous_hash: Buffer;
  hash: Buffer;
  event_bytes: Buffer;
  chain_time: Date;
}

interface HeadRow {
  organisation_id: string;
  sequence: bigint;
  hash: Buffer;
}

/** Links of an organisation after a sequence, in order, at most `most`. */
export async function readLinks(sql: Sql, organisation: string, after: bigint, most: number): Promise<StoredLink[]> {
  const result = await sql.query<LinkRow>(
    `SELECT sequence, previous_hash, hash, event_bytes, chain_time FROM events
     WHERE organisation_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
    [organisation, after, most],
  );
  return result.rows.map((row) => ({
    sequence: row.sequence,
    previousHash: row.previous_hash,
    hash: row.hash,
    bytes: row.event_bytes,
    chainTime: row.chain_time,
  }));
}

/** Where an organisation's chain stands. */
export async function readHead(sql: Sql, organisation: string): Promise<Head> {
  const result = await sql.query<HeadRow>(
    "SELECT organisation_id, sequence, hash FROM chains WHERE organisation_id = $1",
    [organisation],
  );
  const [row] = result.rows;
  return row === undefined ? EMPTY : { sequence: row.sequence, hash: row.hash };
}

/** Organisations that have a chain, after this one, by id. */
export async function listChains(sql: Sql, after: string, most: number): Promise<string[]> {
  const result = await sql.query<HeadRow>(
    "SELECT organisation_id FROM chains WHERE organisation_id > $1 ORDER BY organisation_id LIMIT $2",
    [after, most],
  );
  return result.rows.map((row) => row.organisation_id);
}

/** Takes the turn to checkpoint an organisation's chain; it is held until the transaction ends. */
export async function lockCheckpoints(sql: Sql, organisation: string): Promise<void> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`audit-checkpoints/${organisation}`]);
}
