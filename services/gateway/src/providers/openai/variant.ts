type Json = Record<string, unknown>;

/** How an API differs from OpenAI's, which it is otherwise like. */
export interface Variant {
  /** Fields by the names that it has for them. Of a limit that is said twice the smaller counts. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Fields that it refuses, or that it has nothing for. */
  readonly lacking: readonly string[];
  /** Fields that it does not know, and that change no answer: they are left out. */
  readonly unknown: readonly string[];
  /** The same of messages. */
  readonly lackingOfMessages: readonly string[];
  readonly unknownOfMessages: readonly string[];
  /** Whether it answers in JSON of any form, but of none that is asked for. */
  readonly hasNoSchemas: boolean;
}

const LIKE: Variant = { renamed: {}, lacking: [], unknown: [], lackingOfMessages: [], unknownOfMessages: [], hasNoSchemas: false };

/** Those that heed the older name of the limit alone; what they do not heed would be priced, and not kept to. */
const OLDER_LIMIT = { max_completion_tokens: "max_tokens" };

/** By the provider in the price book whose models are served. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  // Sources: https://docs.mistral.ai/api, https://docs.mistral.ai/capabilities/completion. It refuses what it does not know.
  mistral: {
    ...LIKE,
    renamed: { ...OLDER_LIMIT, seed: "random_seed" },
    lacking: ["logit_bias", "logprobs", "top_logprobs", "store", "verbosity", "service_tier"],
    unknown: ["stream_options", "user", "safety_identifier", "prompt_cache_key", "metadata"],
    unknownOfMessages: ["reasoning_content"],
  },
  // Source: https://console.groq.com/docs/openai
  groq: { ...LIKE, lacking: ["logprobs", "top_logprobs", "logit_bias", "n"], lackingOfMessages: ["name"] },
  // Source: https://api-docs.deepseek.com/api/create-chat-completion
  deepseek: { ...LIKE, renamed: OLDER_LIMIT, hasNoSchemas: true },
  // Source: https://docs.together.ai/reference/chat-completions-1
  together: { ...LIKE, renamed: OLDER_LIMIT },
  // Source: https://docs.perplexity.ai/docs/sonar/openai-compatibility
  perplexity: { ...LIKE, renamed: OLDER_LIMIT },
  // Source: https://docs.lambda.ai/public-cloud/lambda-inference-api
  lambda: { ...LIKE, renamed: OLDER_LIMIT },
  // Source: https://docs.ollama.com/api/openai-compatibility
  ollama: { ...LIKE, renamed: OLDER_LIMIT, lacking: ["logit_bias", "n"], unknown: ["user"] },
};

/** Writes a body in OpenAI's form as the variant has it. @returns the fields that it cannot serve */
export function adapt(body: Json, variant: Variant): string[] {
  const unsupported = variant.lacking.filter((name) => take(body, name));
  for (const name of variant.unknown) delete body[name];
  for (const [name, own] of Object.entries(variant.renamed)) rename(body, name, own);
  if (variant.hasNoSchemas && isSchema(body["response_format"]) && take(body, "response_format")) unsupported.push("response_format");
  const messages = body["messages"] as Json[];
  for (const [index, message] of messages.entries()) {
    for (const name of variant.unknownOfMessages) delete message[name];
    for (const name of variant.lackingOfMessages) if (take(message, name)) unsupported.push(`messages[${index}].${name}`);
  }
  return unsupported;
}

/** What asks for no more than is done anyway. */
const NEUTRAL = new Set<unknown>([undefined, null, false, 0, ""]);

/** Takes a field out. @returns whether it asked for something */
function take(json: Json, name: string): boolean {
  const value = json[name];
  delete json[name];
  return !NEUTRAL.has(value) && !(name === "n" && value === 1);
}

function rename(body: Json, name: string, own: string): void {
  const value = body[name];
  delete body[name];
  if (value === undefined || value === null) return;
  const said = body[own];
  body[own] = typeof value === "number" && typeof said === "number" ? Math.min(value, said) : value;
}

function isSchema(format: unknown): boolean {
  return typeof format === "object" && format !== null && "type" in format && format.type === "json_schema";
}
