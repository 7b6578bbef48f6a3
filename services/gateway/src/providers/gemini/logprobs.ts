import { listOf, objectOf, textOf, type Json } from "../loose-json.ts";

/**
 * Gemini's `logprobsResult` as OpenAI's `logprobs`, in raw JSON; undefined where there is none.
 *
 * Source: https://ai.google.dev/api/generate-content#LogprobsResult
 */
export function readLogprobs(json: unknown): string | undefined {
  const result = objectOf(json);
  const chosen = listOf(result["chosenCandidates"]);
  if (chosen.length === 0) return undefined;
  const steps = listOf(result["topCandidates"]);
  const content = chosen.map((candidate, index) => {
    const alternatives = listOf(objectOf(steps[index])["candidates"]);
    return Object.assign(toToken(candidate), { top_logprobs: alternatives.map(toToken) });
  });
  return JSON.stringify({ content, refusal: null });
}

function toToken(candidate: unknown): Json {
  const { token, logProbability }: Json = objectOf(candidate);
  const text = textOf(token) ?? "";
  return { token: text, logprob: typeof logProbability === "number" ? logProbability : 0, bytes: [...Buffer.from(text)] };
}
