/** Kilobits a second by version (1, then 2 and 2.5) and layer (I, II, III). Source: ISO/IEC 11172-3, 13818-3 */
const BIT_RATES: Readonly<Record<string, readonly number[]>> = {
  "1/1": [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  "1/2": [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  "1/3": [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  "2/1": [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  "2/2": [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const SAMPLE_RATES = [44_100, 48_000, 32_000];
/** By the two bits of the version: 2.5, none, 2, 1. */
const HALVED = [4, 0, 2, 1];
/** Words and pictures between and behind the frames; beyond this it is something else. */
const MOST_JUNK_BYTES = 65_536;

interface Frame {
  readonly bytes: number;
  readonly seconds: number;
}

/** From frame to frame, as each says how long it is, so that neither a variable rate nor a head that lies matters. */
export function mpegSeconds(content: Buffer): number | undefined {
  let [at, seconds, junk] = [afterTag(content), 0, 0];
  while (at + 4 <= content.length && junk <= MOST_JUNK_BYTES) {
    const frame = frameAt(content, at);
    if (frame === undefined) junk += 1;
    else seconds += frame.seconds;
    at += frame?.bytes ?? 1;
  }
  return junk > MOST_JUNK_BYTES ? undefined : seconds;
}

/** Where the frames begin. Source: https://id3.org/id3v2.4.0-structure */
function afterTag(content: Buffer): number {
  if (content.toString("latin1", 0, 3) !== "ID3") return 0;
  const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + ((content[at] ?? 0) & 0x7f), 0);
  return 10 + size + (((content[5] ?? 0) & 0x10) === 0 ? 0 : 10);
}

function frameAt(content: Buffer, at: number): Frame | undefined {
  const head = content.readUInt32BE(at);
  const [halved = 0, layer] = [HALVED[(head >>> 19) & 3], 4 - ((head >>> 17) & 3)];
  if (head >>> 21 !== 0x7ff || halved === 0 || layer === 4) return undefined;
  const table = halved === 1 ? `1/${layer}` : `2/${Math.min(layer, 2)}`;
  const [kilobits = 0, rate = 0] = [BIT_RATES[table]?.[((head >>> 12) & 15) - 1], SAMPLE_RATES[(head >>> 10) & 3]];
  if (kilobits === 0 || rate === 0) return undefined;
  const samples = layer === 1 ? 384 : layer === 3 && halved > 1 ? 576 : 1_152;
  const [slot, padding] = [layer === 1 ? 4 : 1, (head >>> 9) & 1];
  const seconds = samples / (rate / halved);
  return { bytes: (Math.floor((seconds * kilobits * 125) / slot) + padding) * slot, seconds };
}
