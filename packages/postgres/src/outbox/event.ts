/** An event as it leaves the outbox; structurally the `AuditEvent` of the event bus. */
export interface OutboxEvent {
  readonly eventId: string;
  readonly organisationId: string;
  readonly source: string;
  /** Its place among the schema's events of that organisation, from 1, without a gap. */
  readonly sourceSeq: bigint;
  readonly type: string;
  readonly occurredAt: Date;
  readonly bytes: Uint8Array;
}

/** An event as a service makes it: its bytes name its place, which is known only within the transaction. */
export interface NewEvent extends Omit<OutboxEvent, "sourceSeq" | "bytes"> {
  readonly serialise: (sourceSeq: bigint) => Uint8Array;
}

/** The channel on which a schema's commits wake its relay. */
export function outboxChannel(schema: string): string {
  return `outbox_${schema}`;
}
