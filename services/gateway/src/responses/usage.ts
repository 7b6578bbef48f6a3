import { type ResponseUsage, TokenUsage } from "@alfred/contracts";

/** Usage in the terms of Responses. Source: https://platform.openai.com/docs/api-reference/responses/object */
export function toResponseUsage({ promptTokens, completionTokens, promptTokensDetails: prompt, completionTokensDetails: answer }: TokenUsage): ResponseUsage {
  const outputTokens = completionTokens ?? 0n;
  const written = prompt?.extra["cache_write_tokens"] ?? "0";
  return {
    inputTokens: promptTokens,
    inputTokensDetails: { cachedTokens: prompt?.cachedTokens ?? 0n, extra: { cache_write_tokens: written } },
    outputTokens,
    outputTokensDetails: { reasoningTokens: answer?.reasoningTokens ?? 0n, extra: {} },
    totalTokens: promptTokens + outputTokens,
    extra: {},
  };
}

/** The same in a chat's terms, as it is priced; undefined without a count of the prompt, which is no report. */
export function fromResponseUsage(usage: ResponseUsage | undefined): TokenUsage | undefined {
  if (usage?.inputTokens === undefined) return undefined;
  const { inputTokens, inputTokensDetails: prompt, outputTokens, outputTokensDetails: answer, totalTokens } = usage;
  return TokenUsage.create({
    promptTokens: inputTokens,
    completionTokens: outputTokens,
    totalTokens: totalTokens ?? inputTokens + (outputTokens ?? 0n),
    promptTokensDetails: prompt && { cachedTokens: prompt.cachedTokens, extra: prompt.extra },
    completionTokensDetails: answer && { reasoningTokens: answer.reasoningTokens, extra: answer.extra },
  });
}
