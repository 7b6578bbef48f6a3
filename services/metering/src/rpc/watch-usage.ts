import { UsageRecord, type WatchUsageRequest, type WatchUsageResponse } from "@alfred/contracts";
import type { CallContext } from "@alfred/rpc";
import { checkedName } from "../domain/name.ts";
import { invalid } from "../domain/refusal.ts";
import type { UsageHistory } from "../domain/usage.ts";

/** What WatchUsage needs. */
export interface WatchUsageParts {
  history: UsageHistory;
  heartbeatMs: number;
}

/** Records read and sent at a time, so that a watch that resumes far behind takes bounded memory. */
const PAGE = 200;

/** Streams an organisation's records in the order in which they were kept, from now on or from where the last watch ended. */
export async function* watchUsage(parts: WatchUsageParts, request: WatchUsageRequest, context: CallContext): AsyncGenerator<WatchUsageResponse> {
  const organisationId = context.principal.organisation(checkedName("organisation_id", request.organisationId));
  let revision = await startingPoint(parts.history, organisationId, request.revision);
  while (!context.signal.aborted) {
    // Taken before reading, so that what is kept meanwhile wakes the wait below.
    using wake = parts.history.listen(organisationId);
    const records = await parts.history.after(organisationId, revision, PAGE);
    for (const { bytes } of records) yield { event: { $case: "record", value: UsageRecord.decode(bytes) } };
    revision = records.at(-1)?.sequence ?? revision;
    yield { event: { $case: "synced", value: { revision } } };
    if (records.length < PAGE) await wake.orAfter(parts.heartbeatMs, context.signal);
  }
}

async function startingPoint(history: UsageHistory, organisationId: string, requested: bigint): Promise<bigint> {
  const head = await history.head(organisationId);
  if (requested === 0n) return head;
  if (requested > 0n && requested <= head) return requested;
  throw invalid("revision", "never given here", "Use a revision that this watch sent, or 0 to start now.");
}
