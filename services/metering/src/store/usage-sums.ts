import { type MeterQuantity, UsageDimension } from "@alfred/contracts";
import type { Sql } from "@alfred/postgres";
import type { UsageSums } from "../domain/usage.ts";
import type { Dimension, UsageQuery } from "../domain/usage-query.ts";

interface SumsRow {
  group: string[];
  requests: bigint;
  attempts: bigint;
  estimated: bigint;
  /** A sum of bigints is a numeric, which comes as text. */
  cost: string;
  meters: Record<string, string>;
}

/** The text that each dimension groups by; that of times sorts as they do. */
const EXPRESSIONS: Readonly<Record<Dimension, string>> = {
  [UsageDimension.USAGE_DIMENSION_KEY]: "key_id",
  [UsageDimension.USAGE_DIMENSION_USER]: "user_id",
  [UsageDimension.USAGE_DIMENSION_TEAM]: "team_id",
  [UsageDimension.USAGE_DIMENSION_MODEL]: "model",
  [UsageDimension.USAGE_DIMENSION_PROVIDER]: "provider",
  [UsageDimension.USAGE_DIMENSION_TAG]: "tags ->> $7",
  [UsageDimension.USAGE_DIMENSION_HOUR]: utcText("hour"),
  [UsageDimension.USAGE_DIMENSION_DAY]: utcText("day"),
  [UsageDimension.USAGE_DIMENSION_ROUTE_RULE]: "route_rule",
  [UsageDimension.USAGE_DIMENSION_EXPERIMENT]: "experiment",
  [UsageDimension.USAGE_DIMENSION_ARM]: "arm",
};

/** Every parameter stands in the text, whether it filters or not, so that there is one plan per grouping. */
const MATCHES = `
  organisation_id = $1 AND start_time >= $2 AND start_time < $3
  AND ($4::text IS NULL OR path @> ARRAY[$4::text])
  AND ($5::text IS NULL OR key_id = $5)
  AND ($6::text IS NULL OR user_id = $6)
  AND ($7::text IS NULL OR tags ? $7)
  AND ($8::text IS NULL OR tags ->> $7 = $8)
  AND ($9::text IS NULL OR team_id = $9)
  AND ($10::text IS NULL OR model = $10)
  AND ($11::text IS NULL OR provider = $11)
  AND ($12::text IS NULL OR route_rule = $12)
  AND ($13::text IS NULL OR experiment = $13)
  AND ($14::text IS NULL OR arm = $14)`;

/** Sums by group, in the order of groups, after the place where the query goes on; at most `most` groups. */
export async function sumUsage(sql: Sql, query: UsageQuery, most: number): Promise<UsageSums[]> {
  const { rows } = await sql.query<SumsRow>(statement(query.groupBy), parameters(query, most));
  return rows.map((row) => toSums(row, query.groupBy.length));
}

/**
 * Groups are always three texts, empty where nothing is grouped by. Attempts
 * are summed by request first, since that is cheaper than counting distinct
 * ones, and meters only for the groups of the page.
 */
function statement(groupBy: readonly Dimension[]): string {
  const [a, b, c] = [0, 1, 2].map((index) => {
    const dimension = groupBy[index];
    return `(${dimension === undefined ? "''::text" : EXPRESSIONS[dimension]}) COLLATE "C"`;
  });
  return `
    WITH matched AS MATERIALIZED (
      SELECT ${a} AS a, ${b} AS b, ${c} AS c, request_id, cost_nanos, estimated, meters, quantities
      FROM usage_records WHERE ${MATCHES}
    ), by_request AS (
      SELECT a, b, c, count(*) AS attempts, count(*) FILTER (WHERE estimated) AS estimated, sum(cost_nanos) AS cost
      FROM matched WHERE $15::text[] IS NULL OR (a, b, c) > ($15[1], $15[2], $15[3])
      GROUP BY a, b, c, request_id
    ), page AS (
      SELECT a, b, c, count(*) AS requests, sum(attempts)::int8 AS attempts, sum(estimated)::int8 AS estimated, sum(cost) AS cost
      FROM by_request GROUP BY a, b, c ORDER BY a, b, c LIMIT $16
    ), metered AS (
      SELECT a, b, c, each.meter, sum(each.quantity)::text AS quantity
      FROM matched JOIN page USING (a, b, c), unnest(meters, quantities) AS each(meter, quantity)
      GROUP BY a, b, c, each.meter
    ), meters AS (
      SELECT a, b, c, jsonb_object_agg(meter, quantity) AS meters FROM metered GROUP BY a, b, c
    )
    SELECT ARRAY[a, b, c] AS "group", requests, attempts, estimated, cost, coalesce(meters, '{}') AS meters
    FROM page LEFT JOIN meters USING (a, b, c) ORDER BY a, b, c`;
}

function parameters(query: UsageQuery, most: number): unknown[] {
  const { organisationId, startTime, endTime, accountId, keyId, userId, tagKey, tagValue, teamId, model, provider, routeRule, experiment, arm, after } = query;
  const from = after === undefined ? undefined : [0, 1, 2].map((index) => after[index] ?? "");
  const filters = [accountId, keyId, userId, tagKey, tagValue, teamId, model, provider, routeRule, experiment, arm, from];
  return [organisationId, startTime, endTime, ...filters.map((filter) => filter ?? null), most];
}

function toSums(row: SumsRow, dimensions: number): UsageSums {
  return {
    group: row.group.slice(0, dimensions),
    requests: row.requests,
    attempts: row.attempts,
    estimatedAttempts: row.estimated,
    costNanos: BigInt(row.cost),
    quantities: Object.entries(row.meters).map(([meter, sum]) => ({ meter, quantity: BigInt(sum) })).toSorted(byMeter),
  };
}

function byMeter(left: MeterQuantity, right: MeterQuantity): number {
  return left.meter < right.meter ? -1 : 1;
}

function utcText(unit: "hour" | "day"): string {
  return `to_char(date_trunc('${unit}', start_time AT TIME ZONE 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}
