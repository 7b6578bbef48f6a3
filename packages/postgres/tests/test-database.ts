import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@alfred/telemetry";
import { Client } from "pg";
import type { DatabasePlace } from "../src/index.ts";

export const log = createLogger({ name: "test", level: "silent" });

/** A database of its own on the server of the tests, and places in it whose roles are dropped with it. */
export class TestDatabase implements AsyncDisposable {
  readonly url: string;
  readonly #server: string;
  readonly #name: string;
  readonly #roles: string[] = [];

  private constructor(server: string, name: string) {
    this.#server = server;
    this.#name = name;
    const url = new URL(server);
    url.pathname = `/${name}`;
    this.url = url.href;
  }

  static async create(): Promise<TestDatabase> {
    const server = process.env["DATABASE_URL"];
    if (server === undefined) throw new Error("DATABASE_URL must name a Postgres server for these tests; npm test starts one");
    const name = `test_${suffix()}`;
    await execute(server, `CREATE DATABASE ${name}`);
    return new TestDatabase(server, name);
  }

  /** A schema of that name, with a role that no other test has. */
  place(schema: string): DatabasePlace {
    const role = this.role(schema);
    return { url: this.url, schema, role };
  }

  /** A name for a role, which is dropped afterwards. */
  role(name: string): string {
    const role = `test_${name}_${suffix()}`;
    this.#roles.push(role);
    return role;
  }

  /** Runs a statement as the owner of the server. */
  async execute(statement: string): Promise<void> {
    await execute(this.url, statement);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await execute(this.#server, `DROP DATABASE ${this.#name} WITH (FORCE)`);
    // In reverse, since a later role may be a member of an earlier one.
    for (const role of this.#roles.toReversed()) await execute(this.#server, `DROP ROLE IF EXISTS ${role}`);
  }
}

/** A folder of migrations that can be changed. */
export class TestMigrations implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(files: Readonly<Record<string, string>>): Promise<TestMigrations> {
    const migrations = new TestMigrations(await mkdtemp(join(tmpdir(), "alfred-migrations-")));
    for (const [name, text] of Object.entries(files)) await migrations.write(name, text);
    return migrations;
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.directory, name), text);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.directory, name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function suffix(): string {
  return randomUUID().replaceAll("-", "").slice(0, 12);
}
