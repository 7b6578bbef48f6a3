import type { ProviderKind, Upstream } from "../domain/route.ts";
import { anthropic } from "./anthropic/dialect.ts";
import { cohere } from "./cohere/dialect.ts";
import type { Dialect, ResponsesDialect } from "./dialect.ts";
import { gemini } from "./gemini/dialect.ts";
import { AZURE_UNVERSIONED, azure, openai, unknown, variants } from "./openai/dialect.ts";

const DIALECTS: Readonly<Record<ProviderKind, Dialect>> = { ...variants, openai, azure, anthropic, gemini, cohere };

/** How to speak to a provider: by its kind. What is like OpenAI, and serves others' models, may have a place for any label. */
export function dialectOf({ kind, priceBook = kind }: Pick<Upstream, "kind"> & Partial<Upstream>): Dialect {
  return kind === "openai" && priceBook !== "openai" ? unknown : DIALECTS[kind];
}

/**
 * How to ask a provider for Responses as they are: OpenAI's own, and Azure where its address is the one that has them. Many
 * that speak like OpenAI speak no more of it than chats.
 */
export function responsesOf(upstream: Upstream): ResponsesDialect | undefined {
  const { kind, priceBook, baseUrl } = upstream;
  const hasResponses = kind === "azure" ? AZURE_UNVERSIONED.test(baseUrl) : kind === "openai" && priceBook === "openai";
  return hasResponses ? dialectOf(upstream).responses : undefined;
}
