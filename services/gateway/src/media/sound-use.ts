import type { MediaFile, MeterQuantity, ModelPrice } from "@alfred/contracts";
import { soundSeconds } from "./length/sound-length.ts";

/** The meter of those that are priced by the length of what they hear; a price may have it for what is said, too. */
const SECONDS = "input_audio_seconds";
const BOTH_WAYS = "audio_seconds";

/** Where a file does not say how long it is: the lowest rate that Opus documents, six kilobits a second. Source: RFC 6716, section 2 */
const LEAST_BYTES_PER_SECOND = 750;
/** A second that is begun may be billed whole, and what decodes a file may hear a little more than that says. */
const BEYOND_S = 1;
/**
 * Tokens of a second that is heard: one for each tenth; twice that is held. Source: https://platform.openai.com/docs/guides/realtime-costs
 */
const [HEARD_TOKENS, MOST_HEARD_TOKENS] = [10, 20];
/** Tokens of what is said in a second: people say two or three words, and some languages take several tokens for one. Nothing of it is documented. */
const [WRITTEN_TOKENS, MOST_WRITTEN_TOKENS] = [4, 20];
/** What is written of silence, in tokens. */
const LEAST_WRITTEN_TOKENS = 256;

/** How long a file is, in whole seconds. */
interface SoundUse {
  /** As it is taken to be where nobody says. */
  readonly likelyS: number;
  readonly mostS: number;
}

/** A file of sound. How long it plays is looked for once, however often it is planned: that goes through all of it. */
export class Sound {
  readonly file: MediaFile;
  #found: { readonly seconds: number } | undefined;

  constructor(file: MediaFile) {
    this.file = file;
  }

  /** How long it plays, else at most, in seconds. */
  get seconds(): number {
    const { content } = this.file;
    return (this.#found ??= { seconds: soundSeconds(content) ?? content.length / LEAST_BYTES_PER_SECOND }).seconds;
  }
}

/**
 * How long what a model hears is, begun seconds whole.
 * @param besideS what it hears besides
 * @param leastS what its provider bills at least
 */
export function soundUse({ seconds }: Sound, besideS: number, leastS: number): SoundUse {
  const likelyS = Math.max(leastS, Math.ceil(seconds + besideS));
  return { likelyS, mostS: likelyS + BEYOND_S };
}

/** Seconds as a quantity, where the model is priced by them; undefined where it is priced by tokens. */
export function secondsUsed(seconds: number, { meters }: Pick<ModelPrice, "meters">): MeterQuantity | undefined {
  const isPriced = meters.some(({ meter }) => meter === SECONDS || meter === BOTH_WAYS);
  return isPriced ? { meter: SECONDS, quantity: BigInt(Math.ceil(seconds)) } : undefined;
}

/** The tokens of what is heard and of what is written, at most as far as is known, and as likely. */
export function soundTokens({ likelyS, mostS }: SoundUse): { readonly mostHeard: bigint; readonly mostWritten: bigint; readonly likelyHeard: bigint; readonly likelyWritten: bigint } {
  return {
    mostHeard: BigInt(mostS * MOST_HEARD_TOKENS),
    mostWritten: BigInt(mostS * MOST_WRITTEN_TOKENS + LEAST_WRITTEN_TOKENS),
    likelyHeard: BigInt(likelyS * HEARD_TOKENS),
    likelyWritten: BigInt(likelyS * WRITTEN_TOKENS),
  };
}
