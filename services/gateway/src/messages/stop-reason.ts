/** OpenAI's reasons in Anthropic's words. Source: https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
const STOP_REASONS: Readonly<Record<string, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  function_call: "tool_use",
  content_filter: "refusal",
};

/**
 * Why an answer stopped; a reason without a counterpart is told as it is. Some providers say that they stopped where they call
 * tools: whoever goes by the reason would not run these.
 */
export function toStopReason(finishReason: string, hasCalls: boolean): string {
  if (finishReason === "stop" && hasCalls) return "tool_use";
  return STOP_REASONS[finishReason] ?? finishReason;
}
