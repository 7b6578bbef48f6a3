import type { QueryResult, QueryResultRow } from "pg";

/** The least that a query needs: a pool, or the connection of a transaction. */
export interface Sql {
  query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>>;
}
