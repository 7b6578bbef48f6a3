import { fail } from "@alfred/errors";
import type { Pool, PoolClient, QueryResult, QueryResultRow } from "pg";
import { isUnavailable } from "./failure.ts";
import type { Sql } from "./sql.ts";
import { transaction } from "./transaction.ts";

/** A pool whose failures callers understand: a database that is not there is UNAVAILABLE, everything else as it was. */
export class Database implements Sql {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>> {
    return explained(this.#pool.query<Row>(text, values));
  }

  /** Runs `work` in a transaction as `transaction` does. Bound, to be handed on as it is. */
  readonly transact = <Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> => {
    return explained(transaction(this.#pool, work));
  };
}

async function explained<Result>(result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    throw isUnavailable(error) ? fail("UNAVAILABLE", "The database is not there.", { cause: error }) : error;
  }
}
