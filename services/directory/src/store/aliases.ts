/** Aliases in Postgres. */
import type { Sql } from "@alfred/postgres";

import type { Alias } from "../domain/alias.ts";
import type { ConfigSource } from "../domain/provider.ts";

interface AliasRow {
  alias: string;
  model: string;
  origin: ConfigSource;
  update_time: Date;
}

/** Makes or replaces an alias. */
export async function putAlias(sql: Sql, { alias, model, source, updateTime }: Alias): Promise<void> {
  await sql.query(
    `INSERT INTO aliases (alias, model, origin, update_time) VALUES ($1, $2, $3, $4)
     ON CONFLICT (alias) DO UPDATE SET model = $2, origin = $3, update_time = $4`,
    [alias, model, source, updateTime],
  );
}

/** The aliases of these names, in no order; unknown names are left out. */
export async function findAliases(sql: Sql, names: readonly string[]): Promise<Alias[]> {
  const result = await sql.query<AliasRow>("SELECT * FROM aliases WHERE alias = ANY($1)", [names]);
  return result.rows.map(toAlias);
}

/** Aliases after this name, by name. */
export async function listAliases(sql: Sql, after: string, most: number): Promise<Alias[]> {
  const result = await sql.query<AliasRow>(
    'SELECT * FROM aliases WHERE alias > $1 COLLATE "C" ORDER BY alias COLLATE "C" LIMIT $2',
    [after, most],
  );
  return result.rows.map(toAlias);
}

/** Removes an alias. */
export async function deleteAlias(sql: Sql, alias: string): Promise<void> {
  await sql.query("DELETE FROM aliases WHERE alias = $1", [alias]);
}

function toAlias({ alias, model, origin, update_time }: AliasRow): Alias {
  return { alias, model, source: origin, updateTime: update_time };
}
