import type { ProviderKind, Upstream } from "../domain/route.ts";
import { anthropic } from "./anthropic/dialect.ts";
import { cohere } from "./cohere/dialect.ts";
import type { Dialect } from "./dialect.ts";
import { gemini } from "./gemini/dialect.ts";
import { azure, openai, unknown, variants } from "./openai/dialect.ts";

const DIALECTS: Readonly<Record<ProviderKind, Dialect>> = { openai, azure, anthropic, gemini, cohere };

/** How to speak to a provider. */
export function dialectOf({ kind, priceBook }: Pick<Upstream, "kind" | "priceBook">): Dialect {
  if (kind !== "openai" || priceBook === "openai") return DIALECTS[kind];
  return variants.get(priceBook) ?? unknown;
}
