const PAGE = 27;
/** No coder of voices or music in Ogg takes more; Opus ends at 64,000. */
const MOST_BYTES_PER_SECOND = 128_000;
const BESIDE_BYTES = 65_536;
const NO_POSITION = 0xffff_ffff_ffff_ffffn;

interface Track {
  readonly rate: number;
  readonly skipped: number;
  samples: number;
}

/** From page to page, as each has the samples so far of its track. Tracks that follow one another are added. Source: RFC 3533, RFC 7845 */
export function oggSeconds(content: Buffer): number | undefined {
  const open = new Map<number, Track>();
  let seconds = 0;
  for (let at = 0; at < content.length; ) {
    if (content.toString("latin1", at, at + 4) !== "OggS") return undefined;
    const segments = content[at + 26] ?? 0;
    const body = at + PAGE + segments;
    const [serial, position] = [content.readUInt32LE(at + 14), content.readBigUInt64LE(at + 6)];
    if (((content[at + 5] ?? 0) & 2) !== 0) {
      seconds += secondsOf(open.get(serial));
      const track = trackOf(content, body);
      if (track === undefined) return undefined;
      open.set(serial, track);
    }
    const track = open.get(serial);
    if (track !== undefined && position !== NO_POSITION) track.samples = Math.max(track.samples, Number(position));
    at = body;
    for (let index = 0; index < segments; index += 1) at += content[body - segments + index] ?? 0;
  }
  for (const track of open.values()) seconds += secondsOf(track);
  return content.length <= seconds * MOST_BYTES_PER_SECOND + BESIDE_BYTES ? seconds : undefined;
}

function secondsOf(track: Track | undefined): number {
  return track === undefined ? 0 : Math.max(0, track.samples - track.skipped) / track.rate;
}

function trackOf(content: Buffer, at: number): Track | undefined {
  if (content.toString("latin1", at, at + 8) === "OpusHead") return { rate: 48_000, skipped: content.readUInt16LE(at + 10), samples: 0 };
  if (content.toString("latin1", at, at + 7) === "\x01vorbis") return { rate: content.readUInt32LE(at + 12), skipped: 0, samples: 0 };
  return undefined;
}
