import { fail } from "@alfred/errors";
import { isUnavailable, type Sql, transaction } from "@alfred/postgres";
import { DatabaseError, type Pool, type PoolClient, type QueryResult, type QueryResultRow } from "pg";

/** What Postgres says of a statement that ran longer than it may. */
const QUERY_CANCELED = "57014";

/** Runs work in a transaction and commits unless it throws. */
export type Transact = <Result>(work: (sql: Sql) => Promise<Result>) => Promise<Result>;

/** The database as the service uses it: what fails in it fails with a reason that callers understand. */
export class Database implements Sql {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>> {
    try {
      return await this.#pool.query<Row>(text, values);
    } catch (error) {
      throw asFailure(error);
    }
  }

  readonly transact: Transact = async (work) => {
    try {
      return await transaction(this.#pool, work);
    } catch (error) {
      throw asFailure(error);
    }
  };

  /** A connection of one's own, to be released by whoever asks. */
  async connect(): Promise<PoolClient> {
    return this.#pool.connect();
  }
}

function asFailure(error: unknown): unknown {
  if (error instanceof DatabaseError && error.code === QUERY_CANCELED) {
    return fail("DEADLINE_EXCEEDED", "The database took too long.", { hint: "Ask for a shorter time, or for fewer groups.", cause: error });
  }
  return isUnavailable(error) ? fail("UNAVAILABLE", "The database is not there.", { cause: error }) : error;
}
