import type { MessageUsage, TokenUsage } from "@alfred/contracts";
import { parseJson } from "@alfred/openai";

/**
 * Usage in Anthropic's terms, where what was read from a cache and what was written to one stand beside `input_tokens`,
 * and not within.
 *
 * Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching, "Tracking cache performance"
 */
export function toMessageUsage({ promptTokens, completionTokens, promptTokensDetails: details }: TokenUsage): MessageUsage {
  const read = details?.cachedTokens;
  const written = countIn(details?.extra["cache_write_tokens"]);
  const rest = promptTokens - (read ?? 0n) - (written ?? 0n);
  return {
    inputTokens: rest > 0n ? rest : 0n,
    outputTokens: completionTokens ?? 0n,
    cacheReadInputTokens: read,
    cacheCreationInputTokens: written,
    extra: {},
  };
}

function countIn(raw: string | undefined): bigint | undefined {
  const count = raw === undefined ? undefined : parseJson(raw);
  return typeof count === "number" && Number.isSafeInteger(count) ? BigInt(count) : undefined;
}
