import type { TokenUsage } from "@alfred/contracts";
import { countOf, listOf, objectOf, textOf, unknownFields, type Json } from "../loose-json.ts";

const KNOWN = new Set([
  "promptTokenCount", "toolUsePromptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "totalTokenCount",
  "cachedContentTokenCount", "promptTokensDetails", "cacheTokensDetails", "candidatesTokensDetails",
  "toolUsePromptTokensDetails",
]);

/**
 * Gemini's `usageMetadata` in OpenAI's terms: thoughts count as generated, what its own tools read as prompt. Undefined
 * where it counts nothing.
 *
 * Source: https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function readUsage(json: unknown): TokenUsage | undefined {
  const usage = objectOf(json);
  const count = (name: string): bigint | undefined => countOf(usage[name]);
  const counted = [...KNOWN].some((name) => count(name) !== undefined);
  if (!counted) return undefined;
  const promptTokens = (count("promptTokenCount") ?? 0n) + (count("toolUsePromptTokenCount") ?? 0n);
  const completionTokens = (count("candidatesTokenCount") ?? 0n) + (count("thoughtsTokenCount") ?? 0n);
  const cached = byModality(usage["cacheTokensDetails"]);
  const read = byModality(usage["promptTokensDetails"], usage["toolUsePromptTokensDetails"]);
  const { audio: promptAudio, extra: promptExtra } = split(less(read, cached));
  const { audio, extra } = split(byModality(usage["candidatesTokensDetails"]));
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    promptTokensDetails: { cachedTokens: count("cachedContentTokenCount") ?? 0n, audioTokens: promptAudio, extra: promptExtra },
    completionTokensDetails: { reasoningTokens: count("thoughtsTokenCount") ?? 0n, audioTokens: audio, extra },
    extra: unknownFields(usage, KNOWN),
  };
}

type Modalities = ReadonlyMap<string, bigint>;

function byModality(...details: readonly unknown[]): Modalities {
  const counts = new Map<string, bigint>();
  for (const entry of details.flatMap(listOf)) {
    const { modality, tokenCount }: Json = objectOf(entry);
    const name = textOf(modality)?.toLowerCase();
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0n) + (countOf(tokenCount) ?? 0n));
  }
  return counts;
}

/** What was cached is charged as such, of whatever kind it is, so that it is not of that kind as well. */
function less(all: Modalities, cached: Modalities): Modalities {
  const rest = [...all].map(([name, count]) => [name, count - (cached.get(name) ?? 0n)] as const);
  return new Map(rest.map(([name, count]) => [name, count > 0n ? count : 0n]));
}

/** Sound has a field of its own, images a name that is charged by; the others are told. */
function split(counts: Modalities): { audio: bigint | undefined; extra: Record<string, string> } {
  const others = [...counts].filter(([name]) => name !== "audio");
  const extra = Object.fromEntries(others.map(([name, count]) => [`${name}_tokens`, count.toString()]));
  return { audio: counts.get("audio"), extra };
}
