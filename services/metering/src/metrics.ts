import { counter, histogram, type MetricRegistry } from "@alfred/telemetry";

/** What metering tells of itself. */
export interface MeteringMetrics {
  /** A batch was kept. */
  batchRecorded(recorded: number, duplicates: number): void;
  /** A query was answered, in seconds. */
  queryAnswered(seconds: number): void;
}

const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** Registers the metrics of metering. */
export function createMeteringMetrics(registry: MetricRegistry): MeteringMetrics {
  const records = counter({ registry, name: "alfred_metering_records_total", help: "Usage records kept" });
  const duplicates = counter({ registry, name: "alfred_metering_duplicates_total", help: "Usage records that were known already" });
  const batch = histogram({ registry, name: "alfred_metering_batch_records", help: "Usage records per batch", buckets: BATCH_BUCKETS });
  const query = histogram({ registry, name: "alfred_metering_query_seconds", help: "Time to answer QueryUsage" });
  return {
    batchRecorded: (recorded, known) => {
      records.inc(recorded);
      duplicates.inc(known);
      batch.observe(recorded + known);
    },
    queryAnswered: (seconds) => query.observe(seconds),
  };
}
