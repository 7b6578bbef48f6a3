import { failpoint } from "@alfred/lifecycle";
import type { Transact } from "@alfred/postgres";
import type { Cause, KeptRecord } from "./domain/usage.ts";
import { appendUsageRecorded } from "./events.ts";
import { insertUsage, notifyUsage } from "./store/usage-writer.ts";

/** Keeps the records that are new, with one event per organisation, in one transaction; tells how many there were. */
export async function keepUsage(transact: Transact, records: readonly KeptRecord[], cause: Cause): Promise<number> {
  const kept = await transact(async (sql) => {
    const inserted = await insertUsage(sql, records);
    const fresh = firstOfEach(records).filter(({ recordId }) => inserted.has(recordId));
    if (fresh.length === 0) return 0;
    const organisations = [...Map.groupBy(fresh, ({ organisationId }) => organisationId)];
    await appendUsageRecorded(sql, organisations, cause);
    await notifyUsage(sql, organisations.map(([id]) => id));
    return fresh.length;
  });
  failpoint("metering-committed");
  return kept;
}

/** Of two records with one id in a batch the first counts, as the database decides too. */
function firstOfEach(records: readonly KeptRecord[]): KeptRecord[] {
  const seen = new Set<string>();
  return records.filter(({ recordId }) => {
    const isFirst = !seen.has(recordId);
    seen.add(recordId);
    return isFirst;
  });
}
