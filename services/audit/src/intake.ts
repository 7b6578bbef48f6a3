/** From the bus to the chains. */
import type { AuditEvent } from "@alfred/nats";
import type { Database } from "@alfred/postgres";
import type { Logger } from "@alfred/telemetry";

import type { Checkpointer } from "./checkpointer.ts";
import { faultOfMessage } from "./domain/incoming.ts";
import type { AuditMetrics } from "./metrics.ts";
import { appendEvents } from "./store/append.ts";
import type { IncomingEvent } from "./store/append.ts";
import { rejectMessage } from "./store/reject.ts";
import type { RejectedMessage } from "./store/reject.ts";

/** What the intake works with. */
export interface IntakeParts {
  readonly database: Database;
  readonly checkpointer: Checkpointer;
  readonly metrics: AuditMetrics;
  readonly log: Logger;
  readonly now: () => number;
}

/**
 * Chains a batch in one transaction. It resolves once that is committed, and only then does the bus let go of the
 * messages. A message that is no event is put aside and does not hold up the others.
 */
export async function takeIn(parts: IntakeParts, batch: readonly AuditEvent[]): Promise<void> {
  const { database, checkpointer, metrics, now } = parts;
  const judged = batch.map((message) => ({ message, reason: faultOfMessage(message, message.bytes) }));
  const events = judged.filter(({ reason }) => reason === undefined).map(({ message }) => incoming(message));
  const unfit = judged.flatMap(({ message, reason }) => (reason === undefined ? [] : [{ message, reason }]));
  const time = new Date(now());
  const { appended, rejected } = await database.transact(async (sql) => {
    const done = await appendEvents(sql, events, time);
    const conflicts = done.conflicts.map(({ message }) => ({
      message,
      reason: "the event id was used before by another event",
    }));
    const aside = [...unfit, ...conflicts];
    for (const message of aside) await rejectMessage(sql, message, time);
    return { appended: done, rejected: aside };
  });
  for (const message of rejected) tellRejected(parts, message);
  const links = [...appended.links.values()].reduce((sum, { length }) => sum + length, 0);
  metrics.chained(links, appended.duplicates.length);
  checkpointer.note(appended.links.keys());
}

function incoming(message: AuditEvent): IncomingEvent {
  return { eventId: message.eventId, organisation: message.organisationId, bytes: Buffer.from(message.bytes), message };
}

function tellRejected({ metrics, log }: IntakeParts, { message, reason }: RejectedMessage): void {
  metrics.rejected();
  log.error(
    { event_id: message.eventId, organisation: message.organisationId, source: message.source, reason },
    "a message is no event and was put aside",
  );
}
