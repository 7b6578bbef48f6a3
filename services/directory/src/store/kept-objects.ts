/** Kept objects in Postgres. They are no configuration, so that nobody follows them, and writers need not wait for each other. */
import { AccountPath, KeptObjectKind } from "@alfred/contracts";
import type { KeptObject } from "@alfred/contracts";
import type { Sql } from "@alfred/postgres";

import type { KeptChange, KeptFilter, KeptMutation, KeptObjects, NewKeptObject } from "../domain/kept-object.ts";
import { requestIdReused } from "../domain/refusal.ts";

interface Row {
  id: string;
  kind: "file" | "batch";
  path: Buffer;
  provider_id: string;
  upstream_id: string;
  purpose: string;
  filename: string;
  bytes: string;
  state: string;
  version: string;
  due_time: Date | null;
  create_time: Date;
  fingerprint: Buffer;
  last_request_id: string;
  last_fingerprint: Buffer;
}

/** The record in this database. */
export function createKeptObjects(sql: Sql): KeptObjects {
  return {
    create: (object, mutation) => create(sql, object, mutation),
    find: async (organisationId, id) => {
      const row = await findRow(sql, organisationId, id);
      return row && toObject(row);
    },
    list: (filter, after, most) => list(sql, filter, after, most),
    update: (change, mutation) => update(sql, change, mutation),
    delete: async (organisationId, id) => {
      await sql.query("DELETE FROM kept_objects WHERE organisation_id = $1 AND id = $2", [organisationId, id]);
    },
    claim: (kind, most, now, leaseMs) => claim(sql, kind, most, now, leaseMs),
  };
}

/** How many batches run at a provider: those that are to be looked at. */
export async function countRunningBatches(sql: Sql, providerId: string): Promise<number> {
  const result = await sql.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM kept_objects WHERE kind = 'batch' AND due_time IS NOT NULL AND provider_id = $1",
    [providerId],
  );
  return result.rows[0]?.count ?? 0;
}

async function create(sql: Sql, object: NewKeptObject, { requestId, fingerprint }: KeptMutation): ReturnType<KeptObjects["create"]> {
  const { organisationId } = object.path;
  const inserted = await sql.query<Row>(
    `INSERT INTO kept_objects (id, kind, organisation_id, path, provider_id, upstream_id, purpose, filename, bytes, state, version,
                               due_time, create_time, request_id, fingerprint, last_request_id, last_fingerprint)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13, $14, $13, $14)
     ON CONFLICT DO NOTHING RETURNING *`,
    [
      object.id, nameOf(object.kind), organisationId, AccountPath.encode(object.path).finish(), object.providerId, object.upstreamId,
      object.purpose, object.filename, object.bytes.toString(), object.state, object.dueTime ?? null, object.createTime, requestId, fingerprint,
    ],
  );
  const [row] = inserted.rows;
  if (row !== undefined) return { object: toObject(row), replayed: false };
  const known = await sql.query<Row>("SELECT * FROM kept_objects WHERE organisation_id = $1 AND request_id = $2", [organisationId, requestId]);
  const [earlier] = known.rows;
  if (earlier === undefined) return undefined;
  if (Buffer.compare(earlier.fingerprint, fingerprint) !== 0) throw requestIdReused(requestId);
  return { object: toObject(earlier), replayed: true };
}

async function findRow(sql: Sql, organisationId: string, id: string): Promise<Row | undefined> {
  const result = await sql.query<Row>("SELECT * FROM kept_objects WHERE organisation_id = $1 AND id = $2", [organisationId, id]);
  return result.rows[0];
}

async function list(sql: Sql, filter: KeptFilter, after: KeptObject | undefined, most: number): Promise<KeptObject[]> {
  const [before, order] = filter.oldestFirst ? [">", "ASC"] : ["<", "DESC"];
  // Said only where it is asked for, so that the index by purpose is made use of.
  const ofPurpose = filter.purpose === "" ? "" : "AND purpose = $6";
  const result = await sql.query<Row>(
    `SELECT * FROM kept_objects
     WHERE organisation_id = $1 AND kind = $2 AND (kind <> 'file' OR upstream_id <> '') ${ofPurpose}
       AND ($3::timestamptz IS NULL OR (create_time, id) ${before} ($3, $4))
     ORDER BY create_time ${order}, id ${order} LIMIT $5`,
    [filter.organisationId, nameOf(filter.kind), after?.createTime ?? null, after?.id ?? "", most, ...(ofPurpose === "" ? [] : [filter.purpose])],
  );
  return result.rows.map(toObject);
}

async function update(sql: Sql, change: KeptChange, { requestId, fingerprint }: KeptMutation): Promise<KeptObject | undefined> {
  const updated = await sql.query<Row>(
    `UPDATE kept_objects
     SET upstream_id = $4, state = $5, due_time = $6, version = version + 1, last_request_id = $7, last_fingerprint = $8
     WHERE organisation_id = $1 AND id = $2 AND version = $3 RETURNING *`,
    [change.organisationId, change.id, change.version.toString(), change.upstreamId, change.state, change.dueTime ?? null, requestId, fingerprint],
  );
  const [row] = updated.rows;
  if (row !== undefined) return toObject(row);
  const known = await findRow(sql, change.organisationId, change.id);
  if (known?.last_request_id !== requestId) return undefined;
  if (Buffer.compare(known.last_fingerprint, fingerprint) !== 0) throw requestIdReused(requestId);
  return toObject(known);
}

/** Rows that another claims at the same moment are passed over. */
async function claim(sql: Sql, kind: KeptObjectKind, most: number, now: Date, leaseMs: number): Promise<KeptObject[]> {
  const result = await sql.query<Row>(
    `UPDATE kept_objects SET due_time = $4, version = version + 1
     WHERE id IN (SELECT id FROM kept_objects WHERE kind = $1 AND due_time <= $2 ORDER BY due_time LIMIT $3 FOR UPDATE SKIP LOCKED)
     RETURNING *`,
    [nameOf(kind), now, most, new Date(now.getTime() + leaseMs)],
  );
  return result.rows.map(toObject);
}

function nameOf(kind: KeptObjectKind): Row["kind"] {
  return kind === KeptObjectKind.KEPT_OBJECT_KIND_FILE ? "file" : "batch";
}

function toObject(row: Row): KeptObject {
  return {
    id: row.id,
    kind: row.kind === "file" ? KeptObjectKind.KEPT_OBJECT_KIND_FILE : KeptObjectKind.KEPT_OBJECT_KIND_BATCH,
    path: AccountPath.decode(row.path),
    providerId: row.provider_id,
    upstreamId: row.upstream_id,
    purpose: row.purpose,
    filename: row.filename,
    bytes: BigInt(row.bytes),
    state: row.state,
    version: BigInt(row.version),
    dueTime: row.due_time ?? undefined,
    createTime: row.create_time,
  };
}
