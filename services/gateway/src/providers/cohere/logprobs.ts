import { listOf, objectOf, textOf, type Json } from "../loose-json.ts";

/**
 * Cohere's pieces of text with their tokens' log probabilities as OpenAI's `logprobs`, in raw JSON: a piece of several
 * tokens is as probable as all of them together. Undefined where there are none.
 *
 * Source: https://docs.cohere.com/reference/chat
 */
export function readLogprobs(json: unknown): string | undefined {
  const content = (Array.isArray(json) ? json : [json]).flatMap(toToken);
  return content.length === 0 ? undefined : JSON.stringify({ content, refusal: null });
}

function toToken(piece: unknown): Json[] {
  const { text, logprobs }: Json = objectOf(piece);
  const token = textOf(text);
  if (token === undefined) return [];
  const each = listOf(logprobs).filter((value): value is number => typeof value === "number");
  const logprob = each.reduce((sum, value) => sum + value, 0);
  return [{ token, logprob, bytes: [...Buffer.from(token)], top_logprobs: [] }];
}
