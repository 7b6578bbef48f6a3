import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "@alfred/telemetry";
import { diskError, JournalError } from "./journal-error.ts";
import type { RecoveredJournal } from "./journal-port.ts";
import { isMarkedLost, setLostMark } from "./lost-mark.ts";
import { readSegment, type SegmentContent } from "./read-segment.ts";
import { EMPTY_SEGMENT_BYTES, Segment } from "./segment.ts";
import { corruptName, listSegments, segmentName } from "./segment-name.ts";
import { writeSnapshot } from "./snapshot.ts";
import { syncFolder } from "./sync-folder.ts";

/** What a folder held, and the segment that goes on from there. */
export interface Recovery {
  readonly recovered: RecoveredJournal;
  readonly segment: Segment;
}

/** The segments that count, once all were read. */
interface Finding {
  /** The one that stands for all before it; undefined where the folder has none, or none that is whole. */
  readonly base: SegmentContent | undefined;
  readonly contents: readonly SegmentContent[];
  readonly isCorrupt: boolean;
}

/**
 * Reads the journal of a folder and makes it ready to be appended to: a half-written end is cut off, what a rotation left
 * behind is removed. A corrupt journal is marked lost, its segments are put aside, and what could be read goes on in a
 * new one. A crash anywhere in here leaves what the next call finds the same way. Rejects with a `JournalError`.
 */
export async function recover(folder: string, log: Logger): Promise<Recovery> {
  try {
    const wasMarkedLost = await isMarkedLost(folder);
    const contents = await readSegments(folder);
    const finding = judge(contents);
    const entries = finding.base?.entries ?? bestOf(contents);
    const segment = finding.isCorrupt ? await putAside(folder, contents, entries, log) : await goOn(folder, finding);
    const isEmpty = entries.length === 0 && !finding.isCorrupt;
    return { segment, recovered: { entries, isCorrupt: finding.isCorrupt, isMarkedLost: wasMarkedLost, isEmpty } };
  } catch (error) {
    throw error instanceof JournalError ? error : diskError(folder, "opened", error);
  }
}

/** The newest that is complete, and those after and before it; one that is complete makes those before it say nothing. */
async function readSegments(folder: string): Promise<SegmentContent[]> {
  const contents: SegmentContent[] = [];
  for (const number of (await listSegments(folder)).toReversed()) {
    const content = await readSegment(folder, number);
    if (content.end === "newer") {
      const advice = "start that version, or set ALFRED_GATEWAY_JOURNAL to another folder";
      throw new JournalError("newer", `The journal in ${folder} was written by a later version of Alfred; ${advice}.`);
    }
    contents.unshift(content);
    if (content.hasSnapshot) break;
  }
  return contents;
}

/**
 * A rotation that was cut short leaves the segment before it, complete, and a new one that is whole or torn so far. A first
 * segment that was cut short while it was made leaves less than an empty one. Anything else no crash explains.
 */
function judge(contents: readonly SegmentContent[]): Finding {
  const [first, ...after] = contents;
  if (first === undefined) return { base: undefined, contents, isCorrupt: false };
  if (!first.hasSnapshot) return { base: undefined, contents, isCorrupt: contents.length > 1 || !isHalfMade(first) };
  const isSound = first.end !== "corrupt" && after.length <= 1 && after.every((next) => isRotation(first, next));
  return { base: first, contents, isCorrupt: !isSound };
}

function isHalfMade({ number, end, soundBytes, entries }: SegmentContent): boolean {
  return number === 1 && end !== "corrupt" && entries.length === 0 && soundBytes < EMPTY_SEGMENT_BYTES;
}

function isRotation(base: SegmentContent, next: SegmentContent): boolean {
  return next.number === base.number + 1 && next.end !== "corrupt";
}

/** Without a complete segment: the oldest that says anything, since the ones after it were never finished. */
function bestOf(contents: readonly SegmentContent[]): SegmentContent["entries"] {
  return contents.find(({ entries }) => entries.length > 0)?.entries ?? [];
}

async function goOn(folder: string, { base }: Finding): Promise<Segment> {
  if (base === undefined) return makeSegment(folder, 1, []);
  const segment = await Segment.reopen(folder, base.number, base.soundBytes);
  const others = (await listSegments(folder)).filter((number) => number !== base.number);
  for (const number of others) await rm(join(folder, segmentName(number)));
  if (others.length > 0) await syncFolder(folder);
  return segment;
}

async function putAside(
  folder: string,
  contents: readonly SegmentContent[],
  entries: SegmentContent["entries"],
  log: Logger,
): Promise<Segment> {
  await setLostMark(folder);
  const number = Math.max(...contents.map((content) => content.number)) + 1;
  const segment = await makeSegment(folder, number, entries);
  const others = (await listSegments(folder)).filter((other) => other !== number);
  for (const other of others) await rename(join(folder, segmentName(other)), join(folder, corruptName(other)));
  await syncFolder(folder);
  const files = others.map(corruptName);
  log.error({ folder, entries: entries.length, files }, "the journal is damaged: what could be read goes on, the files are put aside");
  return segment;
}

async function makeSegment(folder: string, number: number, entries: SegmentContent["entries"]): Promise<Segment> {
  const segment = await writeSnapshot(folder, number, entries);
  segment.closeSnapshot();
  await segment.sync();
  return segment;
}
