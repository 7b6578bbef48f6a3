/** Something that happened, as it travels: the exact bytes, and beside them what is needed to route and order them. */
export interface AuditEvent {
  /** "evt_…"; an event that comes twice counts once. */
  readonly eventId: string;
  /** The organisation, or "installation". */
  readonly organisationId: string;
  /** The service that says so. */
  readonly source: string;
  /** Its place among the events of that source in that organisation, from 1, without a gap. */
  readonly sourceSeq: bigint;
  /** What happened: "key_created". */
  readonly type: string;
  readonly occurredAt: Date;
  /** A serialised alfred.v1.Event. */
  readonly bytes: Uint8Array;
}

export type EventHandler = (event: AuditEvent) => Promise<void>;

/** Handles events together: all of them are acknowledged when it resolves, all come again when it rejects. */
export type BatchHandler = (events: readonly AuditEvent[]) => Promise<void>;

export interface BatchOptions {
  /** Most events in one call, 1 to 1,000; 200 unless stated. */
  readonly maxEvents?: number;
}

/**
 * Carries events from the outboxes to audit. Every event reaches the consumer at least once, in the order in which
 * the bus accepted it. Publishers keep an event until `publish` resolves and publish it again otherwise, so one that
 * was refused may come after its successors; `sourceSeq` tells.
 */
export interface EventBus extends AsyncDisposable {
  /**
   * Resolves when the event is durably accepted. Rejects where it may not have been: the bus is closed, full or out
   * of reach. Call it many times without waiting; the number under way is bounded and more are refused.
   */
  publish(event: AuditEvent): Promise<void>;
  /**
   * Hands every event to `handler`, one after the other, and acknowledges it when the handler resolves; while it
   * rejects, the event is tried again with growing pauses and nothing overtakes it. One consumer at a time. Disposing
   * waits for the call that is under way.
   */
  consume(handler: EventHandler): AsyncDisposable;
  /** As `consume`, with as many events per call as have arrived. */
  consumeBatches(handler: BatchHandler, options?: BatchOptions): AsyncDisposable;
}

/** The batch size that is used where none is stated. */
export const DEFAULT_BATCH_EVENTS = 200;
