import type { Sql } from "../sql.ts";
import type { NewEvent } from "./event.ts";

/**
 * Writes events into the schema's outbox, in the transaction of the change that they tell of. Numbers them per
 * organisation in the order given, and holds each organisation's counter until the commit: take other locks before.
 * Organisations are locked by id, so that two transactions never wait for each other here.
 */
export async function appendEvents(client: Sql, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const next = await takeNumbers(client, events);
  const rows = events.map((event) => {
    const sourceSeq = next.get(event.organisationId) ?? 1n;
    next.set(event.organisationId, sourceSeq + 1n);
    return { event, sourceSeq, bytes: event.serialise(sourceSeq) };
  });
  await client.query(
    `WITH added AS (
       INSERT INTO outbox (event_id, organisation_id, source, source_seq, type, occurred_at, bytes)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::text[], $6::timestamptz[], $7::bytea[])
     ) SELECT pg_notify('outbox_' || current_schema(), '')`,
    [
      rows.map(({ event }) => event.eventId),
      rows.map(({ event }) => event.organisationId),
      rows.map(({ event }) => event.source),
      rows.map(({ sourceSeq }) => sourceSeq),
      rows.map(({ event }) => event.type),
      rows.map(({ event }) => event.occurredAt.toISOString()),
      // The driver knows a Buffer in an array, but no other bytes.
      rows.map(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    ],
  );
}

/** The first number for each organisation; as many as it has events are taken. */
async function takeNumbers(client: Sql, events: readonly NewEvent[]): Promise<Map<string, bigint>> {
  const counts = new Map<string, number>();
  for (const { organisationId } of events) counts.set(organisationId, (counts.get(organisationId) ?? 0) + 1);
  const organisations = [...counts.keys()].toSorted();
  const { rows } = await client.query<{ organisation_id: string; last_seq: string | bigint }>(
    `INSERT INTO outbox_counters (organisation_id, last_seq)
     SELECT * FROM unnest($1::text[], $2::int8[])
     ON CONFLICT (organisation_id) DO UPDATE SET last_seq = outbox_counters.last_seq + excluded.last_seq
     RETURNING organisation_id, last_seq`,
    [organisations, organisations.map((organisation) => counts.get(organisation) ?? 0)],
  );
  return new Map(
    rows.map((row) => [row.organisation_id, BigInt(row.last_seq) - BigInt(counts.get(row.organisation_id) ?? 0) + 1n]),
  );
}
