/** Rules for routes in Postgres. */
import { RouteRule, RouteRuleSource } from "@alfred/contracts";
import type { Sql } from "@alfred/postgres";

interface RouteRuleRow {
  id: string;
  rule: unknown;
  origin: "api" | "file";
  version: bigint;
  update_time: Date;
}

/** What a rule says, whoever put it and when. */
export function routeRuleText(rule: RouteRule): string {
  return JSON.stringify(RouteRule.toJSON({ ...rule, version: 0n, updateTime: undefined, source: RouteRuleSource.ROUTE_RULE_SOURCE_UNSPECIFIED }));
}

/** Makes or replaces a rule. @returns it as it is then, its version one more than before */
export async function putRouteRule(sql: Sql, rule: RouteRule): Promise<RouteRule> {
  const result = await sql.query<RouteRuleRow>(
    `INSERT INTO route_rules (id, rule, version, update_time, origin) VALUES ($1, $2, 1, $3, $4)
     ON CONFLICT (id) DO UPDATE SET rule = $2, version = route_rules.version + 1, update_time = $3, origin = $4 RETURNING *`,
    [rule.id, routeRuleText(rule), rule.updateTime, rule.source === RouteRuleSource.ROUTE_RULE_SOURCE_FILE ? "file" : "api"],
  );
  return result.rows.map(toRouteRule)[0] ?? rule;
}

/** The rules of these ids, in no order; unknown ids are left out. */
export async function findRouteRules(sql: Sql, ids: readonly string[]): Promise<RouteRule[]> {
  const result = await sql.query<RouteRuleRow>("SELECT * FROM route_rules WHERE id = ANY($1)", [ids]);
  return result.rows.map(toRouteRule);
}

/** Rules after this id, by id. */
export async function listRouteRules(sql: Sql, afterId: string, most: number): Promise<RouteRule[]> {
  const result = await sql.query<RouteRuleRow>('SELECT * FROM route_rules WHERE id > $1 COLLATE "C" ORDER BY id COLLATE "C" LIMIT $2', [afterId, most]);
  return result.rows.map(toRouteRule);
}

/** How many rules there are besides the one of this id. */
export async function countOtherRouteRules(sql: Sql, id: string): Promise<number> {
  const result = await sql.query<{ count: number }>("SELECT count(*)::int AS count FROM route_rules WHERE id <> $1", [id]);
  return result.rows[0]?.count ?? 0;
}

/** Removes a rule. */
export async function deleteRouteRule(sql: Sql, id: string): Promise<void> {
  await sql.query("DELETE FROM route_rules WHERE id = $1", [id]);
}

function toRouteRule({ rule, origin, version, update_time }: RouteRuleRow): RouteRule {
  const source = origin === "file" ? RouteRuleSource.ROUTE_RULE_SOURCE_FILE : RouteRuleSource.ROUTE_RULE_SOURCE_API;
  return { ...RouteRule.fromJSON(rule), version, updateTime: update_time, source };
}
