/**
 * Which providers serve which families of models, for names that neither the configuration nor the price book knows.
 * Rows and providers are in the order in which they are tried; names are in small letters.
 *
 * Names from the providers' lists of models: https://platform.openai.com/docs/models,
 * https://platform.claude.com/docs/en/about-claude/models/overview, https://ai.google.dev/gemini-api/docs/models,
 * https://docs.cohere.com/docs/models, https://docs.mistral.ai/getting-started/models,
 * https://api-docs.deepseek.com/quick_start/pricing, https://docs.perplexity.ai/getting-started/models,
 * https://console.groq.com/docs/models, https://docs.together.ai/docs/serverless-models,
 * https://docs.lambda.ai/public-cloud/lambda-inference-api, https://ollama.com/library
 */

/** Families of providers that a family of models may be served by. */
interface FamilyRow {
  /** Beginnings, or parts, of the models' names. */
  readonly texts: readonly string[];
  readonly families: readonly string[];
}

const OPENAI = ["openai", "azure"];
/** Who serves models that their makers give away: first what runs on machines of one's own. */
const OPEN = ["ollama", "groq", "together", "lambda"];

/** By a beginning that is a whole word: no letter follows a letter or digit, and no digit a digit. */
export const BEGINNINGS: readonly FamilyRow[] = [
  { texts: ["gpt-oss"], families: OPEN },
  { texts: ["gpt", "chatgpt", "o1", "o3", "o4", "codex", "computer-use", "ft:gpt", "ft:o4"], families: OPENAI },
  { texts: ["text-embedding"], families: [...OPENAI, "gemini"] },
  { texts: ["claude"], families: ["anthropic"] },
  { texts: ["gemini", "learnlm"], families: ["gemini"] },
  { texts: ["gemma"], families: ["ollama", "gemini", "groq", "together", "lambda"] },
  { texts: ["command", "embed", "c4ai", "aya"], families: ["cohere", "ollama"] },
  {
    texts: ["mistral", "open-mistral", "open-mixtral", "codestral", "devstral", "ministral", "magistral", "pixtral", "voxtral"],
    families: ["mistral", ...OPEN],
  },
  { texts: ["deepseek"], families: ["deepseek", ...OPEN] },
  { texts: ["sonar", "r1-1776"], families: ["perplexity"] },
  { texts: ["phi", "qwq", "glm", "kimi", "granite", "hermes"], families: OPEN },
  // The makers' names before a slash, as those who serve open models write them.
  { texts: ["hf.co/", "huggingface.co/"], families: ["ollama"] },
  {
    texts: ["meta-llama/", "mistralai/", "qwen/", "deepseek-ai/", "google/gemma", "moonshotai/", "nvidia/", "microsoft/", "zai-org/"],
    families: ["together", "groq", "lambda", "ollama"],
  },
];

/** By a part anywhere in the name. */
export const PARTS: readonly FamilyRow[] = [
  { texts: ["claude"], families: ["anthropic"] },
  { texts: ["gpt-oss"], families: OPEN },
  { texts: ["gpt"], families: OPENAI },
  { texts: ["gemini"], families: ["gemini"] },
  { texts: ["deepseek"], families: ["deepseek", ...OPEN] },
  { texts: ["mixtral", "mistral", "codestral", "devstral", "ministral", "magistral", "pixtral"], families: ["mistral", ...OPEN] },
  { texts: ["llama", "qwen", "gemma"], families: OPEN },
];

/** Who lets a model be named with a slash in it; the others have none such, whatever the rest of the name says. */
export const WITH_SLASHES: ReadonlySet<string> = new Set(OPEN);

/** What providers are called in front of a slash, whether they are configured or not. */
export const KNOWN_FAMILIES: ReadonlySet<string> = new Set([...BEGINNINGS, ...PARTS].flatMap(({ families }) => families));
