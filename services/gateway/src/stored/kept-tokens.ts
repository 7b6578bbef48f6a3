import type { ModelPrice } from "@alfred/contracts";
import { type Bound, UNKNOWN_CONTEXT_TOKENS } from "../domain/worst-case.ts";
import type { Route } from "../domain/route.ts";
import type { StoredResponse } from "./id-seal.ts";

/** What a template adds where an answer becomes part of a prompt; it is not documented, so this is a guess on the safe side. */
const TEMPLATE_TOKENS = 256n;

/**
 * The bound of a request that goes on from what its provider keeps, which is read again and billed as prompt: all that stood in
 * it, prompt and answer, as they were counted then, and at most the model's context. Another model counts otherwise, so of it
 * that is the whole context.
 */
export function withKept(bound: Bound, { tokens, model }: StoredResponse, route: Route, { contextWindow }: Pick<ModelPrice, "contextWindow">): Bound {
  const context = contextWindow ?? UNKNOWN_CONTEXT_TOKENS;
  const own = bound.usage.inputTokens;
  const kept = tokens === undefined || model !== route.model ? context : tokens + TEMPLATE_TOKENS;
  const room = context > own ? context - own : 0n;
  const keptTokens = kept < room ? kept : room;
  return {
    ...bound,
    usage: { ...bound.usage, inputTokens: own + keptTokens },
    mediaTokens: bound.mediaTokens + Number(keptTokens),
    keptTokens,
  };
}
