import type { ChatUsage } from "../../usage.ts";

/**
 * `usage` as the Messages API tells it: what was read from the cache and written to it stands beside `input_tokens`.
 * Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
export function usageObject({ prompt, cached, cacheWritten, completion, reasoning }: ChatUsage, cachesForHour: boolean): object {
  return {
    input_tokens: prompt - cached - cacheWritten,
    cache_creation_input_tokens: cacheWritten,
    cache_read_input_tokens: cached,
    cache_creation: {
      ephemeral_5m_input_tokens: cachesForHour ? 0 : cacheWritten,
      ephemeral_1h_input_tokens: cachesForHour ? cacheWritten : 0,
    },
    output_tokens: completion,
    output_tokens_details: { thinking_tokens: reasoning },
    server_tool_use: null,
    service_tier: "standard",
    inference_geo: "global",
    speed: null,
  };
}

/** What `message_delta` tells: the counts of the whole answer so far. */
export function deltaUsageObject({ prompt, cached, cacheWritten, completion, reasoning }: ChatUsage): object {
  return {
    input_tokens: prompt - cached - cacheWritten,
    cache_creation_input_tokens: cacheWritten,
    cache_read_input_tokens: cached,
    output_tokens: completion,
    output_tokens_details: { thinking_tokens: reasoning },
    server_tool_use: null,
  };
}
