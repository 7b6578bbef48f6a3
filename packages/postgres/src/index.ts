/** Postgres: pools in a service's own schema and role, migrations, transactions and the outbox. */
export { Database } from "./database.ts";
export type { Transact } from "./database.ts";
export { isCheckViolation, isConflict, isForeignKeyViolation, isUnavailable, isUniqueViolation } from "./failure.ts";
export { Listener } from "./listener.ts";
export type { ListenerOptions, Wake } from "./listener.ts";
export { migrate } from "./migrations/migrate.ts";
export type { MigrateOptions } from "./migrations/migrate.ts";
export { MigrationError } from "./migrations/migration-error.ts";
export { appendEvents } from "./outbox/append.ts";
export type { NewEvent, OutboxEvent } from "./outbox/event.ts";
export { OutboxRelay } from "./outbox/relay.ts";
export type { OutboxRelayOptions } from "./outbox/relay.ts";
export type { DatabasePlace } from "./place.ts";
export { createPool, DatabasePool } from "./pool.ts";
export type { PoolOptions } from "./pool.ts";
export type { Sql } from "./sql.ts";
export { transaction } from "./transaction.ts";
export type { TransactionOptions } from "./transaction.ts";
