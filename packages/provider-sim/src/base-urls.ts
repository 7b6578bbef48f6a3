/** Where each provider's API stands below a simulator, as the base URL that a provider is configured with. */
const PATHS = {
  openai: "/v1",
  azure: "/azure",
  anthropic: "/anthropic",
  gemini: "/gemini/v1beta",
  cohere: "/cohere/v2",
  mistral: "/mistral/v1",
  deepseek: "/deepseek/v1",
  groq: "/groq/openai/v1",
  together: "/together/v1",
  perplexity: "/perplexity",
  lambda: "/lambda/v1",
  ollama: "/ollama/v1",
} as const;

/** A provider that the simulator speaks as, by the id that it has in the directory. */
export type SimProviderId = keyof typeof PATHS;

/** The providers that the simulator speaks as. */
export const SIM_PROVIDER_IDS = Object.keys(PATHS) as readonly SimProviderId[];

/** The base URL of each provider below a simulator; `origin` is what `listen` gave, as in `http://127.0.0.1:40123`. */
export function simBaseUrls(origin: string): Readonly<Record<SimProviderId, string>> {
  const urls = Object.entries(PATHS).map(([id, path]) => [id, `${origin}${path}`]);
  return Object.fromEntries(urls) as Record<SimProviderId, string>;
}
