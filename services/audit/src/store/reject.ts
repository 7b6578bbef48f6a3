/** Messages that are no events, put aside for a person to look at. */
import { hash } from "node:crypto";

import type { AuditEvent } from "@alfred/nats";
import type { Sql } from "@alfred/postgres";

/** A message and why it cannot be chained. */
export interface RejectedMessage {
  readonly message: AuditEvent;
  readonly reason: string;
}

/** Puts a message aside; one that comes again is kept once. Texts lose what Postgres cannot hold, the bytes nothing. */
export async function rejectMessage(sql: Sql, { message, reason }: RejectedMessage, now: Date): Promise<void> {
  const { eventId, organisationId, source, sourceSeq, type } = message;
  const envelope = JSON.stringify({ eventId, organisationId, source, sourceSeq: sourceSeq.toString(), type });
  await sql.query(
    `INSERT INTO rejected_messages (message_sha256, envelope, reason, bytes, receive_time) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (message_sha256) DO NOTHING`,
    [
      hash("sha256", Buffer.concat([Buffer.from(envelope), Buffer.from(message.bytes)]), "buffer"),
      envelope,
      reason,
      message.bytes,
      now,
    ],
  );
}
