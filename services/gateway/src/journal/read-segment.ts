import { open } from "node:fs/promises";
import { join } from "node:path";
import type { JournalEntry } from "../leases/journal-entry.ts";
import { readEntries } from "./entry-codec.ts";
import { FileWindow } from "./file-window.ts";
import { FRAME_HEADER_BYTES, isPayloadSound, readFrameHeader } from "./frame.ts";
import { checkSegmentHeader, SEGMENT_HEADER_BYTES } from "./segment-header.ts";
import { segmentName } from "./segment-name.ts";

/**
 * How a segment ends: `whole`, with a frame; `torn`, with a part of one, as a write leaves it that was cut short;
 * `corrupt`, where something does not check; `newer`, in a format that is not known here.
 */
type SegmentEnd = "whole" | "torn" | "corrupt" | "newer";

/** What a segment holds up to the first thing in it that does not check. */
export interface SegmentContent {
  readonly number: number;
  readonly entries: readonly JournalEntry[];
  /** Whether it stands for all before it: an empty frame closes the snapshot that a segment opens with. */
  readonly hasSnapshot: boolean;
  readonly end: SegmentEnd;
  /** Where the last sound frame ends, in bytes. */
  readonly soundBytes: number;
}

interface Reading {
  readonly entries: JournalEntry[];
  hasSnapshot: boolean;
}

/** Reads a segment. Rejects only where the system does not let it be read. */
export async function readSegment(folder: string, number: number): Promise<SegmentContent> {
  await using file = await open(join(folder, segmentName(number)), "r");
  const window = new FileWindow(file);
  const reading: Reading = { entries: [], hasSnapshot: false };
  const header = await window.take(SEGMENT_HEADER_BYTES);
  if (header.length < SEGMENT_HEADER_BYTES) return { number, ...reading, end: "torn", soundBytes: 0 };
  const check = checkSegmentHeader(header, number);
  if (check !== "sound") return { number, ...reading, end: check === "newer" ? "newer" : "corrupt", soundBytes: 0 };
  for (;;) {
    const soundBytes = window.offset;
    const end = await readFrame(window, reading);
    if (end !== undefined) return { number, ...reading, end, soundBytes };
  }
}

/** Reads one frame; how the segment ends, if it does here. */
async function readFrame(window: FileWindow, reading: Reading): Promise<SegmentEnd | undefined> {
  const offset = window.offset;
  const header = await window.take(FRAME_HEADER_BYTES);
  if (header.length === 0) return "whole";
  if (header.length < FRAME_HEADER_BYTES) return "torn";
  const frame = readFrameHeader(header, offset);
  if (frame === undefined) return "corrupt";
  const payload = await window.take(frame.length);
  if (payload.length < frame.length) return "torn";
  if (!isPayloadSound(payload, frame.check)) return "corrupt";
  return addPayload(payload, reading);
}

function addPayload(payload: Buffer, reading: Reading): SegmentEnd | undefined {
  if (payload.length === 0) {
    if (reading.hasSnapshot) return "corrupt";
    reading.hasSnapshot = true;
    return undefined;
  }
  try {
    for (const entry of readEntries(payload)) reading.entries.push(entry);
    return undefined;
  } catch {
    return "corrupt";
  }
}
