import { CompletionTokensDetails, type MediaUsage, PromptTokensDetails, type TokenUsage } from "@alfred/contracts";

/** What is generated. */
export type MediaKind = "image" | "audio";

/**
 * What images or sound took in OpenAI's terms of chats, by which it is counted; undefined where it tells no tokens. What was
 * generated is all of that kind where it is not said to be anything else.
 */
export function tokenUsageOf({ inputTokens, outputTokens, totalTokens, inputTokensDetails, outputTokensDetails }: MediaUsage, of: MediaKind = "image"): TokenUsage | undefined {
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const made = outputTokensDetails?.imageTokens ?? outputTokens - (outputTokensDetails?.textTokens ?? 0n);
  return {
    promptTokens: inputTokens,
    completionTokens: outputTokens,
    totalTokens: totalTokens ?? inputTokens + outputTokens,
    promptTokensDetails: PromptTokensDetails.create({ extra: { image_tokens: String(inputTokensDetails?.imageTokens ?? 0n) } }),
    completionTokensDetails: CompletionTokensDetails.create(of === "image" ? { extra: { image_tokens: String(made) } } : { audioTokens: made }),
    extra: {},
  };
}
