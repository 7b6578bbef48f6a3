/** Deployments in Postgres. */
import type { ConfigSource, Deployment } from "../domain/provider.ts";
import type { Sql } from "@alfred/postgres";

interface DeploymentRow {
  id: string;
  model: string;
  provider_id: string;
  upstream_model: string;
  weight: number;
  origin: ConfigSource;
  update_time: Date;
}

/** Makes or replaces a deployment; its provider must exist. */
export async function putDeployment(sql: Sql, deployment: Deployment): Promise<void> {
  const { id, model, providerId, upstreamModel, weight, updateTime, source } = deployment;
  await sql.query(
    `INSERT INTO deployments (id, model, provider_id, upstream_model, update_time, origin, weight) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (id) DO UPDATE SET model = $2, provider_id = $3, upstream_model = $4, update_time = $5, origin = $6, weight = $7`,
    [id, model, providerId, upstreamModel, updateTime, source, weight],
  );
}

/** The deployments of these ids, in no order; unknown ids are left out. */
export async function findDeployments(sql: Sql, ids: readonly string[]): Promise<Deployment[]> {
  const result = await sql.query<DeploymentRow>("SELECT * FROM deployments WHERE id = ANY($1)", [ids]);
  return result.rows.map(toDeployment);
}

/** Deployments after this id, by id. */
export async function listDeployments(sql: Sql, afterId: string, most: number): Promise<Deployment[]> {
  const result = await sql.query<DeploymentRow>(
    'SELECT * FROM deployments WHERE id > $1 COLLATE "C" ORDER BY id COLLATE "C" LIMIT $2',
    [afterId, most],
  );
  return result.rows.map(toDeployment);
}

/** How many deployments a provider has. */
export async function countDeployments(sql: Sql, providerId: string): Promise<number> {
  const result = await sql.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM deployments WHERE provider_id = $1",
    [providerId],
  );
  return result.rows[0]?.count ?? 0;
}

/** Removes a deployment. */
export async function deleteDeployment(sql: Sql, id: string): Promise<void> {
  await sql.query("DELETE FROM deployments WHERE id = $1", [id]);
}

function toDeployment(row: DeploymentRow): Deployment {
  return {
    id: row.id,
    model: row.model,
    providerId: row.provider_id,
    upstreamModel: row.upstream_model,
    weight: row.weight,
    source: row.origin,
    updateTime: row.update_time,
  };
}
