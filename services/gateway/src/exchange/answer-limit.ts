import type { ChatRequest, ModelPrice } from "@alfred/contracts";
import { makerOf } from "../domain/detect.ts";
import type { Route } from "../domain/route.ts";
import type { Dialect } from "../providers/dialect.ts";

/** The fields of the limit, the older one first. */
const LIMITS = ["maxTokens", "maxCompletionTokens"] as const;

/**
 * The chat with its answer cut to `limitTokens`, under the names that the client used, else under the one that the provider
 * is known for. Without that a chat that names no limit gets one only where its provider takes none without: the longest
 * answer of the model, for which money is held.
 */
export function limitAnswer(chat: ChatRequest, route: Route, dialect: Dialect, price: ModelPrice, limitTokens?: bigint): ChatRequest {
  const used = LIMITS.filter((field) => chat[field] !== undefined);
  const longest = used.length === 0 ? dialect.answerLimit?.(route.model) : undefined;
  const limit = limitTokens ?? (longest === undefined ? undefined : (price.maxOutputTokens ?? longest));
  if (limit === undefined) return chat;
  const fields = used.length > 0 ? used : [limitField(route)];
  const limited = { ...chat };
  for (const field of fields) limited[field] = Math.min(Number(limit), chat[field] ?? Number(limit));
  return limited;
}

/** The chat with this limit and no other, under the name that the provider has for it. */
export function withLimit(chat: ChatRequest, tokens: number | undefined, route: Route): ChatRequest {
  return { ...chat, maxTokens: undefined, [limitField(route)]: tokens };
}

/**
 * The limit's name for a model: some of OpenAI's refuse the older one, and many servers that speak as OpenAI does know no
 * other. Kinds of their own write it as they have it, so to them it is the newer one.
 */
export function limitField({ upstream: { kind, priceBook }, model }: Pick<Route, "upstream" | "model">): (typeof LIMITS)[number] {
  const isOpenAis = priceBook === "openai" || makerOf(model) === "openai";
  return kind !== "openai" || isOpenAis ? "maxCompletionTokens" : "maxTokens";
}
