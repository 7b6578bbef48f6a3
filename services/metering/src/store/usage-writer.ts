import { arrayLiteral, type Sql } from "@alfred/postgres";
import type { KeptRecord } from "../domain/usage.ts";
import { FIRST_HEAD } from "./usage-reader.ts";

/** The channel on which organisations with new records are named, once their transaction commits. */
export const USAGE_CHANNEL = "alfred_metering_usage";

const COLUMNS: readonly (readonly [name: string, type: string, of: (row: KeptRecord) => unknown])[] = [
  ["record_id", "text", (row) => row.recordId],
  ["organisation_id", "text", (row) => row.organisationId],
  ["request_id", "text", (row) => row.requestId],
  ["charge_id", "text", (row) => row.chargeId],
  ["path", "text", (row) => arrayLiteral(row.path)],
  ["key_id", "text", (row) => row.keyId],
  ["user_id", "text", (row) => row.userId],
  ["team_id", "text", (row) => row.teamId],
  ["provider", "text", (row) => row.provider],
  ["model", "text", (row) => row.model],
  ["route_rule", "text", (row) => row.routeRule],
  ["experiment", "text", (row) => row.experiment],
  ["arm", "text", (row) => row.arm],
  ["shadow_of", "text", (row) => row.shadowOf],
  ["answered", "boolean", (row) => row.answered],
  ["reason", "text", (row) => row.reason],
  ["first_byte_ms", "bigint", (row) => row.firstByteMs ?? null],
  ["duration_ms", "bigint", (row) => row.durationMs],
  ["estimated", "boolean", (row) => row.estimated],
  ["cost_nanos", "bigint", (row) => row.costNanos],
  ["start_time", "timestamptz", (row) => row.startTime],
  ["tags", "jsonb", (row) => JSON.stringify(row.tags)],
  ["meters", "text", (row) => arrayLiteral(row.quantities.map(({ meter }) => meter))],
  ["quantities", "text", (row) => arrayLiteral(row.quantities.map(({ quantity }) => String(quantity)))],
  ["record", "bytea", (row) => Buffer.from(row.bytes)],
];
/** Inner arrays come as text; ids and meters hold no control characters. */
const CASTS: Readonly<Record<string, string>> = { path: "::text[]", meters: "::text[]", quantities: "::bigint[]" };

const NAMES = COLUMNS.map(([name]) => name);
const INSERT = `
  INSERT INTO usage_records (sequence, ${NAMES.join(", ")})
  SELECT base.value + row.ordinal, ${NAMES.map((name) => `row.${name}${CASTS[name] ?? ""}`).join(", ")}
  FROM unnest(${COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(", ")})
    WITH ORDINALITY AS row(${NAMES.join(", ")}, ordinal)
  JOIN unnest($${COLUMNS.length + 1}::text[], $${COLUMNS.length + 2}::bigint[]) AS base(organisation_id, value)
    USING (organisation_id)
  ON CONFLICT DO NOTHING
  RETURNING record_id`;

/**
 * Inserts records that are not known yet, within the caller's transaction,
 * and tells the ids of those. Holds the heads of their organisations, taken
 * in the order of their ids so that no two batches wait for each other.
 */
export async function insertUsage(sql: Sql, rows: readonly KeptRecord[]): Promise<ReadonlySet<string>> {
  const heads = await sql.query<{ organisation_id: string; base: bigint }>(
    `INSERT INTO usage_heads AS head (organisation_id, sequence)
     SELECT id, ${FIRST_HEAD} + $2::bigint FROM unnest($1::text[]) AS each(id) ORDER BY id
     ON CONFLICT (organisation_id) DO UPDATE SET sequence = head.sequence + $2::bigint
     RETURNING organisation_id, sequence - $2::bigint AS base`,
    [[...new Set(rows.map(({ organisationId }) => organisationId))], rows.length],
  );
  const inserted = await sql.query<{ record_id: string }>(INSERT, [
    ...COLUMNS.map(([, , of]) => rows.map(of)),
    heads.rows.map((head) => head.organisation_id),
    heads.rows.map((head) => head.base),
  ]);
  return new Set(inserted.rows.map((row) => row.record_id));
}

/** Wakes those who watch these organisations when the transaction commits. */
export async function notifyUsage(sql: Sql, organisationIds: readonly string[]): Promise<void> {
  await sql.query("SELECT pg_notify($1, id) FROM unnest($2::text[]) AS each(id)", [USAGE_CHANNEL, organisationIds]);
}
