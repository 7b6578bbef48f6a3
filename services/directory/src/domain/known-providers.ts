/** The providers that the usual environment variables switch on. */
import type { ProviderKind } from "./provider.ts";

/** A provider as the environment names it. */
export interface KnownProvider {
  readonly id: string;
  readonly kind: ProviderKind;
  /** The provider in the price book whose models it serves; without one there its prices are overrides under this name. */
  readonly priceBook: string;
  /** The variable of its key. */
  readonly key: string;
  /** The variables that say where its API is, the first that is set counting; each takes an address as its kind has it. */
  readonly addresses: readonly string[];
  /** Where its API is unless told otherwise; undefined where that is different for everybody. */
  readonly baseUrl: string | undefined;
  /** The variables of the version of its API, the first that is set counting. */
  readonly versions?: readonly string[];
  /** Whether an address alone switches it on, since it may stand somewhere that asks for no key. */
  readonly needsNoKey?: true;
}

/** The variable of a machine that Ollama runs on, with or without scheme and port. */
export const OLLAMA_HOST = "OLLAMA_HOST";

/**
 * Addresses from the providers' documentation: https://platform.openai.com/docs/api-reference,
 * https://platform.claude.com/docs/en/api/overview, https://learn.microsoft.com/azure/ai-services/openai/reference,
 * https://ai.google.dev/api, https://docs.cohere.com/reference/about, https://docs.mistral.ai/api,
 * https://api-docs.deepseek.com, https://console.groq.com/docs/openai, https://docs.together.ai/docs/openai-api-compatibility,
 * https://docs.perplexity.ai/api-reference, https://docs.lambda.ai/public-cloud/lambda-inference-api,
 * https://docs.ollama.com/api/openai-compatibility
 */
export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  { ...named("openai", "OPENAI"), baseUrl: "https://api.openai.com/v1", needsNoKey: true },
  { ...named("anthropic", "ANTHROPIC"), baseUrl: "https://api.anthropic.com" },
  {
    ...named("azure", "AZURE_OPENAI"),
    addresses: ["AZURE_OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT"],
    versions: ["AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION"],
    baseUrl: undefined,
  },
  {
    ...named("gemini", "GEMINI"),
    priceBook: "google",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  },
  { ...named("cohere", "COHERE"), baseUrl: "https://api.cohere.com/v2" },
  { ...named("mistral", "MISTRAL"), baseUrl: "https://api.mistral.ai/v1" },
  { ...named("deepseek", "DEEPSEEK"), baseUrl: "https://api.deepseek.com/v1" },
  { ...named("groq", "GROQ"), baseUrl: "https://api.groq.com/openai/v1" },
  { ...named("together", "TOGETHER"), baseUrl: "https://api.together.xyz/v1" },
  { ...named("perplexity", "PERPLEXITY"), baseUrl: "https://api.perplexity.ai" },
  { ...named("lambda", "LAMBDA"), baseUrl: "https://api.lambda.ai/v1" },
  {
    ...named("ollama", "OLLAMA"),
    addresses: ["OLLAMA_BASE_URL", OLLAMA_HOST],
    baseUrl: "http://127.0.0.1:11434/v1",
    needsNoKey: true,
  },
];

/** The variables any of which switches a provider on; a file may give any of them. */
export const providerVariables: readonly string[] = [
  "ALFRED_CONFIG_FILE",
  ...KNOWN_PROVIDERS.map(({ key }) => key),
  ...KNOWN_PROVIDERS.filter(({ needsNoKey }) => needsNoKey).flatMap(({ addresses }) => addresses),
];

function named(kind: ProviderKind, prefix: string): Omit<KnownProvider, "baseUrl"> {
  return { id: kind, kind, priceBook: kind, key: `${prefix}_API_KEY`, addresses: [`${prefix}_BASE_URL`] };
}
