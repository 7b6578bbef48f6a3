/** Organisations and nodes in Postgres. */
import type { NodeKind, Organisation, TreeNode } from "../domain/tree.ts";
import type { Cursor } from "../domain/page.ts";
import type { NodeFilter } from "../domain/ports.ts";
import { readPath, writePath } from "./path-json.ts";
import type { PathJson } from "./path-json.ts";
import type { Sql } from "@alfred/postgres";

interface OrganisationRow {
  id: string;
  name: string;
  time_zone: string;
  create_time: Date;
}

interface NodeRow extends OrganisationRow {
  organisation_id: string;
  parent_id: string | null;
  kind: NodeKind;
  path: PathJson;
  allowed_models: string[];
}

/** Stores an organisation; its node is stored by `insertNode`. */
export async function insertOrganisation(sql: Sql, organisation: Organisation): Promise<void> {
  const { id, name, timeZone, createTime } = organisation;
  await sql.query("INSERT INTO organisations (id, name, time_zone, create_time) VALUES ($1, $2, $3, $4)", [
    id,
    name,
    timeZone,
    createTime,
  ]);
}

/** Organisations after the cursor, oldest first; only `tenant`'s own where it is given. */
export async function listOrganisations(
  sql: Sql,
  tenant: string | undefined,
  after: Cursor,
  most: number,
): Promise<Organisation[]> {
  const result = await sql.query<OrganisationRow>(
    `SELECT * FROM organisations
     WHERE ($1::text IS NULL OR id = $1) AND (create_time, id) > ($2, $3)
     ORDER BY create_time, id LIMIT $4`,
    [tenant ?? null, new Date(after.timeMs), after.id, most],
  );
  return result.rows.map(toOrganisation);
}

/** Stores a node. */
export async function insertNode(sql: Sql, node: TreeNode): Promise<void> {
  await sql.query(
    `INSERT INTO nodes (id, organisation_id, parent_id, kind, name, time_zone, path, allowed_models, create_time)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      node.id,
      node.organisationId,
      node.parentId || null,
      node.kind,
      node.name,
      node.timeZone,
      writePath(node.path),
      node.allowedModels,
      node.createTime,
    ],
  );
}

/** Replaces the models of a node. */
export async function setNodeModels(sql: Sql, id: string, allowedModels: readonly string[]): Promise<void> {
  await sql.query("UPDATE nodes SET allowed_models = $2 WHERE id = $1", [id, allowedModels]);
}

/** The node of this id, or undefined. */
export async function findNode(sql: Sql, id: string): Promise<TreeNode | undefined> {
  const [node] = await findNodes(sql, [id]);
  return node;
}

/** The nodes of these ids, in no order; unknown ids are left out. */
export async function findNodes(sql: Sql, ids: readonly string[]): Promise<TreeNode[]> {
  const result = await sql.query<NodeRow>("SELECT * FROM nodes WHERE id = ANY($1)", [ids]);
  return result.rows.map(toNode);
}

/** Nodes after the cursor, oldest first. */
export async function listNodes(sql: Sql, filter: NodeFilter, after: Cursor, most: number): Promise<TreeNode[]> {
  const result = await sql.query<NodeRow>(
    `SELECT * FROM nodes
     WHERE organisation_id = $1 AND ($2::text IS NULL OR parent_id = $2) AND ($3::text IS NULL OR kind = $3)
       AND (create_time, id) > ($4, $5)
     ORDER BY create_time, id LIMIT $6`,
    [filter.organisationId, filter.parentId ?? null, filter.kind ?? null, new Date(after.timeMs), after.id, most],
  );
  return result.rows.map(toNode);
}

function toOrganisation(row: OrganisationRow): Organisation {
  return { id: row.id, name: row.name, timeZone: row.time_zone, createTime: row.create_time };
}

function toNode(row: NodeRow): TreeNode {
  return {
    ...toOrganisation(row),
    organisationId: row.organisation_id,
    parentId: row.parent_id ?? "",
    kind: row.kind,
    path: readPath(row.path),
    allowedModels: row.allowed_models,
  };
}
