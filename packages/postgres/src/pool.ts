import type { Logger } from "@alfred/telemetry";
import { Pool } from "pg";
import type { PoolConfig } from "pg";
import { checkPlace, placeOptions } from "./place.ts";
import type { DatabasePlace } from "./place.ts";
import { valueTypes } from "./value-types.ts";

export interface PoolOptions extends DatabasePlace {
  readonly log: Logger;
  /** Most connections; 10 unless stated. */
  readonly maxConnections?: number;
  /** How long one statement may run, in milliseconds; 10 s unless stated. */
  readonly statementTimeoutMs?: number;
  /** How long to wait for a connection, in milliseconds; 5 s unless stated. */
  readonly connectionTimeoutMs?: number;
}

const idleTimeoutMs = 60_000;
const idleInTransactionTimeoutMs = 30_000;
/** By how much the client's own limit on a query is above the server's: for a server that does not answer at all. */
const silenceMs = 5_000;

/** A pool that closes when it is disposed; that waits for connections in use. */
export class DatabasePool extends Pool implements AsyncDisposable {
  #closing: Promise<void> | undefined;

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.end();
    return this.#closing;
  }
}

/**
 * A pool of connections in the service's place: names without a schema mean its own, and it has its role's rights
 * only. int8 is read as bigint and numeric as text. Nothing is connected before the first query.
 */
export function createPool(options: PoolOptions): DatabasePool {
  checkPlace(options);
  const pool = new DatabasePool(poolConfig(options));
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on("error", (error) => {
    if (!pool.ending) options.log.warn({ err: error }, "an idle database connection was lost");
  });
  // One that breaks while it is in use is noticed by the next query on it.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

function poolConfig(options: PoolOptions): PoolConfig {
  const { url, schema, maxConnections = 10, statementTimeoutMs = 10_000, connectionTimeoutMs = 5_000 } = options;
  return {
    connectionString: url,
    application_name: `alfred-${schema}`,
    options: placeOptions(options),
    types: valueTypes,
    max: maxConnections,
    connectionTimeoutMillis: connectionTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + silenceMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    keepAlive: true,
  };
}
