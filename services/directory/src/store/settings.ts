/** Facts of the installation that no call sets. */
import type { Sql } from "@alfred/postgres";

/** The value of this name, or undefined. */
export async function findSetting(sql: Sql, name: string): Promise<string | undefined> {
  const result = await sql.query<{ value: string }>("SELECT value FROM settings WHERE name = $1", [name]);
  return result.rows[0]?.value;
}

/** Sets a value. */
export async function putSetting(sql: Sql, name: string, value: string): Promise<void> {
  await sql.query("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2", [
    name,
    value,
  ]);
}
