import type { ChatUsage } from "../../usage.ts";
import type { PromptTokens } from "./prompt.ts";

/**
 * `usageMetadata`: thoughts stand beside what was said, and counts of nothing are left out, unless all of them are.
 * Source: https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function usageObject({ prompt, cached, completion, reasoning }: ChatUsage, byModality: PromptTokens): object {
  const said = completion - reasoning;
  const total = prompt + completion;
  if (total === 0) return { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 };
  return {
    promptTokenCount: prompt,
    ...(said === 0 ? {} : { candidatesTokenCount: said }),
    totalTokenCount: total,
    ...(cached === 0 ? {} : { cachedContentTokenCount: cached }),
    promptTokensDetails: [...byModality].map(([modality, tokenCount]) => ({ modality, tokenCount })),
    ...(cached === 0 ? {} : { cacheTokensDetails: [{ modality: "TEXT", tokenCount: cached }] }),
    ...(reasoning === 0 ? {} : { thoughtsTokenCount: reasoning }),
  };
}
