/** Boxes that have others in them on the way to the times of the samples. */
const AROUND = new Set(["moov", "trak", "mdia", "minf", "stbl"]);
const MOST_BOXES = 10_000;
const MOST_ENTRIES = 1_000_000;

interface Box {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** What has been found so far. */
interface Found {
  boxes: number;
  /** Of a track whose head was read. */
  scale: number;
  seconds: number;
  hasFragments: boolean;
}

/**
 * The longest that the film, a track's head or the sum of a track's samples says. A film in fragments says it nowhere by itself.
 * Source: ISO/IEC 14496-12
 */
export function mp4Seconds(content: Buffer): number | undefined {
  const found: Found = { boxes: 0, scale: 0, seconds: 0, hasFragments: false };
  walk(content, 0, content.length, found);
  return found.hasFragments || found.boxes > MOST_BOXES ? undefined : found.seconds;
}

function walk(content: Buffer, from: number, to: number, found: Found): void {
  for (let at = from; at + 8 <= to && found.boxes <= MOST_BOXES; ) {
    const box = boxAt(content, at, to);
    found.boxes += 1;
    if (AROUND.has(box.name)) walk(content, box.from, box.to, found);
    else read(content, box, found);
    at = box.to;
  }
}

/** A size of 1 stands for one of 64 bits behind the name, one of 0 for all the rest. */
function boxAt(content: Buffer, at: number, end: number): Box {
  const short = content.readUInt32BE(at);
  const head = short === 1 ? 16 : 8;
  const size = short === 1 ? Number(content.readBigUInt64BE(at + 8)) : short === 0 ? end - at : short;
  if (size < head) throw new RangeError("A box is smaller than its head.");
  return { name: content.toString("latin1", at + 4, at + 8), from: at + head, to: Math.min(at + size, end) };
}

function read(content: Buffer, { name, from, to }: Box, found: Found): void {
  if (name === "moof") found.hasFragments = true;
  if (name === "mvhd" || name === "mdhd") {
    const isLong = content[from] === 1;
    found.scale = content.readUInt32BE(from + (isLong ? 20 : 12));
    const units = isLong ? Number(content.readBigUInt64BE(from + 24)) : content.readUInt32BE(from + 16);
    found.seconds = Math.max(found.seconds, units / found.scale);
  }
  if (name === "stts") found.seconds = Math.max(found.seconds, unitsOf(content, from, to) / found.scale);
}

/** How long all samples of a track are: so many of one length, so many of another. */
function unitsOf(content: Buffer, from: number, to: number): number {
  const count = content.readUInt32BE(from + 4);
  if (count > MOST_ENTRIES || from + 8 + count * 8 > to) throw new RangeError("A list of samples is longer than its box.");
  let units = 0;
  for (let at = from + 8; at < from + 8 + count * 8; at += 8) units += content.readUInt32BE(at) * content.readUInt32BE(at + 4);
  return units;
}
