import type { ChatRequest, ModelPrice } from "@alfred/contracts";
import type { Route, Upstream } from "../domain/route.ts";
import type { Dialect } from "../providers/dialect.ts";

/** The fields of the limit, the older one first. */
const LIMITS = ["maxTokens", "maxCompletionTokens"] as const;

/**
 * The chat with its answer cut to `limitTokens`, under the names that the client used, else under the one that the provider
 * is known for. Without that a chat that names no limit gets one only where its provider takes none without: the longest
 * answer of the model, for which money is held.
 */
export function limitAnswer(chat: ChatRequest, { upstream, model }: Route, dialect: Dialect, price: ModelPrice, limitTokens?: bigint): ChatRequest {
  const used = LIMITS.filter((field) => chat[field] !== undefined);
  const longest = used.length === 0 ? dialect.answerLimit?.(model) : undefined;
  const limit = limitTokens ?? (longest === undefined ? undefined : (price.maxOutputTokens ?? longest));
  if (limit === undefined) return chat;
  const fields = used.length > 0 ? used : [limitField(upstream)];
  const limited = { ...chat };
  for (const field of fields) limited[field] = Math.min(Number(limit), chat[field] ?? Number(limit));
  return limited;
}

/** The limit's name at a provider: many that speak like OpenAI know only the older one. */
export function limitField({ kind, priceBook }: Upstream): (typeof LIMITS)[number] {
  return kind !== "openai" || priceBook === "openai" ? "maxCompletionTokens" : "maxTokens";
}
