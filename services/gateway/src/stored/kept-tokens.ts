import type { ModelPrice } from "@alfred/contracts";
import { type Bound, UNKNOWN_CONTEXT_TOKENS } from "../domain/worst-case.ts";
import type { Route } from "../domain/route.ts";
import { isModel } from "./model-mark.ts";

/** What a template adds where an answer becomes part of a prompt; it is not documented, so this is a guess on the safe side. */
const TEMPLATE_TOKENS = 256n;

/** What a request goes on from, as far as its bound depends on it. */
export interface Kept {
  /** In tokens of the model that gave it, at most; undefined where that is not known. */
  readonly tokens: bigint | undefined;
  /** That model as the provider names it, or its mark. */
  readonly model: string;
}

/**
 * The bound of a request that goes on from what its provider keeps, which is read again and billed as prompt: all that stood in
 * it, prompt and answer, as they were counted then, and at most the model's context. Another model counts otherwise, so of it
 * that is the whole context.
 */
export function withKept(bound: Bound, kept: readonly Kept[], route: Route, { contextWindow }: Pick<ModelPrice, "contextWindow">): Bound {
  if (kept.length === 0) return bound;
  const context = contextWindow ?? UNKNOWN_CONTEXT_TOKENS;
  const own = bound.usage.inputTokens;
  const sum = kept.reduce((tokens, each) => tokens + tokensOf(each, route, context), 0n);
  const room = context > own ? context - own : 0n;
  const keptTokens = sum < room ? sum : room;
  return {
    ...bound,
    usage: { ...bound.usage, inputTokens: own + keptTokens },
    mediaTokens: bound.mediaTokens + Number(keptTokens),
    keptTokens,
  };
}

function tokensOf({ tokens, model }: Kept, route: Route, context: bigint): bigint {
  return tokens === undefined || !isModel(model, route.model) ? context : tokens + TEMPLATE_TOKENS;
}
