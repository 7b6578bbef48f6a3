import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { isConflict } from "./failure.ts";

export interface TransactionOptions {
  /** How often a transaction that lost to another is run again; 5 unless stated. */
  readonly retries?: number;
  /** Read committed unless stated. */
  readonly isolation?: "read committed" | "repeatable read" | "serializable";
  /** Whether the transaction only reads, and fails where it would write. */
  readonly readOnly?: boolean;
}

const firstPauseMs = 5;
const longestPauseMs = 200;

/**
 * Runs `fn` in a transaction, commits when it resolves and rolls back when it rejects. After a deadlock or a
 * serialization failure all of it is run again, so `fn` must change nothing but the database. Rejects with the last
 * failure when the retries are used up; a connection lost while committing leaves open whether it was kept.
 */
export async function transaction<Result>(
  pool: Pool,
  fn: (client: PoolClient) => Promise<Result>,
  { retries = 5, isolation = "read committed", readOnly = false }: TransactionOptions = {},
): Promise<Result> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(pool, fn, readOnly ? `${isolation} READ ONLY` : isolation);
    } catch (error) {
      if (attempt >= retries || !isConflict(error)) throw error;
      await sleep(pauseMs(attempt));
    }
  }
}

async function once<Result>(
  pool: Pool,
  fn: (client: PoolClient) => Promise<Result>,
  mode: string,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query(`BEGIN ISOLATION LEVEL ${mode}`);
    const result = await fn(client);
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    // A connection that cannot even roll back is not given to anyone else.
    const broken = await client.query("ROLLBACK").then(() => false, () => true);
    client.release(broken);
    throw error;
  }
}

function pauseMs(attempt: number): number {
  return Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
}
