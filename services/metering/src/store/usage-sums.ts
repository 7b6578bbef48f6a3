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
  AND ($11::text IS NULL OR provider = $11)`;

/** Sums by group, in the order of groups, after the place where the query goes on; at most `most` groups. */
export async function sumUsage(sql: Sql, query: UsageQuery, most: number): Promise<UsageSums[]> {
  const { rows } = await sql.query<SumsRow>(statement(query.groupBy), parameters(query, most));
  return rows.map(toSums);
}

/** One pass finds the groups of the page, and the sums by meter are made for those alone. */
function statement(groupBy: readonly Dimension[]): string {
  const group = `ARRAY[${groupBy.map((dimension) => `(${EXPRESSIONS[dimension]})`).join(", ")}]::text[] COLLATE "C"`;
  return `
    WITH matched AS MATERIALIZED (
      SELECT ${group} AS "group", request_id, cost_nanos, estimated, meters, quantities
      FROM usage_records WHERE ${MATCHES}
    ), page AS (
      SELECT "group", count(DISTINCT request_id) AS requests, count(*) AS attempts,
        count(*) FILTER (WHERE estimated) AS estimated, coalesce(sum(cost_nanos), 0) AS cost
      FROM matched WHERE $12::text[] IS NULL OR "group" > $12::text[] COLLATE "C"
      GROUP BY "group" ORDER BY "group" LIMIT $13
    ), metered AS (
      SELECT "group", each.meter, sum(each.quantity) AS quantity
      FROM matched JOIN page USING ("group"), unnest(meters, quantities) AS each(meter, quantity)
      GROUP BY "group", each.meter
    )
    SELECT page."group", page.requests, page.attempts, page.estimated, page.cost,
      coalesce((SELECT jsonb_object_agg(meter, quantity::text) FROM metered WHERE metered."group" = page."group"), '{}') AS meters
    FROM page ORDER BY page."group"`;
}

function parameters(query: UsageQuery, most: number): unknown[] {
  const { organisationId, startTime, endTime, accountId, keyId, userId, tagKey, tagValue, teamId, model, provider, after } = query;
  const filters = [accountId, keyId, userId, tagKey, tagValue, teamId, model, provider, after];
  return [organisationId, startTime, endTime, ...filters.map((filter) => filter ?? null), most];
}

function toSums(row: SumsRow): UsageSums {
  return {
    group: row.group,
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
