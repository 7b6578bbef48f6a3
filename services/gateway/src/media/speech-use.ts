import type { MeterQuantity, ModelPrice, SpeechRequest } from "@alfred/contracts";
import { fail } from "@alfred/errors";

/** The meter of those that are priced by what they say. */
const CHARACTERS = "input_characters";

/**
 * Tokens of a second of sound: OpenAI says that a minute costs 1.5 cents at 12 dollars a million.
 * Source: https://platform.openai.com/docs/pricing#transcription-and-speech-generation
 */
const TOKENS_PER_SECOND = 1_250 / 60;
/** A character said slowly, as a digit of a long number; and what is usual. In seconds, at the usual speed. */
const SLOWEST_S = 0.5;
const USUAL_S = 1 / 15;
/** Silence before and after, in seconds. */
const PAUSE_S = 3;

/** The characters said, where the model is priced by them; undefined where it is priced by tokens. */
export function charactersUsed({ input }: SpeechRequest, { meters }: Pick<ModelPrice, "meters">): MeterQuantity | undefined {
  return meters.some(({ meter }) => meter === CHARACTERS) ? { meter: CHARACTERS, quantity: BigInt(charactersOf(input)) } : undefined;
}

/** The tokens of the sound, as many as it takes at most by all that is usual, and as many as it likely takes. @throws AlfredError INVALID_ARGUMENT */
export function speechTokens({ input, speed = 1 }: SpeechRequest): { readonly most: bigint; readonly likely: bigint } {
  if (!(speed >= 0.25 && speed <= 4)) throw fail("INVALID_ARGUMENT", "`speed` must be a number from 0.25 to 4.", { metadata: { field: "speed" } });
  const tokens = (perCharacterS: number): bigint => BigInt(Math.ceil(((PAUSE_S + charactersOf(input) * perCharacterS) * TOKENS_PER_SECOND) / speed));
  return { most: tokens(SLOWEST_S), likely: tokens(USUAL_S) };
}

/** Code points, which is what a reader takes for characters. */
function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
