import type { Sql } from "@alfred/postgres";
import type { Needs } from "../domain/operation.ts";
import { instant } from "./bulk.ts";

/** Where the books stand, and since when they may be granted from. */
export interface Standby {
  /** The cluster and its timeline, as the server names them now. */
  readonly actual: string;
  /** The same as it was when the books were last granted from; empty where they never were. */
  readonly known: string;
  readonly grantsFromMs: number;
}

const NOT_ASKED: Standby = { actual: "", known: "", grantsFromMs: 0 };

/**
 * Tells whether the books are still where they were: a standby that takes over begins a new timeline, as does a cluster
 * restored to a moment; a dump is restored into another cluster. Asked only where something may be granted.
 */
export async function readStandby(sql: Sql, needs: readonly Needs[]): Promise<Standby> {
  if (!needs.some(({ grants }) => grants === true)) return NOT_ASKED;
  const { rows } = await sql.query<{ actual: string; identity: string; grants_from: Date }>(
    `SELECT system_identifier || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) AS actual, identity, grants_from
     FROM wallet.failover, pg_control_system()`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error("the row of wallet.failover is gone");
  return { actual: row.actual, known: row.identity, grantsFromMs: row.grants_from.getTime() };
}

/** Notes that the books moved: nothing is granted until what was granted before is over. Books that were never granted from begin at once. */
export async function noteFailover(sql: Sql, { actual, known }: Standby, grantsFromMs: number): Promise<void> {
  const from = instant(known === "" ? 0 : grantsFromMs);
  await sql.query("UPDATE wallet.failover SET identity = $1, grants_from = $2 WHERE identity = $3", [actual, from, known]);
}
