import { alternativeOf, logprobOf } from "../../logprob.ts";
import { hashText } from "../../random.ts";

function candidate(token: string, rank: number): object {
  const alternative = alternativeOf(token, rank);
  return { token: alternative, tokenId: hashText(alternative) >>> 8, logProbability: logprobOf(token, rank) };
}

/** `logprobsResult` of these tokens, with `top` alternatives each. Source: https://ai.google.dev/api/generate-content#LogprobsResult */
export function logprobsResult(tokens: readonly string[], top: number): object {
  const chosenCandidates = tokens.map((token) => candidate(token, 0));
  if (top === 0) return { chosenCandidates };
  const ranks = Array.from({ length: top }, (_, rank) => rank);
  return { topCandidates: tokens.map((token) => ({ candidates: ranks.map((rank) => candidate(token, rank)) })), chosenCandidates };
}

export function averageLogprob(tokens: readonly string[]): number {
  return tokens.length === 0 ? 0 : tokens.reduce((sum, token) => sum + logprobOf(token, 0), 0) / tokens.length;
}
