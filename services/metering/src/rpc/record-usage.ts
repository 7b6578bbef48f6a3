import { type RecordUsageRequest, RecordUsageResponse } from "@alfred/contracts";
import { checkRecords } from "../domain/usage-record.ts";
import { appendUsageRecorded } from "../events.ts";
import type { MeteringMetrics } from "../metrics.ts";
import type { Transact } from "../store/database.ts";
import { insertUsage, notifyUsage, type UsageRow } from "../store/usage-writer.ts";
import { toRow } from "./mappers.ts";

/** What RecordUsage needs. */
export interface RecordUsageParts {
  transact: Transact;
  metrics: MeteringMetrics;
  now(): number;
}

/** Keeps the records that are new, with one event per organisation, in one transaction. */
export async function recordUsage(parts: RecordUsageParts, request: RecordUsageRequest): Promise<RecordUsageResponse> {
  const rows = checkRecords(request.records).map(toRow);
  const recorded = await parts.transact(async (sql) => {
    const inserted = await insertUsage(sql, rows);
    const fresh = firstOfEach(rows).filter(({ recordId }) => inserted.has(recordId));
    const byOrganisation = Map.groupBy(fresh, ({ organisationId }) => organisationId);
    if (byOrganisation.size === 0) return 0;
    const organisations = [...byOrganisation].toSorted(([left], [right]) => (left < right ? -1 : 1));
    await appendUsageRecorded(sql, organisations, { requestId: request.requestId, occurTime: new Date(parts.now()) });
    await notifyUsage(sql, organisations.map(([id]) => id));
    return fresh.length;
  });
  const duplicates = rows.length - recorded;
  parts.metrics.batchRecorded(recorded, duplicates);
  return RecordUsageResponse.create({ recorded, duplicates });
}

/** Of two records with one id in a batch the first counts, as the database decides too. */
function firstOfEach(rows: readonly UsageRow[]): UsageRow[] {
  const seen = new Set<string>();
  return rows.filter(({ recordId }) => {
    const isFirst = !seen.has(recordId);
    seen.add(recordId);
    return isFirst;
  });
}
