import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseError } from "pg";
import type { ClientBase } from "pg";
import type { DatabasePlace } from "../place.ts";
import { MigrationError } from "./migration-error.ts";

const insufficientPrivilege = "42501";
/** Roles belong to the whole cluster, advisory locks to one database: another database's services may be faster. */
const madeByAnother = new Set(["42710", "23505", "XX000", "40001"]);
const mostTries = 10;
const pauseMs = 20;

/**
 * Makes the role and its schema where they are missing, and lets the connected user take the role. The role cannot
 * log in, owns its schema, and has no rights in any other.
 */
export async function makePlace(client: ClientBase, place: DatabasePlace): Promise<void> {
  const { schema, role } = place;
  try {
    await ensured(() => makeRole(client, role));
    await ensured(() => joinRole(client, role));
    await makeSchema(client, schema, role);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== insufficientPrivilege) throw error;
    throw new MigrationError(
      `the database user may not make the role ${role} and its schema ${schema} (${error.message}): ` +
        `give it CREATEROLE and CREATE on the database, or have both made and grant it the role`,
      { cause: error },
    );
  }
}

async function makeRole(client: ClientBase, role: string): Promise<void> {
  const { rowCount } = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT`);
}

async function joinRole(client: ClientBase, role: string): Promise<void> {
  // Since version 16, who made a role is a member that may still not take it.
  const { rows } = await client.query<{ member: boolean }>(
    `SELECT pg_has_role(current_user, $1,
       CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) AS member`,
    [role],
  );
  if (rows[0]?.member !== true) await client.query(`GRANT ${role} TO CURRENT_USER`);
}

async function makeSchema(client: ClientBase, schema: string, role: string): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema} AUTHORIZATION ${role}`);
  const { rows } = await client.query<{ owner: string }>(
    "SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1",
    [schema],
  );
  const owner = rows[0]?.owner;
  if (owner === role) return;
  throw new MigrationError(`the schema ${schema} belongs to ${owner}, not to ${role}: use another database, or hand it over`);
}

async function ensured(act: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      const lostRace = error instanceof DatabaseError && madeByAnother.has(error.code ?? "");
      if (!lostRace || tries >= mostTries) throw error;
      await sleep(pauseMs * tries);
    }
  }
}
