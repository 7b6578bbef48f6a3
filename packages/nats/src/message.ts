import { headers } from "@nats-io/transport-node";
import type { MsgHdrs } from "@nats-io/transport-node";
import type { AuditEvent } from "./event-bus.ts";

/** JetStream's own header for the id by which it drops duplicates. */
const idHeader = "Nats-Msg-Id";
const fields = {
  organisationId: "Alfred-Organisation",
  source: "Alfred-Source",
  sourceSeq: "Alfred-Source-Seq",
  type: "Alfred-Type",
  occurredAt: "Alfred-Occurred-At",
} as const;

/** What is read back from the bus: a message's headers and payload. */
export interface StoredMessage {
  readonly headers?: MsgHdrs | undefined;
  readonly data: Uint8Array;
}

/** The event's subject, `<prefix>.<source>.<organisation>`, so that others may subscribe to a part of them. */
export function subjectOf(prefix: string, { source, organisationId }: AuditEvent): string {
  return `${prefix}.${token(source)}.${token(organisationId)}`;
}

/** Everything about an event but its bytes, which are the payload. */
export function headersOf(event: AuditEvent): MsgHdrs {
  const made = headers();
  made.set(idHeader, event.eventId);
  made.set(fields.organisationId, event.organisationId);
  made.set(fields.source, event.source);
  made.set(fields.sourceSeq, String(event.sourceSeq));
  made.set(fields.type, event.type);
  made.set(fields.occurredAt, event.occurredAt.toISOString());
  return made;
}

/** The event that a message carries; undefined where it is none of ours. */
export function eventOf(message: StoredMessage): AuditEvent | undefined {
  const read = (name: string): string => message.headers?.get(name) ?? "";
  const occurredAt = new Date(read(fields.occurredAt));
  const sourceSeq = read(fields.sourceSeq);
  const eventId = read(idHeader);
  if (eventId === "" || !/^\d+$/.test(sourceSeq) || Number.isNaN(occurredAt.getTime())) return undefined;
  return {
    eventId,
    organisationId: read(fields.organisationId),
    source: read(fields.source),
    sourceSeq: BigInt(sourceSeq),
    type: read(fields.type),
    occurredAt,
    bytes: message.data,
  };
}

/** Subjects are split at dots and know wildcards and blanks as their own. */
function token(text: string): string {
  const safe = text.replace(/[^\w-]/g, "_");
  return safe === "" ? "_" : safe;
}
