import { flacSeconds } from "./flac.ts";
import { matroskaSeconds } from "./matroska.ts";
import { mp4Seconds } from "./mp4.ts";
import { mpegSeconds } from "./mpeg.ts";
import { oggSeconds } from "./ogg.ts";
import { waveSeconds } from "./wave.ts";

/** How one kind of container is known, and read. */
interface Container {
  begins(content: Buffer): boolean;
  seconds(content: Buffer): number | undefined;
}

const CONTAINERS: readonly Container[] = [
  { begins: (content) => isAt(content, 0, "RIFF") && isAt(content, 8, "WAVE"), seconds: waveSeconds },
  { begins: (content) => isAt(content, 0, "fLaC"), seconds: flacSeconds },
  { begins: (content) => isAt(content, 0, "OggS"), seconds: oggSeconds },
  { begins: (content) => isAt(content, 4, "ftyp"), seconds: mp4Seconds },
  { begins: (content) => isAt(content, 0, "\x1aE\xdf\xa3"), seconds: matroskaSeconds },
  { begins: (content) => isAt(content, 0, "ID3") || content[0] === 0xff, seconds: mpegSeconds },
];

/**
 * How long a file plays, in seconds, as its container says: WAV, FLAC, Ogg, MP4, WebM and MPEG audio. Undefined where it
 * says nothing, or what its size belies: a file may be made to say anything.
 */
export function soundSeconds(content: Buffer): number | undefined {
  try {
    const seconds = CONTAINERS.find(({ begins }) => begins(content))?.seconds(content);
    return seconds !== undefined && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
  } catch (error) {
    // It breaks off where a number is due.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function isAt(content: Buffer, at: number, text: string): boolean {
  return content.toString("latin1", at, at + text.length) === text;
}
