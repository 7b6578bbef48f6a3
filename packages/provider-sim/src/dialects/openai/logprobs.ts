import { alternativeOf, logprobOf } from "../../logprob.ts";

function entry(token: string, rank: number): { token: string; logprob: number; bytes: number[] } {
  return { token, logprob: logprobOf(token, rank), bytes: [...Buffer.from(token)] };
}

function entryWithTop(token: string, top: number): object {
  const alternatives = Array.from({ length: top }, (_, rank) => {
    const alternative = entry(alternativeOf(token, rank), rank);
    return rank === 0 ? alternative : { ...alternative, logprob: logprobOf(token, rank) };
  });
  return { ...entry(token, 0), top_logprobs: alternatives };
}

/** The `logprobs` object of a choice or of a frame: an entry for each token, with `top` alternatives, made up but always the same. */
export function logprobsFor(kind: "content" | "refusal", tokens: readonly string[], top: number): object {
  const entries = tokens.map((token) => entryWithTop(token, top));
  return kind === "content" ? { content: entries, refusal: null } : { content: null, refusal: entries };
}
