/** One watch over the change log: every change of a topic once, in order, for as long as anyone listens. */
import type { Listener, Sql } from "@alfred/postgres";

import type { ChangeEvent, Topic } from "../domain/ports.ts";
import { headRevision, readChanges } from "./changes.ts";

/** What a watch reads from. */
export interface ChangeSource {
  readonly sql: Sql;
  /** Hears of every change. */
  readonly listener: Listener;
}

/** Objects read and sent at a time: memory per watch stays bounded, however many there are. */
const PAGE = 500;

/**
 * How long an idle watch stays silent, in milliseconds. It reads the log each time, so it is also the slowest a change
 * can be.
 */
const IDLE_MS = 1_000;

/**
 * Follows a topic after `revision`; 0, or one that this database never gave, starts with a snapshot. A snapshot is the
 * log from its start, since that holds the last change of every object; removals are left out of it. Ends when `signal`
 * aborts; throws what the database throws, so that a watch never claims to be synced when it cannot know.
 */
export async function* followChanges(
  source: ChangeSource,
  topic: Topic,
  revision: bigint,
  signal: AbortSignal,
): AsyncGenerator<ChangeEvent> {
  let cursor = revision <= (await headRevision(source.sql)) ? revision : 0n;
  let inSnapshot = cursor === 0n;
  if (inSnapshot) yield { kind: "snapshot" };
  while (!signal.aborted) {
    using woken = source.listener.next();
    const changes = await readChanges(source.sql, topic, cursor, PAGE);
    cursor = changes.at(-1)?.revision ?? cursor;
    if (changes.length > 0) {
      yield { kind: "changes", changes: inSnapshot ? changes.filter((change) => !change.removed) : changes };
    }
    if (changes.length === PAGE) continue;
    inSnapshot = false;
    yield { kind: "synced", revision: cursor };
    await woken.orAfter(IDLE_MS, signal);
  }
}
