import type { Model } from "@alfred/contracts";

/** Whether a client speaks Anthropic's API: its own clients say so with every request. */
export function speaksAnthropic({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): boolean {
  return headers["anthropic-version"] !== undefined;
}

/** A model as Anthropic's API shows it. Source: https://platform.claude.com/docs/en/api/models-list */
export function anthropicModel({ id, created, contextWindow, maxOutputTokens }: Model): Record<string, unknown> {
  return {
    type: "model",
    id,
    display_name: id,
    // The beginning of the epoch where it is not known, as that API does.
    created_at: new Date(Number(created) * 1000).toISOString(),
    lifecycle: "active",
    max_input_tokens: contextWindow === undefined ? null : Number(contextWindow),
    max_tokens: maxOutputTokens === undefined ? null : Number(maxOutputTokens),
  };
}

/** All of them on one page, whatever length was asked for. */
export function anthropicModels(models: readonly Model[]): Record<string, unknown> {
  return { data: models.map(anthropicModel), has_more: false, first_id: models[0]?.id ?? null, last_id: models.at(-1)?.id ?? null };
}
