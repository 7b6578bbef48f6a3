import type { FailedAttempts, Latency, MeterQuantity } from "@alfred/contracts";
import type { Sql } from "@alfred/postgres";
import type { ArmSums, ExperimentQuery } from "../domain/experiment.ts";

/** Most arms that are told of: rules that share an experiment's name may have more than one rule may. */
const MOST_ARMS = 100;

/** How long something took; null where nothing was measured. */
interface LatencyRow {
  measured: string;
  mean: number | null;
  p50: string | null;
  p95: string | null;
}

interface ArmRow {
  arm: string;
  shadow: boolean;
  requests: bigint;
  unanswered: bigint;
  shadowed: bigint;
  attempts: bigint;
  estimated: bigint;
  /** A sum of bigints is a numeric, which comes as text. */
  cost: string;
  first_byte: LatencyRow;
  whole: LatencyRow;
  failures: Record<string, string> | null;
  meters: Record<string, string> | null;
}

/** Integers are texts in JSON, since its numbers lose digits. */
const latencyOf = (column: string): string => `jsonb_build_object(
  'measured', (count(${column}) FILTER (WHERE answered))::text,
  'mean', (avg(${column}) FILTER (WHERE answered))::float8,
  'p50', (percentile_disc(0.5) WITHIN GROUP (ORDER BY ${column}) FILTER (WHERE answered))::text,
  'p95', (percentile_disc(0.95) WITHIN GROUP (ORDER BY ${column}) FILTER (WHERE answered))::text)`;

const STATEMENT = `
  WITH matched AS MATERIALIZED (
    SELECT arm, shadow_of <> '' AS shadow, organisation_id, request_id, shadow_of, answered, reason, cost_nanos, estimated, meters, quantities, first_byte_ms, duration_ms
    FROM usage_records
    WHERE experiment = $1 AND experiment <> '' AND start_time >= $2 AND start_time < $3 AND ($4::text IS NULL OR organisation_id = $4)
  ), copied AS (
    SELECT DISTINCT shadow_of AS request_id FROM matched WHERE shadow
  ), by_request AS (
    SELECT arm, shadow, request_id, bool_or(answered) AS answered FROM matched GROUP BY arm, shadow, organisation_id, request_id
  ), by_arm AS (
    SELECT arm, shadow, count(*) AS requests, count(*) FILTER (WHERE NOT answered) AS unanswered, count(copied.request_id) AS shadowed
    FROM by_request LEFT JOIN copied USING (request_id) GROUP BY arm, shadow ORDER BY arm, shadow LIMIT ${MOST_ARMS}
  ), by_attempt AS (
    SELECT arm, shadow, count(*) AS attempts, count(*) FILTER (WHERE estimated) AS estimated, sum(cost_nanos) AS cost,
      ${latencyOf("first_byte_ms")} AS first_byte, ${latencyOf("duration_ms")} AS whole
    FROM matched GROUP BY arm, shadow
  ), by_reason AS (
    SELECT arm, shadow, reason, count(*)::text AS attempts FROM matched WHERE NOT answered GROUP BY arm, shadow, reason
  ), failures AS (
    SELECT arm, shadow, jsonb_object_agg(reason, attempts) AS failures FROM by_reason GROUP BY arm, shadow
  ), by_meter AS (
    SELECT arm, shadow, each.meter, sum(each.quantity)::text AS quantity
    FROM matched, unnest(meters, quantities) AS each(meter, quantity) GROUP BY arm, shadow, each.meter
  ), meters AS (
    SELECT arm, shadow, jsonb_object_agg(meter, quantity) AS meters FROM by_meter GROUP BY arm, shadow
  )
  SELECT * FROM by_arm JOIN by_attempt USING (arm, shadow) LEFT JOIN failures USING (arm, shadow) LEFT JOIN meters USING (arm, shadow)
  ORDER BY arm, shadow`;

/** Sums of an experiment by arm, in the order of names. */
export async function sumArms(sql: Sql, { experiment, startTime, endTime, organisationId }: ExperimentQuery): Promise<ArmSums[]> {
  const { rows } = await sql.query<ArmRow>(STATEMENT, [experiment, startTime, endTime, organisationId ?? null]);
  return rows.map(toSums);
}

function toSums({ arm, shadow, requests, unanswered, shadowed, attempts, estimated, cost, first_byte, whole, failures, meters }: ArmRow): ArmSums {
  return {
    arm, shadow, requests, attempts,
    unansweredRequests: unanswered,
    shadowedRequests: shadowed,
    failures: inOrder(failures).map(([reason, count]): FailedAttempts => ({ reason, attempts: BigInt(count) })),
    quantities: inOrder(meters).map(([meter, quantity]): MeterQuantity => ({ meter, quantity: BigInt(quantity) })),
    estimatedAttempts: estimated,
    costNanos: BigInt(cost),
    firstByte: toLatency(first_byte),
    whole: toLatency(whole),
  };
}

function toLatency({ measured, mean, p50, p95 }: LatencyRow): Latency {
  return { measured: BigInt(measured), meanMs: mean ?? 0, p50Ms: BigInt(p50 ?? 0), p95Ms: BigInt(p95 ?? 0) };
}

function inOrder(counts: Readonly<Record<string, string>> | null): [string, string][] {
  return Object.entries(counts ?? {}).toSorted(([left], [right]) => (left < right ? -1 : 1));
}
