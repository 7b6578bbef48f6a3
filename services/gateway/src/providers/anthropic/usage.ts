import type { TokenUsage } from "@alfred/contracts";
import { type Json, countOf, objectOf, unknownFields } from "../loose-json.ts";

/** Fields that have a place in OpenAI's terms. */
const MAPPED = new Set([
  "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation", "output_tokens_details", "service_tier",
]);

const OF_ANSWER = new Set(["thinking_tokens"]);
const OF_CACHE = new Set(["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"]);

/**
 * Usage in OpenAI's terms. What was read from the cache and written to it stands beside `input_tokens` here and within
 * `prompt_tokens` there; what was written is told in `cache_write_tokens` of the prompt's details, and of that how much for
 * five minutes and how much for an hour, which costs more. Thoughts are within the answer's tokens on both sides.
 * Undefined where either side is not told, so that an unknown count is never taken for none.
 *
 * Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching, "Tracking cache performance"
 */
export function toTokenUsage(usage: Json): TokenUsage | undefined {
  const ofPrompt = toPromptUsage(usage);
  const completionTokens = countOf(usage["output_tokens"]);
  if (ofPrompt === undefined || completionTokens === undefined) return undefined;
  const answer = objectOf(usage["output_tokens_details"]);
  const reasoningTokens = countOf(answer["thinking_tokens"]);
  return {
    ...ofPrompt,
    completionTokens,
    totalTokens: ofPrompt.promptTokens + completionTokens,
    completionTokensDetails: reasoningTokens === undefined ? undefined : { reasoningTokens, extra: unknownFields(answer, OF_ANSWER) },
    extra: unknownFields(usage, MAPPED),
  };
}

/**
 * The prompt's side of it, as a stream tells it at its beginning. Nothing is said of the answer, so that it counts only where
 * the answer breaks off. Undefined where it is not told.
 */
export function toPromptUsage(usage: Json): TokenUsage | undefined {
  const input = countOf(usage["input_tokens"]);
  if (input === undefined) return undefined;
  const cache = cacheOf(usage);
  const promptTokens = input + (cache.read ?? 0n) + (cache.written ?? 0n);
  return {
    promptTokens,
    completionTokens: undefined,
    totalTokens: promptTokens,
    promptTokensDetails: cache.read === undefined && cache.written === undefined ? undefined : { cachedTokens: cache.read, extra: { ...cache.extra, ...writtenExtra(cache) } },
    completionTokensDetails: undefined,
    extra: {},
  };
}

/** The tier that an answer was processed in, by OpenAI's names where it has one. */
export function tierOf(usage: Json): string | undefined {
  const tier = usage["service_tier"];
  if (typeof tier !== "string") return undefined;
  return tier === "standard" ? "default" : tier;
}

interface CacheTokens {
  readonly read: bigint | undefined;
  readonly written: bigint | undefined;
  readonly fiveMinutes: bigint | undefined;
  readonly hour: bigint | undefined;
  /** What else is told of what was written. */
  readonly extra: Record<string, string>;
}

function cacheOf(usage: Json): CacheTokens {
  const parts = objectOf(usage["cache_creation"]);
  const fiveMinutes = countOf(parts["ephemeral_5m_input_tokens"]);
  const hour = countOf(parts["ephemeral_1h_input_tokens"]);
  const sum = fiveMinutes === undefined && hour === undefined ? undefined : (fiveMinutes ?? 0n) + (hour ?? 0n);
  return { read: countOf(usage["cache_read_input_tokens"]), written: countOf(usage["cache_creation_input_tokens"]) ?? sum, fiveMinutes, hour, extra: unknownFields(parts, OF_CACHE) };
}

function writtenExtra({ written, fiveMinutes, hour }: CacheTokens): Record<string, string> {
  const named = { cache_write_tokens: written, cache_write_5m_tokens: fiveMinutes, cache_write_1h_tokens: hour };
  return Object.fromEntries(Object.entries(named).flatMap(([name, tokens]) => (tokens === undefined ? [] : [[name, String(tokens)]])));
}
