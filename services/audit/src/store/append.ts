/** Appends events to their chains. */
import type { AuditEvent } from "@alfred/nats";
import type { Sql } from "@alfred/postgres";

import { extend } from "../domain/chain.ts";
import type { Head, Link } from "../domain/chain.ts";

/** An event that was found good, and its exact bytes. */
export interface IncomingEvent {
  readonly eventId: string;
  readonly organisation: string;
  readonly bytes: Uint8Array;
  /** As it came, for whoever has to put it aside. */
  readonly message: AuditEvent;
}

/** What became of a batch. */
export interface Appended {
  /** Links made, by organisation. */
  readonly links: ReadonlyMap<string, readonly Link[]>;
  readonly duplicates: readonly IncomingEvent[];
  /** Events under the id of an earlier one that said something else. */
  readonly conflicts: readonly IncomingEvent[];
}

/** The channel on which an organisation's id is notified, once its new links are committed. */
export const LINK_CHANNEL = "alfred_audit_links";

/**
 * Appends a batch, in its order, in the transaction of `sql`. The row of each chain is locked until the commit, so that
 * no other process can continue the same link; chains are locked by id, so that no two batches wait for each other.
 */
export async function appendEvents(sql: Sql, batch: readonly IncomingEvent[], now: Date): Promise<Appended> {
  if (batch.length === 0) return { links: new Map(), duplicates: [], conflicts: [] };
  const heads = await lockChains(sql, [...new Set(batch.map(({ organisation }) => organisation))].toSorted());
  const { fresh, duplicates, conflicts } = await sortOut(sql, batch);
  const links = new Map<string, readonly Link[]>();
  for (const [organisation, events] of Map.groupBy(fresh, (event) => event.organisation)) {
    const chained = extend(
      heads.get(organisation) ?? missingHead(organisation),
      events.map(({ bytes }) => bytes),
    );
    await insertLinks(sql, organisation, events, chained, now);
    links.set(organisation, chained);
  }
  return { links, duplicates, conflicts };
}

async function lockChains(sql: Sql, organisations: readonly string[]): Promise<Map<string, Head>> {
  await sql.query(
    `INSERT INTO chains (organisation_id, sequence, hash) SELECT unnest($1::text[]), 0, decode(repeat('00', 32), 'hex')
     ON CONFLICT (organisation_id) DO NOTHING`,
    [organisations],
  );
  const result = await sql.query<{ organisation_id: string; sequence: bigint; hash: Buffer }>(
    "SELECT organisation_id, sequence, hash FROM chains WHERE organisation_id = ANY($1) ORDER BY organisation_id FOR UPDATE",
    [organisations],
  );
  return new Map(result.rows.map((row) => [row.organisation_id, { sequence: row.sequence, hash: row.hash }]));
}

async function sortOut(
  sql: Sql,
  batch: readonly IncomingEvent[],
): Promise<{ fresh: IncomingEvent[]; duplicates: IncomingEvent[]; conflicts: IncomingEvent[] }> {
  const result = await sql.query<{ event_id: string; event_bytes: Buffer }>(
    "SELECT event_id, event_bytes FROM events WHERE event_id = ANY($1)",
    [batch.map(({ eventId }) => eventId)],
  );
  const known = new Map<string, Uint8Array>(result.rows.map((row) => [row.event_id, row.event_bytes]));
  const fresh: IncomingEvent[] = [];
  const duplicates: IncomingEvent[] = [];
  const conflicts: IncomingEvent[] = [];
  for (const event of batch) {
    const before = known.get(event.eventId);
    if (before === undefined) fresh.push(event);
    else (Buffer.compare(before, event.bytes) === 0 ? duplicates : conflicts).push(event);
    if (before === undefined) known.set(event.eventId, event.bytes);
  }
  return { fresh, duplicates, conflicts };
}

async function insertLinks(
  sql: Sql,
  organisation: string,
  events: readonly IncomingEvent[],
  links: readonly Link[],
  now: Date,
): Promise<void> {
  await sql.query(
    `INSERT INTO events (organisation_id, sequence, event_id, previous_hash, hash, event_bytes, chain_time)
     SELECT $1, link.*, $7 FROM unnest($2::bigint[], $3::text[], $4::bytea[], $5::bytea[], $6::bytea[]) AS link`,
    [
      organisation,
      links.map(({ sequence }) => sequence.toString()),
      events.map(({ eventId }) => eventId),
      links.map(({ previousHash }) => previousHash),
      links.map(({ hash }) => hash),
      links.map(({ bytes }) => bytes),
      now,
    ],
  );
  const head = links.at(-1);
  await sql.query("UPDATE chains SET sequence = $2, hash = $3 WHERE organisation_id = $1", [
    organisation,
    head?.sequence,
    head?.hash,
  ]);
  await sql.query("SELECT pg_notify($1, $2)", [LINK_CHANNEL, organisation]);
}

function missingHead(organisation: string): never {
  throw new Error(`the chain of ${organisation} was not locked`);
}
