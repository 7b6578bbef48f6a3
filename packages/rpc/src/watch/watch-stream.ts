import type { SnapshotStarted, Synced } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import type { Subscription } from "./broadcast.ts";

/** A case of a watch's `oneof event`. */
export interface WatchEvent {
  readonly $case: string;
  readonly value: unknown;
}

/** What changed with one revision; the events of one delta are followed by one `synced`. */
export interface Delta<Event> {
  /** Rises with every delta. */
  readonly revision: bigint;
  readonly events: Iterable<Event> | AsyncIterable<Event>;
}

type SyncedEvent = { $case: "synced"; value: Synced };
type SnapshotStartedEvent = { $case: "snapshotStarted"; value: SnapshotStarted };

/** What a watch without a snapshot is made of: its history is all there is. */
export interface HistoryWatch<Event extends WatchEvent> {
  /** The revision that the request carries; 0n where it carries none. */
  readonly revision: bigint;
  /**
   * Begins to receive deltas as they happen; called first, so that none is missed:
   * `() => broadcast.subscribe({ signal: context.signal })`, where the signal lets go of the subscription at once.
   */
  subscribe(): Subscription<Delta<Event>>;
  /** What came after `revision`, oldest first, or undefined where that is no longer known. */
  since(revision: bigint): Promise<DeltasSince<Event> | undefined>;
  /** A quiet watch repeats `synced` this often; default 5,000 ms, as watch.proto promises. */
  readonly heartbeatMs?: number;
}

/** Deltas, oldest first. */
export type DeltasSince<Event> = Iterable<Delta<Event>> | AsyncIterable<Delta<Event>>;

/** What a watch of a state is made of. */
export interface StateWatch<Event extends WatchEvent> extends Omit<HistoryWatch<Event>, "since"> {
  /** The whole state and the revision that it has. */
  snapshot(): Promise<Delta<Event>>;
  /** As in a watch of a history; leave it out where every watch starts with a snapshot. */
  since?(revision: bigint): Promise<DeltasSince<Event> | undefined>;
}

const HEARTBEAT_MS = 5_000;

/** The server's side of a watch, as watch.proto describes it. The subscription ends with the iteration. */
export function watchStream<Event extends WatchEvent>(
  watch: StateWatch<Event>,
): AsyncGenerator<{ event: Event | SnapshotStartedEvent | SyncedEvent }, void>;
export function watchStream<Event extends WatchEvent>(
  watch: HistoryWatch<Event>,
): AsyncGenerator<{ event: Event | SyncedEvent }, void>;
export async function* watchStream<Event extends WatchEvent>(
  watch: HistoryWatch<Event> | StateWatch<Event>,
): AsyncGenerator<{ event: Event | SnapshotStartedEvent | SyncedEvent }, void> {
  using live = watch.subscribe();
  const past = await pastOf(watch);
  if (past.isSnapshot) yield { event: { $case: "snapshotStarted", value: {} } };
  let { revision } = watch;
  let isSynced = false;
  for await (const delta of past.deltas) {
    for await (const event of delta.events) yield { event };
    ({ revision } = delta);
    isSynced = true;
    yield synced(revision);
  }
  if (!isSynced) yield synced(revision);
  for await (const delta of withHeartbeat(live, watch.heartbeatMs ?? HEARTBEAT_MS)) {
    // What happened while the past was read may be part of it already.
    if (delta !== undefined && delta.revision <= revision) continue;
    for await (const event of delta?.events ?? []) yield { event };
    revision = delta?.revision ?? revision;
    yield synced(revision);
  }
}

function synced(revision: bigint): { event: SyncedEvent } {
  return { event: { $case: "synced", value: { revision } } };
}

interface Past<Event> {
  readonly isSnapshot: boolean;
  readonly deltas: DeltasSince<Event>;
}

async function pastOf<Event extends WatchEvent>(watch: HistoryWatch<Event> | StateWatch<Event>): Promise<Past<Event>> {
  const isState = "snapshot" in watch;
  const deltas = isState && watch.revision === 0n ? undefined : await watch.since?.(watch.revision);
  if (deltas !== undefined) return { isSnapshot: false, deltas };
  if (isState) return { isSnapshot: true, deltas: [await watch.snapshot()] };
  throw fail("FAILED_PRECONDITION", "This revision is not known any more.", { hint: "Watch without a revision." });
}

/** The items of a subscription, and undefined whenever none came for `heartbeatMs`. */
async function* withHeartbeat<T extends object>(
  live: Subscription<T>,
  heartbeatMs: number,
): AsyncGenerator<T | undefined, void> {
  let next = live.next();
  for (;;) {
    const step = await orIdle(next, heartbeatMs);
    if (step?.done === true) return;
    yield step?.value;
    if (step !== undefined) next = live.next();
  }
}

async function orIdle<T>(next: Promise<T>, idleMs: number): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), idleMs);
  return Promise.race([next, promise]).finally(() => clearTimeout(timer));
}
