import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { JournalEntry } from "../leases/journal-entry.ts";
import { ByteWriter } from "./byte-writer.ts";
import { writeEntry } from "./entry-codec.ts";
import { FRAME_HEADER_BYTES } from "./frame.ts";
import { Segment } from "./segment.ts";
import { segmentName } from "./segment-name.ts";

const frameBytes = 64 * 1024;

/**
 * A new segment with these entries, on the disk; the snapshot is still to be closed. Written piece by piece, a turn of
 * the event loop each, so that requests go on.
 */
export async function writeSnapshot(folder: string, number: number, entries: readonly JournalEntry[]): Promise<Segment> {
  const segment = await Segment.create(folder, number);
  try {
    await appendAll(segment, entries);
    await segment.sync();
    return segment;
  } catch (error) {
    await discard(folder, segment);
    throw error;
  }
}

/** Takes a segment away that was not finished: where the disk is full, its room is missed. */
export async function discard(folder: string, segment: Segment): Promise<void> {
  await segment[Symbol.asyncDispose]();
  // A segment that stays says nothing, since its snapshot is not closed.
  await rm(join(folder, segmentName(segment.number)), { force: true }).catch(() => undefined);
}

async function appendAll(segment: Segment, entries: readonly JournalEntry[]): Promise<void> {
  const frame = new ByteWriter(2 * frameBytes);
  frame.seek(FRAME_HEADER_BYTES);
  for (const entry of entries) {
    writeEntry(frame, entry);
    if (frame.length < frameBytes) continue;
    segment.append(frame.view());
    frame.seek(FRAME_HEADER_BYTES);
    await nextTurn();
  }
  if (frame.length > FRAME_HEADER_BYTES) segment.append(frame.view());
}
