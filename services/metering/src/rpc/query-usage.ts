import { type QueryUsageRequest, QueryUsageResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { checkQuery } from "../domain/check-query.ts";
import { writePageToken } from "../domain/page-token.ts";
import type { UsageSums } from "../domain/usage.ts";
import type { UsageQuery } from "../domain/usage-query.ts";
import type { MeteringMetrics } from "../metrics.ts";
import { toRow } from "./mappers.ts";

/** What QueryUsage needs. */
export interface QueryUsageParts {
  /** Sums by group, in order, after the place where the query goes on; at most `most` groups. */
  sum(query: UsageQuery, most: number): Promise<UsageSums[]>;
  metrics: MeteringMetrics;
  now(): number;
}

/** Sums usage by group, a page at a time. */
export async function queryUsage(parts: QueryUsageParts, request: QueryUsageRequest, context: CallContext): Promise<QueryUsageResponse> {
  const query = checkQuery(request, context.principal, parts.now());
  const startedAt = performance.now();
  const sums = await parts.sum(query, query.pageSize + 1);
  parts.metrics.queryAnswered((performance.now() - startedAt) / 1000);
  const shown = sums.length === 0 && query.groupBy.length === 0 ? [NOTHING] : sums.slice(0, query.pageSize);
  const nextPageToken = sums.length > query.pageSize ? tokenAfter(query, shown.at(-1)) : "";
  return QueryUsageResponse.create({ rows: shown.map(toRow), nextPageToken });
}

/** The totals of no usage at all. */
const NOTHING: UsageSums = { group: [], requests: 0n, attempts: 0n, estimatedAttempts: 0n, costNanos: 0n, quantities: [] };

function tokenAfter(query: UsageQuery, last: UsageSums | undefined): string {
  const { startTime, endTime } = query;
  return writePageToken(query, { startMs: startTime.getTime(), endMs: endTime.getTime(), after: last?.group ?? [] });
}
