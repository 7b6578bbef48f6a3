/** The configuration between the wire and the domain. */
import { ConfigSource as WireSource, ProviderKind as WireProviderKind } from "@alfred/contracts";
import type { Alias as WireAlias, Deployment as WireDeployment, Provider as WireProvider } from "@alfred/contracts";

import type { Alias } from "../domain/alias.ts";
import type { ConfigSource, Deployment, Provider, ProviderKind } from "../domain/provider.ts";
import { invalid } from "../domain/refusal.ts";

const PROVIDER_KINDS: Readonly<Record<ProviderKind, WireProviderKind>> = {
  openai: WireProviderKind.PROVIDER_KIND_OPENAI,
  azure: WireProviderKind.PROVIDER_KIND_AZURE,
  anthropic: WireProviderKind.PROVIDER_KIND_ANTHROPIC,
  gemini: WireProviderKind.PROVIDER_KIND_GEMINI,
  cohere: WireProviderKind.PROVIDER_KIND_COHERE,
  mistral: WireProviderKind.PROVIDER_KIND_MISTRAL,
  deepseek: WireProviderKind.PROVIDER_KIND_DEEPSEEK,
  groq: WireProviderKind.PROVIDER_KIND_GROQ,
  together: WireProviderKind.PROVIDER_KIND_TOGETHER,
  perplexity: WireProviderKind.PROVIDER_KIND_PERPLEXITY,
  lambda: WireProviderKind.PROVIDER_KIND_LAMBDA,
  ollama: WireProviderKind.PROVIDER_KIND_OLLAMA,
};
const SOURCES: Readonly<Record<ConfigSource, WireSource>> = {
  api: WireSource.CONFIG_SOURCE_API,
  file: WireSource.CONFIG_SOURCE_FILE,
  environment: WireSource.CONFIG_SOURCE_ENVIRONMENT,
};

/** Reads what a provider speaks. Errors: INVALID_ARGUMENT for a kind that is not known. */
export function readProviderKind(kind: WireProviderKind): ProviderKind {
  const known = (Object.keys(PROVIDER_KINDS) as ProviderKind[]).find((name) => PROVIDER_KINDS[name] === kind);
  if (known !== undefined) return known;
  const kinds = Object.keys(PROVIDER_KINDS).map((each) => `PROVIDER_KIND_${each.toUpperCase()}`);
  throw invalid("kind", "not a kind of provider", `Use one of ${kinds.join(", ")}.`);
}

/** Writes a provider without its secret. */
export function writeProvider(provider: Provider): WireProvider {
  return { ...provider, kind: PROVIDER_KINDS[provider.kind], source: SOURCES[provider.source] };
}

/** Writes a deployment. */
export function writeDeployment(deployment: Deployment): WireDeployment {
  return { ...deployment, source: SOURCES[deployment.source] };
}

/** Writes an alias. */
export function writeAlias(alias: Alias): WireAlias {
  return { ...alias, source: SOURCES[alias.source] };
}
