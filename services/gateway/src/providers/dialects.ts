import type { ProviderKind, Upstream } from "../domain/route.ts";
import { anthropic } from "./anthropic/dialect.ts";
import { cohere } from "./cohere/dialect.ts";
import type { Dialect } from "./dialect.ts";
import { gemini } from "./gemini/dialect.ts";
import { azure, openai, variants } from "./openai/dialect.ts";

const DIALECTS: Readonly<Record<ProviderKind, Dialect>> = { openai, azure, anthropic, gemini, cohere };

/** How to speak to a provider. */
export function dialectOf({ kind, priceBook }: Pick<Upstream, "kind" | "priceBook">): Dialect {
  const variant = kind === "openai" ? variants.get(priceBook) : undefined;
  return variant ?? DIALECTS[kind];
}
