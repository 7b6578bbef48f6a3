import type { ClientBase } from "pg";
import type { MigrationFile } from "./files.ts";
import { MigrationError } from "./migration-error.ts";

/** The table of node-pg-migrate, which says what was applied. */
export const MIGRATIONS_TABLE = "migrations";

interface AppliedRow {
  readonly name: string;
  readonly checksum: string | null;
}

/**
 * Holds what was applied against the files: every applied migration must still be here and unchanged, and nothing may
 * come before it that was not applied. Returns the files that are still to be applied.
 */
export async function pendingFiles(client: ClientBase, schema: string, files: readonly MigrationFile[]): Promise<MigrationFile[]> {
  const applied = await readApplied(client, schema);
  const known = new Map(files.map((file) => [file.name, file]));
  for (const { name, checksum } of applied) {
    const file = known.get(name);
    if (file === undefined) throw newerDatabase(schema, name);
    if (checksum !== null && checksum !== file.checksum) throw changedMigration(schema, name);
  }
  const names = new Set(applied.map(({ name }) => name));
  const pending = files.filter(({ name }) => !names.has(name));
  refuseLateComers(schema, pending, files, names);
  return pending;
}

/** Keeps the checksums of files before they are applied, so that none is ever applied without one. */
export async function keepChecksums(client: ClientBase, files: readonly MigrationFile[]): Promise<void> {
  await client.query(
    `INSERT INTO migration_checksums (name, checksum) SELECT * FROM unnest($1::text[], $2::text[])
     ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum`,
    [files.map(({ name }) => name), files.map(({ checksum }) => checksum)],
  );
}

async function readApplied(client: ClientBase, schema: string): Promise<readonly AppliedRow[]> {
  await client.query("CREATE TABLE IF NOT EXISTS migration_checksums (name text PRIMARY KEY, checksum text NOT NULL)");
  const { rowCount } = await client.query("SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = $2", [schema, MIGRATIONS_TABLE]);
  if (rowCount === 0) return [];
  const { rows } = await client.query<AppliedRow>(
    `SELECT name, checksum FROM ${MIGRATIONS_TABLE} LEFT JOIN migration_checksums USING (name) ORDER BY ${MIGRATIONS_TABLE}.id`,
  );
  return rows;
}

/** A file that sorts before an applied one of its directory was added afterwards: other databases have it in another order. */
function refuseLateComers(
  schema: string,
  pending: readonly MigrationFile[],
  files: readonly MigrationFile[],
  applied: ReadonlySet<string>,
): void {
  for (const late of pending) {
    const next = files.find((file) => file.directory === late.directory && file.name > late.name && applied.has(file.name));
    if (next === undefined) continue;
    throw new MigrationError(`the migration ${late.name} of ${schema} sorts before ${next.name}, which is applied: give it a later number`);
  }
}

function newerDatabase(schema: string, name: string): MigrationError {
  return new MigrationError(
    `the database is from a newer version: ${schema} has the migration ${name}, which this version does not know; run that version or a later one`,
  );
}

function changedMigration(schema: string, name: string): MigrationError {
  return new MigrationError(
    `the migration ${name} of ${schema} was changed after it was applied: restore its text and put the change into a new migration`,
  );
}
