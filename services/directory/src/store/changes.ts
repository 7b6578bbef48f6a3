/** The change log: for every object its last change, under one revision that rises in the order of commits. */
import type { Sql } from "@alfred/postgres";

import type { Change, ChangeKind, Topic } from "../domain/ports.ts";

interface ChangeRow {
  revision: bigint;
  kind: ChangeKind;
  object_id: string;
  removed: boolean;
}

/** The channel on which every change is notified, once its transaction commits. */
export const CHANGE_CHANNEL = "alfred_directory_changes";

// The predicates stand word for word in the partial indices.
const OF_TOPIC: Readonly<Record<Topic, string>> = {
  keys: "kind IN ('node', 'key')",
  config: "kind IN ('provider', 'deployment', 'alias', 'route_rule')",
};

/**
 * Waits for the turn to write. Every mutation takes this lock first and holds it to its commit: revisions then appear
 * in order, and no two mutations can wait for each other.
 */
export async function lockRevision(sql: Sql): Promise<void> {
  await sql.query("SELECT value FROM revision FOR UPDATE");
}

/** Notes that an object changed. */
export async function noteChange(sql: Sql, kind: ChangeKind, objectId: string, removed = false): Promise<void> {
  await sql.query(
    `WITH next AS (UPDATE revision SET value = value + 1 RETURNING value)
     INSERT INTO changes (kind, object_id, revision, removed) SELECT $1, $2, next.value, $3 FROM next
     ON CONFLICT (kind, object_id) DO UPDATE SET revision = excluded.revision, removed = excluded.removed`,
    [kind, objectId, removed],
  );
  await sql.query(`NOTIFY ${CHANGE_CHANNEL}`);
}

/** The last revision that was given. */
export async function headRevision(sql: Sql): Promise<bigint> {
  const result = await sql.query<{ value: bigint }>("SELECT value FROM revision");
  return result.rows[0]?.value ?? 0n;
}

/** Changes of a topic after a revision, in order, at most `most`. */
export async function readChanges(sql: Sql, topic: Topic, after: bigint, most: number): Promise<Change[]> {
  const result = await sql.query<ChangeRow>(
    `SELECT revision, kind, object_id, removed FROM changes WHERE ${OF_TOPIC[topic]} AND revision > $1 ORDER BY revision LIMIT $2`,
    [after, most],
  );
  return result.rows.map((row) => ({
    revision: row.revision,
    kind: row.kind,
    objectId: row.object_id,
    removed: row.removed,
  }));
}
