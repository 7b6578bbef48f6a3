import { fileURLToPath } from "node:url";
import type { Logger } from "@alfred/telemetry";
import { Client } from "pg";
import type { ClientBase } from "pg";
import { checkPlace, placeOptions } from "../place.ts";
import type { DatabasePlace } from "../place.ts";
import { MIGRATIONS_TABLE, keepChecksums, pendingFiles } from "./applied.ts";
import { readMigrationFiles } from "./files.ts";
import type { MigrationFile } from "./files.ts";
import { MigrationError } from "./migration-error.ts";
import { makePlace } from "./place-maker.ts";

export interface MigrateOptions extends DatabasePlace {
  /** The folder of the service's `0001_what_it_does.sql` files; plain SQL, applied in the order of their names. */
  readonly directory: string;
  /** Whether the service publishes events: its outbox is made first. */
  readonly outbox?: boolean;
  readonly log: Logger;
}

const outboxDirectory = fileURLToPath(new URL("../../migrations", import.meta.url));
const connectTimeoutMs = 10_000;
/** How long to wait for another process that makes the same place or migrates the same schema. */
const lockTimeoutMs = 120_000;
const statementTimeoutMs = 600_000;
const lockNotAvailable = "55P03";

/**
 * Brings a service's schema to what this version needs: makes the role and schema where they are missing and applies
 * what was not applied, all of it or nothing. Any number of processes may do so at once. Forward only. Throws a
 * MigrationError where an applied migration was changed, where the database is from a newer version, or where rights
 * are missing.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  checkPlace(options);
  const { directory, outbox = false } = options;
  const files = await readMigrationFiles(outbox ? [outboxDirectory, directory] : [directory]);
  await connected({ url: options.url }, async (client) => {
    await locked(client, "alfred", () => makePlace(client, options));
  });
  await connected({ url: options.url, options: placeOptions(options) }, async (client) => {
    await locked(client, `alfred/${options.schema}`, () => applyPending(client, options, files));
  });
}

async function applyPending(client: ClientBase, { schema, log }: MigrateOptions, files: readonly MigrationFile[]): Promise<void> {
  const pending = await pendingFiles(client, schema, files);
  if (pending.length === 0) return;
  await keepChecksums(client, pending);
  for (const directory of new Set(pending.map((file) => file.directory))) {
    await applyDirectory(client, schema, directory);
  }
  log.info({ schema, migrations: pending.map(({ name }) => name) }, `${schema}: ${pending.length} migrations applied`);
}

async function applyDirectory(client: ClientBase, schema: string, directory: string): Promise<void> {
  // Loaded only where there is something to apply, since it takes a while and most starts need nothing.
  const { runner } = await import("node-pg-migrate");
  const problems: string[] = [];
  const note = (problem: string): void => {
    problems.push(problem.trim());
  };
  try {
    await runner({
      dbClient: client,
      dir: directory,
      direction: "up",
      schema,
      migrationsTable: MIGRATIONS_TABLE,
      singleTransaction: true,
      // Order is checked over all directories before; the lock is held already.
      checkOrder: false,
      noLock: true,
      logger: { info: () => undefined, warn: () => undefined, error: note },
    });
  } catch (error) {
    const detail = problems[0] ?? (error instanceof Error ? error.message : String(error));
    throw new MigrationError(`a migration of ${schema} failed, and none was applied: ${detail}`, { cause: error });
  }
}

async function connected(place: { url: string; options?: string }, use: (client: ClientBase) => Promise<void>): Promise<void> {
  const client = new Client({
    connectionString: place.url,
    ...(place.options === undefined ? {} : { options: place.options }),
    application_name: "alfred-migrate",
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
  });
  // A connection that breaks between two queries is noticed by the next one.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}

async function locked(client: ClientBase, name: string, act: () => Promise<void>): Promise<void> {
  try {
    await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [name]);
  } catch (error) {
    if ((error as { code?: unknown }).code !== lockNotAvailable) throw error;
    throw new MigrationError("another process has been migrating this database for two minutes: see what it waits for", { cause: error });
  }
  // Closing the connection gives the lock back.
  await act();
}
