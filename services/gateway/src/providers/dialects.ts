import type { ProviderKind } from "../domain/route.ts";
import { anthropic } from "./anthropic/dialect.ts";
import { cohere } from "./cohere/dialect.ts";
import type { Dialect } from "./dialect.ts";
import { gemini } from "./gemini/dialect.ts";
import { azure, openai } from "./openai/dialect.ts";

const DIALECTS: Readonly<Record<ProviderKind, Dialect>> = { openai, azure, anthropic, gemini, cohere };

/** How to speak to a provider. */
export function dialectOf({ kind }: { readonly kind: ProviderKind }): Dialect {
  return DIALECTS[kind];
}
