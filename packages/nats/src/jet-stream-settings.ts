import { AckPolicy, DeliverPolicy, DiscardPolicy, RetentionPolicy, StorageType, jetstreamManager } from "@nats-io/jetstream";
import { JetStreamApiError } from "@nats-io/jetstream";
import type { ConsumerConfig, JetStreamManager, StreamConfig } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";

/** Names and bounds of the stream. */
export interface StreamSettings {
  readonly stream: string;
  /** The subjects are everything below this. */
  readonly subject: string;
  readonly maxBytes: number;
}

/** The name of the consumer whose position the server keeps. */
export const DURABLE = "audit";
/** Most events delivered and not yet acknowledged; bounds what the consumer holds in memory. */
export const MAX_UNACKNOWLEDGED = 1_000;

/** How long the server remembers message ids; audit drops duplicates that come later. */
const duplicateWindowMs = 2 * 60_000;
/** How long a delivered event may stay unacknowledged before it is sent again. */
const ackWaitMs = 30_000;
const nanosPerMs = 1_000_000;
const consumerNotFound = 10_014;
const streamNotFound = 10_059;
const streamNameInUse = 10_058;
const subjectsOverlap = 10_065;

/** Makes the stream where it is missing; one that exists keeps its operator's settings. */
export async function ensureStream(connection: NatsConnection, settings: StreamSettings): Promise<JetStreamManager> {
  const manager = await jetstreamManager(connection);
  if (!(await hasStream(manager, settings))) await addStream(manager, settings);
  return manager;
}

/**
 * Makes the consumer where it is missing. One that has deliveries on the way which nobody will acknowledge, since its
 * reader is gone, is made anew: the server would send those again only after a wait, and newer events before them. A
 * work queue keeps exactly what is not acknowledged, so a new consumer begins at the right place.
 */
export async function ensureConsumer(manager: JetStreamManager, { stream }: StreamSettings): Promise<void> {
  try {
    const info = await manager.consumers.info(stream, DURABLE);
    if (info.num_ack_pending === 0) return;
    await manager.consumers.delete(stream, DURABLE);
  } catch (error) {
    if (!hasCode(error, consumerNotFound)) throw error;
  }
  await manager.consumers.add(stream, consumerConfig);
}

async function addStream(manager: JetStreamManager, settings: StreamSettings): Promise<void> {
  try {
    await manager.streams.add(streamConfig(settings));
  } catch (error) {
    // Another service was faster, which the server may tell by the subjects that both ask for.
    const isThere = hasCode(error, streamNameInUse) || (hasCode(error, subjectsOverlap) && (await hasStream(manager, settings)));
    if (!isThere) throw error;
  }
}

async function hasStream(manager: JetStreamManager, { stream }: StreamSettings): Promise<boolean> {
  try {
    await manager.streams.info(stream);
    return true;
  } catch (error) {
    if (hasCode(error, streamNotFound)) return false;
    throw error;
  }
}

function streamConfig({ stream, subject, maxBytes }: StreamSettings): Partial<StreamConfig> & { name: string } {
  return {
    name: stream,
    subjects: [`${subject}.>`],
    storage: StorageType.File,
    // An event leaves when audit has stored it. What is full refuses, and the outboxes keep what was refused; an age
    // limit, or dropping the oldest, would lose what audit has not seen.
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    max_bytes: maxBytes,
    max_age: 0,
    duplicate_window: duplicateWindowMs * nanosPerMs,
  };
}

const consumerConfig: Partial<ConsumerConfig> = {
  durable_name: DURABLE,
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: ackWaitMs * nanosPerMs,
  max_ack_pending: MAX_UNACKNOWLEDGED,
};

function hasCode(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}
