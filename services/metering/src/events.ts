import { createHash } from "node:crypto";
import { Event, UsageRecorded } from "@alfred/contracts";
import { newId } from "@alfred/ids";
import { appendEvents, type NewEvent, type Sql } from "@alfred/postgres";
import type { Cause, KeptRecord } from "./domain/usage.ts";
import { usd } from "./rpc/mappers.ts";

/** Who says so, in events and in the outbox. */
const SOURCE = "metering";

/** Tells of new records, one event per organisation, in the transaction that keeps them. */
export async function appendUsageRecorded(sql: Sql, organisations: readonly (readonly [id: string, rows: readonly KeptRecord[]])[], cause: Cause): Promise<void> {
  await appendEvents(sql, organisations.map(([organisationId, rows]) => usageRecorded(organisationId, rows, cause)));
}

function usageRecorded(organisationId: string, rows: readonly KeptRecord[], { requestId, occurTime }: Cause): NewEvent {
  const eventId = newId("evt");
  const payload = { $case: "usageRecorded", value: summary(rows) } as const;
  const event = { eventId, organisationId, source: SOURCE, occurTime, actor: "service", requestId, payload };
  return {
    eventId,
    organisationId,
    source: SOURCE,
    type: "usage_recorded",
    occurredAt: occurTime,
    serialise: (sourceSeq) => Event.encode(Event.create({ ...event, sourceSeq })).finish(),
  };
}

function summary(rows: readonly KeptRecord[]): UsageRecorded {
  const digest = createHash("sha256");
  for (const { bytes } of rows) digest.update(bytes);
  return UsageRecorded.create({
    recordIds: rows.map(({ recordId }) => recordId),
    recordsSha256: digest.digest(),
    cost: usd(rows.reduce((sum, { costNanos }) => sum + costNanos, 0n)),
  });
}
