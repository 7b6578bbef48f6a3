import { expect, test } from "vitest";
import type { ProviderKind } from "../domain/route.ts";
import { limitField } from "./answer-limit.ts";

const fieldOf = (kind: ProviderKind, priceBook: string, model: string) => limitField({ upstream: { id: "p", kind, baseUrl: "https://p.test", secret: "", priceBook }, model });

test.each([
  ["openai", "openai", "whatever", "maxCompletionTokens"], ["openai", "house", "o3-mini", "maxCompletionTokens"], ["openai", "", "ft:gpt-4o:x::y", "maxCompletionTokens"],
  ["openai", "house", "llama-3", "maxTokens"], ["openai", "mistral", "mistral-small", "maxTokens"], ["openai", "", "gpt-oss-20b", "maxTokens"],
  ["groq", "groq", "llama-3", "maxCompletionTokens"], ["azure", "", "our-own", "maxCompletionTokens"], ["mistral", "house", "mistral-small", "maxCompletionTokens"],
] as const)("at %s with the price book %j the model %s is limited by %4$s", (kind, priceBook, model, expected) => expect(fieldOf(kind, priceBook, model)).toBe(expected));
