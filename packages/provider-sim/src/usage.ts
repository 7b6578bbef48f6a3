import type { Behaviour } from "./behaviour.ts";
import type { ChatRequest } from "./chat-request.ts";

/** What one chat consumed, in tokens. `completion` includes `reasoning`, `prompt` includes `cached`, as at OpenAI. */
export interface ChatUsage {
  readonly prompt: number;
  readonly cached: number;
  readonly completion: number;
  readonly reasoning: number;
}

/** Usage of a request whose choices took `completion` tokens, `reasoning` of them unseen. */
export function chatUsage(request: ChatRequest, behaviour: Behaviour, completion: number, reasoning: number): ChatUsage {
  const prompt = request.promptTokens;
  return { prompt, cached: Math.min(behaviour.cachedTokens ?? 0, prompt), completion, reasoning };
}

/** The `usage` object as OpenAI writes it. */
export function usageJson(usage: ChatUsage): string {
  const { prompt, cached, completion, reasoning } = usage;
  return (
    `{"prompt_tokens":${prompt},"completion_tokens":${completion},"total_tokens":${prompt + completion},` +
    `"prompt_tokens_details":{"cached_tokens":${cached},"audio_tokens":0},` +
    `"completion_tokens_details":{"reasoning_tokens":${reasoning},"audio_tokens":0,` +
    `"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`
  );
}
