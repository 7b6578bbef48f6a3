/** Keys in Postgres. Of a secret only its SHA-256 and its first characters are stored. */
import type { ApiKey, KeyRole, Origin } from "../domain/key.ts";
import type { Cursor } from "../domain/page.ts";
import type { KeyFilter } from "../domain/ports.ts";
import { readPath, writePath } from "./path-json.ts";
import type { PathJson } from "./path-json.ts";
import type { Sql } from "@alfred/postgres";

interface KeyRow {
  id: string;
  organisation_id: string | null;
  parent_id: string | null;
  name: string;
  role: KeyRole;
  prefix: string;
  secret_sha256: Buffer;
  time_zone: string;
  path: PathJson;
  allowed_models: string[];
  requests_per_minute: number | null;
  expire_time: Date | null;
  revoke_time: Date | null;
  create_time: Date;
  origin: Origin;
  revoked_by: Origin | null;
}

/** A key with what only the environment's own keys need to know. */
export interface KeyWithOrigin {
  readonly key: ApiKey;
  readonly origin: Origin;
  readonly revokedBy: Origin | undefined;
}

/** Stores a key that was just made. */
export async function insertKey(sql: Sql, key: ApiKey, origin: Origin): Promise<void> {
  await sql.query(
    `INSERT INTO keys (id, organisation_id, parent_id, name, role, prefix, secret_sha256, time_zone, path, allowed_models,
                       requests_per_minute, expire_time, create_time, origin)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      key.id,
      key.organisationId || null,
      key.parentId || null,
      key.name,
      key.role,
      key.prefix,
      key.secretSha256,
      key.timeZone,
      writePath(key.path),
      key.allowedModels,
      key.requestsPerMinute ?? null,
      key.expireTime ?? null,
      key.createTime,
      origin,
    ],
  );
}

/** The key of this id, or undefined. */
export async function findKey(sql: Sql, id: string): Promise<ApiKey | undefined> {
  const [key] = await findKeys(sql, [id]);
  return key;
}

/** The keys of these ids, in no order; unknown ids are left out. */
export async function findKeys(sql: Sql, ids: readonly string[]): Promise<ApiKey[]> {
  const result = await sql.query<KeyRow>("SELECT * FROM keys WHERE id = ANY($1)", [ids]);
  return result.rows.map(toKey);
}

/** The key with this secret, or undefined. */
export async function findKeyBySecret(sql: Sql, sha256: Uint8Array): Promise<KeyWithOrigin | undefined> {
  const result = await sql.query<KeyRow>("SELECT * FROM keys WHERE secret_sha256 = $1", [sha256]);
  return result.rows.map(toKeyWithOrigin)[0];
}

/** Keys of a role that the environment gave and that work still; root's where `organisationId` is undefined. */
export async function listEnvironmentKeys(sql: Sql, organisationId: string | undefined): Promise<ApiKey[]> {
  const result = await sql.query<KeyRow>(
    "SELECT * FROM keys WHERE origin = 'environment' AND revoke_time IS NULL AND organisation_id IS NOT DISTINCT FROM $1",
    [organisationId ?? null],
  );
  return result.rows.map(toKey);
}

/** Keys after the cursor, oldest first. */
export async function listKeys(sql: Sql, filter: KeyFilter, after: Cursor, most: number): Promise<ApiKey[]> {
  const result = await sql.query<KeyRow>(
    `SELECT * FROM keys
     WHERE organisation_id = $1 AND ($2::text IS NULL OR parent_id = $2) AND (create_time, id) > ($3, $4)
     ORDER BY create_time, id LIMIT $5`,
    [filter.organisationId, filter.parentId ?? null, new Date(after.timeMs), after.id, most],
  );
  return result.rows.map(toKey);
}

/** Replaces the models of a key. */
export async function setKeyModels(sql: Sql, id: string, allowedModels: readonly string[]): Promise<void> {
  await sql.query("UPDATE keys SET allowed_models = $2 WHERE id = $1", [id, allowedModels]);
}

/** Marks a key as revoked, or as working again where `revokeTime` is undefined. */
export async function setRevoked(sql: Sql, id: string, revokeTime: Date | undefined, by: Origin): Promise<void> {
  await sql.query("UPDATE keys SET revoke_time = $2, revoked_by = $3 WHERE id = $1", [
    id,
    revokeTime ?? null,
    revokeTime ? by : null,
  ]);
}

function toKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    organisationId: row.organisation_id ?? "",
    parentId: row.parent_id ?? "",
    name: row.name,
    role: row.role,
    prefix: row.prefix,
    secretSha256: row.secret_sha256,
    timeZone: row.time_zone,
    path: readPath(row.path),
    allowedModels: row.allowed_models,
    requestsPerMinute: row.requests_per_minute ?? undefined,
    expireTime: row.expire_time ?? undefined,
    revokeTime: row.revoke_time ?? undefined,
    createTime: row.create_time,
  };
}

function toKeyWithOrigin(row: KeyRow): KeyWithOrigin {
  return { key: toKey(row), origin: row.origin, revokedBy: row.revoked_by ?? undefined };
}
