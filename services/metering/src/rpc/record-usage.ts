import { type RecordUsageRequest, RecordUsageResponse } from "@alfred/contracts";
import type { Cause, KeptRecord } from "../domain/usage.ts";
import { checkRecords } from "../domain/usage-record.ts";
import type { MeteringMetrics } from "../metrics.ts";
import { toKept } from "./mappers.ts";

/** What RecordUsage needs. */
export interface RecordUsageParts {
  /** Keeps the records that are new, with their events; tells how many there were. */
  keep(records: readonly KeptRecord[], cause: Cause): Promise<number>;
  metrics: MeteringMetrics;
  now(): number;
}

/** Keeps a batch of records, each once by its id. */
export async function recordUsage(parts: RecordUsageParts, request: RecordUsageRequest): Promise<RecordUsageResponse> {
  const records = checkRecords(request.records).map(toKept);
  const recorded = await parts.keep(records, { requestId: request.requestId, occurTime: new Date(parts.now()) });
  const duplicates = records.length - recorded;
  parts.metrics.batchRecorded(recorded, duplicates);
  return RecordUsageResponse.create({ recorded, duplicates });
}
