import { hash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { MigrationError } from "./migration-error.ts";

/** One migration as it lies in the source tree. */
export interface MigrationFile {
  /** Its file's name without ".sql": "0001_accounts". */
  readonly name: string;
  readonly directory: string;
  /** SHA-256 of its text, hexadecimal. */
  readonly checksum: string;
}

const namePattern = /^\d{4}_[a-z0-9_]+\.sql$/;

/** The migrations of the directories, one directory after the other, each in the order of its names. */
export async function readMigrationFiles(directories: readonly string[]): Promise<MigrationFile[]> {
  const files = (await Promise.all(directories.map(filesIn))).flat();
  const names = files.map(({ name }) => name);
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double !== undefined) throw new MigrationError(`two migrations have the name ${double}; rename the one that is not released`);
  return files;
}

async function filesIn(directory: string): Promise<MigrationFile[]> {
  const entries = (await readdir(directory)).filter((entry) => entry.endsWith(".sql")).toSorted();
  const odd = entries.find((entry) => !namePattern.test(entry));
  if (odd !== undefined) throw new MigrationError(`the migration ${odd} must be named as 0001_what_it_does.sql`);
  return await Promise.all(entries.map((entry) => readMigration(directory, entry)));
}

async function readMigration(directory: string, entry: string): Promise<MigrationFile> {
  // Line endings are not content: a checkout on another system must not look like a change.
  const text = (await readFile(join(directory, entry), "utf8")).replaceAll("\r\n", "\n");
  return { name: entry.slice(0, -".sql".length), directory, checksum: hash("sha256", text) };
}
