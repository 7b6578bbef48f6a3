import { CompletionTokensDetails, type MediaUsage, PromptTokensDetails, type TokenUsage, type Transcription } from "@alfred/contracts";

const SECONDS = "input_audio_seconds";
/** Longer than any file that can be sent. */
const MOST_SECONDS = 1_000_000;

/** What is generated. */
export type MediaKind = "image" | "audio" | "text";

/**
 * What images or sound took in OpenAI's terms of chats, by which it is counted; undefined where it tells neither tokens nor seconds. What was
 * generated is all of that kind where it is not said to be anything else.
 */
export function tokenUsageOf(usage: MediaUsage, of: MediaKind = "image"): TokenUsage | undefined {
  const { inputTokens, outputTokens, totalTokens, inputTokensDetails, inputTokenDetails = inputTokensDetails, outputTokensDetails, seconds } = usage;
  if (seconds !== undefined) return heardSeconds(seconds);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const made = outputTokensDetails?.imageTokens ?? outputTokens - (outputTokensDetails?.textTokens ?? 0n);
  return {
    promptTokens: inputTokens,
    completionTokens: outputTokens,
    totalTokens: totalTokens ?? inputTokens + outputTokens,
    promptTokensDetails: PromptTokensDetails.create({ audioTokens: inputTokenDetails?.audioTokens, extra: { image_tokens: String(inputTokenDetails?.imageTokens ?? 0n) } }),
    completionTokensDetails: detailsOf(made, of),
    extra: {},
  };
}

function detailsOf(made: bigint, of: MediaKind): CompletionTokensDetails {
  if (of === "text") return CompletionTokensDetails.create();
  return CompletionTokensDetails.create(of === "image" ? { extra: { image_tokens: String(made) } } : { audioTokens: made });
}

/** The meter of seconds by its own name, and no word of tokens: where those are priced it is no report. */
function heardSeconds(seconds: number, leastS = 0): TokenUsage | undefined {
  if (!(seconds >= 0 && seconds <= MOST_SECONDS)) return undefined;
  return { promptTokens: 0n, completionTokens: undefined, totalTokens: 0n, promptTokensDetails: undefined, completionTokensDetails: undefined, extra: { [SECONDS]: String(Math.ceil(Math.max(seconds, leastS))) } };
}

/**
 * What a transcription took: as it says itself, else as long as the sound is said to be.
 * @param leastS seconds that are billed in any case
 */
export function heardUsage({ usage, duration }: Pick<Transcription, "usage" | "duration">, leastS: number): TokenUsage | undefined {
  const seconds = usage === undefined ? duration : usage.seconds;
  return seconds === undefined ? usage && tokenUsageOf(usage, "text") : heardSeconds(seconds, leastS);
}
