import { fail } from "@alfred/errors";
import { DatabaseError, type Pool, type PoolClient, type QueryResult, type QueryResultRow } from "pg";
import { isUnavailable } from "./failure.ts";
import type { Sql } from "./sql.ts";
import { transaction } from "./transaction.ts";
import type { TransactionOptions } from "./transaction.ts";

/** Runs work in a transaction and commits unless it throws. */
export type Transact = <Result>(work: (client: PoolClient) => Promise<Result>, options?: TransactionOptions) => Promise<Result>;

/** What Postgres says of a statement that ran longer than it may. */
const QUERY_CANCELED = "57014";
/** And of a text with a zero byte, which it cannot hold. */
const CHARACTER_NOT_IN_REPERTOIRE = "22021";

/**
 * A pool whose failures callers understand: a database that is not there is UNAVAILABLE, a statement that takes too
 * long DEADLINE_EXCEEDED, everything else as it was.
 */
export class Database implements Sql {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>> {
    return explained(this.#pool.query<Row>(text, values));
  }

  /** Whether the database answers. */
  async isThere(): Promise<boolean> {
    return this.#pool.query("SELECT 1").then(
      () => true,
      () => false,
    );
  }

  /** Runs `work` in a transaction as `transaction` does. Bound, to be handed on as it is. */
  readonly transact: Transact = (work, options) => explained(transaction(this.#pool, work, options));
}

async function explained<Result>(result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    throw asFailure(error);
  }
}

function asFailure(error: unknown): unknown {
  if (error instanceof DatabaseError && error.code === QUERY_CANCELED) {
    return fail("DEADLINE_EXCEEDED", "The database took too long.", { hint: "Ask for less at once.", cause: error });
  }
  if (error instanceof DatabaseError && error.code === CHARACTER_NOT_IN_REPERTOIRE) {
    return fail("INVALID_ARGUMENT", "A text of the request has a character that cannot be stored.", { cause: error });
  }
  return isUnavailable(error) ? fail("UNAVAILABLE", "The database is not there.", { cause: error }) : error;
}
