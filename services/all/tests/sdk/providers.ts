import { simBaseUrls, type SimProviderId } from "@alfred/provider-sim";
import { UPSTREAM_KEY } from "../mesh.ts";

/** A provider as clients of the mesh meet it. */
export interface Provider {
  readonly id: SimProviderId;
  /** The model as clients ask for it. */
  readonly model: string;
  /** What it cannot do; everything else it can. */
  readonly lacks: readonly Lack[];
  /** A model for embeddings, undefined where it has none. */
  readonly embeds: string | undefined;
  /** Tokens that it thinks for before each answer, without being asked. */
  readonly thoughts: number;
  /** A field that it has nothing for, and a value that asks for something; undefined where it takes all. */
  readonly refuses: Readonly<Record<string, unknown>> | undefined;
}

/** `schemas`: answers in the form of a JSON schema. `choice`: being told which tool to call. */
type Lack = "tools" | "schemas" | "choice";

const LOGIT_BIAS = { logit_bias: { "50256": -100 } };
const TERSE = { verbosity: "low" };

/** Runs at home, and costs nothing. */
export const FREE: SimProviderId = "ollama";

/** Tells no usage of embeddings, so that it is counted by the gateway. */
export const SILENT_OF_EMBEDDINGS: SimProviderId = "together";

/** The twelve, each with a model that its price book knows. */
export const PROVIDERS: readonly Provider[] = [
  provider("openai", "gpt-4o-mini", { embeds: "text-embedding-3-small" }),
  provider("azure", "gpt-4o-mini", { embeds: "text-embedding-3-small" }),
  provider("anthropic", "claude-haiku-4-5", { refuses: LOGIT_BIAS }),
  provider("gemini", "gemini-2.5-flash", { embeds: "gemini-embedding-001", refuses: LOGIT_BIAS, thoughts: 12 }),
  provider("cohere", "command-a", { embeds: "embed-v4.0", refuses: LOGIT_BIAS }),
  provider("mistral", "mistral-small-latest", { embeds: "mistral-embed", refuses: LOGIT_BIAS }),
  provider("deepseek", "deepseek-v3.2", { lacks: ["schemas"], refuses: { seed: 7 } }),
  provider("groq", "llama-3.3-70b-versatile", { refuses: LOGIT_BIAS }),
  provider("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", { embeds: "BAAI/bge-large-en-v1.5", refuses: TERSE }),
  provider("perplexity", "sonar", { lacks: ["tools", "choice"], refuses: { seed: 7 } }),
  provider("lambda", "llama3.3-70b-instruct-fp8", { refuses: TERSE }),
  provider("ollama", "llama3.2", { lacks: ["choice"], refuses: LOGIT_BIAS, embeds: "nomic-embed-text" }),
];

export function can(what: Lack): readonly Provider[] {
  return PROVIDERS.filter(({ lacks }) => !lacks.includes(what));
}

/** Those that call no tools. */
export const WITHOUT_TOOLS = PROVIDERS.filter(({ lacks }) => lacks.includes("tools"));

/** Those that answer in JSON, but of no form that is asked for. */
export const WITHOUT_SCHEMAS = PROVIDERS.filter(({ lacks }) => lacks.includes("schemas"));

/** Those with embeddings, and the model for them as clients ask for it. */
export const EMBEDDING = PROVIDERS.flatMap(({ id, embeds }) => (embeds === undefined ? [] : [{ id, model: `${id}/${embeds}` }]));

/** Those that cannot do something, and what. */
export const REFUSING = PROVIDERS.flatMap(({ id, model, refuses }) => (refuses === undefined ? [] : [{ id, model, refuses }]));

/** Prices that an operator has to tell, since no price book has them. */
export const OWN_PRICES: readonly object[] = [
  { provider: "lambda", model: "llama3.3-70b-instruct-fp8", meters: { input_tokens: "0.12", output_tokens: "0.30" }, max_output_tokens: 8192 },
  { provider: "together", model: "BAAI/bge-large-en-v1.5", meters: { input_tokens: "0.02", output_tokens: "0" }, context_window: 512 },
  { provider: "openai", model: "dall-e-3", meters: { images_hd_1024x1024: { usd: "0.08", per: 1 } } },
  { provider: "openai", model: "dall-e-2", meters: { images_256x256: { usd: "0.016", per: 1 } } },
  { provider: "openai", model: "tts-1", meters: { input_characters: "15" } },
  { provider: "mistral", model: "mistral-moderation-latest", meters: { input_tokens: "0.1" } },
];

/** The variables that switch all of them on, each at its own place in the simulator. */
export function providerVariables(simulatorUrl: string): NodeJS.ProcessEnv {
  const urls = simBaseUrls(simulatorUrl);
  const { openai, azure, ollama, ...others } = urls;
  const usual = Object.entries(others).flatMap(([id, url]) => [
    [`${id.toUpperCase()}_API_KEY`, UPSTREAM_KEY],
    [`${id.toUpperCase()}_BASE_URL`, url],
  ]);
  return {
    ...(Object.fromEntries(usual) as NodeJS.ProcessEnv),
    OPENAI_API_KEY: UPSTREAM_KEY,
    OPENAI_BASE_URL: openai,
    AZURE_OPENAI_API_KEY: UPSTREAM_KEY,
    AZURE_OPENAI_ENDPOINT: azure,
    OLLAMA_BASE_URL: ollama,
  };
}

/** Whether it speaks Responses itself, and keeps them. */
export function keeps(id: string): boolean {
  return id === "openai";
}

function provider(id: SimProviderId, model: string, more: Partial<Provider>): Provider {
  return { id, model: `${id}/${model}`, lacks: [], embeds: undefined, thoughts: 0, refuses: undefined, ...more };
}
