import type { ChatUsage } from "../../usage.ts";

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
