/** Mutations that were answered before. */
import type { Sql } from "@alfred/postgres";

import type { RequestScope } from "../domain/ports.ts";

/** An answer given before. */
export interface StoredRequest {
  readonly fingerprint: Uint8Array;
  readonly response: Uint8Array;
}

interface RequestRow {
  fingerprint: Buffer;
  response: Buffer;
}

/** What was answered under this id, or undefined. */
export async function findRequest(sql: Sql, scope: RequestScope): Promise<StoredRequest | undefined> {
  const result = await sql.query<RequestRow>(
    "SELECT fingerprint, response FROM requests WHERE tenant = $1 AND rpc = $2 AND request_id = $3",
    [scope.tenant, scope.rpc, scope.requestId],
  );
  return result.rows[0];
}

/** Keeps an answer. It must not contain a secret. */
export async function insertRequest(sql: Sql, scope: RequestScope, stored: StoredRequest, now: Date): Promise<void> {
  await sql.query(
    "INSERT INTO requests (tenant, rpc, request_id, fingerprint, response, create_time) VALUES ($1, $2, $3, $4, $5, $6)",
    [scope.tenant, scope.rpc, scope.requestId, stored.fingerprint, stored.response, now],
  );
}
