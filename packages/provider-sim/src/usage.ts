import type { Behaviour } from "./behaviour.ts";
import type { ChatAsk } from "./chat-ask.ts";

/**
 * What one chat consumed, in tokens. `completion` includes `reasoning`, `prompt` includes `cached` and `cacheWritten`;
 * a dialect takes them apart where its provider does.
 */
export interface ChatUsage {
  readonly prompt: number;
  readonly cached: number;
  readonly cacheWritten: number;
  readonly completion: number;
  readonly reasoning: number;
}

const NOTHING: ChatUsage = { prompt: 0, cached: 0, cacheWritten: 0, completion: 0, reasoning: 0 };

/** Usage of a request whose choices took `completion` tokens, `reasoning` of them unseen. */
export function chatUsage(ask: ChatAsk, behaviour: Behaviour, completion: number, reasoning: number): ChatUsage {
  if (behaviour.usageZero) return NOTHING;
  const prompt = ask.promptTokens;
  const cached = Math.min(behaviour.cachedTokens ?? 0, prompt);
  const cacheWritten = Math.min(behaviour.cacheWriteTokens ?? 0, prompt - cached);
  return { prompt, cached, cacheWritten, completion, reasoning };
}
