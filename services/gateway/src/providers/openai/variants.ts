import { hash } from "node:crypto";
import type { ProviderKind } from "../../domain/route.ts";
import { StreamFault } from "../dialect.ts";
import { type Json, listOf, objectOf } from "../loose-json.ts";
import { asItIs, bareAudio, documentUrl, fileUrl, inlineImage, waveAudio } from "./parts.ts";
import type { Variant } from "./variant.ts";

/** Those of OpenAI's fields that hardly anybody else has. */
const RARE = ["store", "verbosity", "prediction", "modalities", "audio", "web_search_options", "functions", "function_call"];

/** What hardly anybody else takes with sound. */
const OPENAI_HEARING = ["include", "chunking_strategy", "known_speaker_names", "known_speaker_references", "languages", "keywords"];

/** Those that heed the older name of the limit alone; what they do not heed would be priced, and not kept to. */
const OLDER_LIMIT = { max_completion_tokens: "max_tokens" };

/** What is true of most; where a provider does not say, what OpenAI's clients send goes on to it. */
const LIKE: Variant = {
  renamed: OLDER_LIMIT,
  lacking: [],
  labels: ["stream_options"],
  tiers: [],
  formats: ["json_object", "json_schema"],
  parts: { image_url: asItIs },
  hasPartsOfAll: false,
  thoughts: "reasoning_content",
  hasNames: true,
  isStrict: false,
  readsArguments: false,
  finishReasons: {},
  embeddings: undefined,
};

/** The kinds of provider that speak like OpenAI, but for a row of this table. */
export type VariantKind = Exclude<ProviderKind, "openai" | "azure" | "anthropic" | "gemini" | "cohere">;

export const VARIANTS: Readonly<Record<VariantKind, Variant>> = {
  // Sources: https://docs.mistral.ai/api, https://docs.mistral.ai/capabilities/reasoning. It refuses what it does not know.
  mistral: {
    ...LIKE,
    renamed: { ...OLDER_LIMIT, seed: "random_seed" },
    lacking: [...RARE.filter((name) => name !== "prediction"), "logit_bias", "logprobs", "top_logprobs"],
    labels: ["metadata", "prompt_cache_key"],
    parts: { image_url: asItIs, input_audio: bareAudio, file: documentUrl },
    hasPartsOfAll: true,
    thoughts: "parts",
    hasNames: false,
    isStrict: true,
    callId: shortCallId,
    finishReasons: { model_length: "length" },
    hear: hearMistral,
    embeddings: { renamed: { dimensions: "output_dimension" }, unknown: ["encoding_format"] },
    // Source: https://docs.mistral.ai/api/endpoint/audio/transcriptions
    hearing: { lacking: ["prompt", ...OPENAI_HEARING], formats: ["json"], translates: false, leastSeconds: 0, hear: hearLength },
    judgesTexts: true,
  },
  // Sources: https://console.groq.com/docs/openai, https://console.groq.com/docs/api-reference, https://console.groq.com/docs/reasoning
  groq: {
    ...LIKE,
    renamed: {},
    lacking: [...RARE, "logprobs", "top_logprobs", "logit_bias", "n"],
    labels: ["stream_options", "user"],
    tiers: ["auto", "on_demand", "flex", "performance"],
    thoughts: "reasoning",
    hasNames: false,
    hear: hearGroq,
    // Source: https://console.groq.com/docs/speech-to-text, which says that ten seconds are billed at least.
    hearing: { lacking: OPENAI_HEARING, formats: ["json", "text", "verbose_json"], translates: true, leastSeconds: 10 },
  },
  // Sources: https://api-docs.deepseek.com/api/create-chat-completion, https://api-docs.deepseek.com/guides/thinking_mode
  deepseek: {
    ...LIKE,
    lacking: [...RARE, "n", "seed", "logit_bias", "parallel_tool_calls"],
    formats: ["json_object"],
    parts: {},
    write: withoutThinking,
    hear: ({ usage }) => tellCached(usage, "prompt_cache_hit_tokens"),
  },
  // Sources: https://docs.together.ai/reference/chat-completions-1, https://docs.together.ai/docs/reasoning-overview
  together: {
    ...LIKE,
    lacking: RARE,
    labels: [],
    parts: { image_url: asItIs, input_audio: waveAudio },
    thoughts: "reasoning",
    finishReasons: { eos: "stop" },
    write: countedLogprobs,
    hear: hearTogether,
    embeddings: { renamed: {}, unknown: ["encoding_format"] },
  },
  // Sources: https://docs.perplexity.ai/api-reference/chat-completions-post, https://docs.perplexity.ai/docs/sonar/openai-compatibility. It refuses tools.
  perplexity: {
    ...LIKE,
    lacking: [...RARE.filter((name) => name !== "web_search_options"), "seed", "logit_bias", "tools", "tool_choice", "parallel_tool_calls"],
    formats: ["json_schema"],
    parts: { image_url: asItIs, file: fileUrl },
    thoughts: undefined,
    hasNames: false,
    hear: hearPerplexity,
    unaskedMeters: (model) => (isResearch(model) ? { web_searches: MOST_SEARCHES } : {}),
  },
  // Source: https://docs.lambda.ai/public-cloud/lambda-inference-api
  lambda: { ...LIKE, lacking: RARE, labels: ["stream_options", "user"] },
  // Source: https://docs.ollama.com/api/openai-compatibility
  ollama: {
    ...LIKE,
    lacking: [...RARE, "logit_bias", "n", "tool_choice", "parallel_tool_calls"],
    parts: { image_url: inlineImage },
    thoughts: "reasoning",
    hasNames: false,
    readsArguments: true,
    embeddings: { renamed: {}, unknown: [] },
  },
};

const SHORT_ID = /^[a-zA-Z0-9]{9}$/;

/** Ids of calls have nine letters or digits there; others become the same each time. Source: https://docs.mistral.ai/capabilities/function_calling */
function shortCallId(id: string): string {
  return SHORT_ID.test(id) ? id : hash("sha256", id, "hex").slice(0, 9);
}

/** Cached tokens, where OpenAI's clients look for them. */
function tellCached(usage: unknown, name: string): void {
  const counts = objectOf(usage);
  const details = objectOf(counts["prompt_tokens_details"]);
  if (typeof counts[name] === "number" && details["cached_tokens"] === undefined) {
    counts["prompt_tokens_details"] = { ...details, cached_tokens: counts[name] };
  }
}

/** A stream of Mistral's that fails ends by its reason to finish. Source: https://docs.mistral.ai/api */
function hearMistral({ usage, choices }: Json): void {
  const failed = listOf(choices).map(objectOf).some(({ delta, finish_reason: reason }) => delta !== undefined && reason === "error");
  if (failed) throw new StreamFault("The provider failed while it answered.");
  tellCached(usage, "num_cached_tokens");
}

/** The length of sound is told among the tokens, and is what is billed. Source: https://docs.mistral.ai/api/endpoint/audio/transcriptions */
function hearLength(answer: Json): void {
  const usage = objectOf(answer["usage"]);
  if (typeof usage["prompt_audio_seconds"] === "number") answer["usage"] = { ...usage, type: "duration", seconds: usage["prompt_audio_seconds"] };
}

/** A stream of Groq's tells its usage, and why it was stopped early, in a field of its own. */
function hearGroq(answer: Json): void {
  const { error, usage } = objectOf(answer["x_groq"]);
  if (typeof error === "string") throw new StreamFault(error);
  if (usage !== undefined) answer["usage"] ??= usage;
}

/** Not to think is a switch of its own. */
function withoutThinking(body: Json): void {
  if (body["reasoning_effort"] !== "none") return;
  delete body["reasoning_effort"];
  body["thinking"] ??= { type: "disabled" };
}

/** How many alternatives to tell stands where OpenAI has whether to tell any. */
function countedLogprobs(body: Json): void {
  const { logprobs, top_logprobs: alternatives } = body;
  if (typeof logprobs !== "boolean") return;
  delete body["top_logprobs"];
  if (logprobs) body["logprobs"] = typeof alternatives === "number" ? Math.max(alternatives, 1) : 1;
  else delete body["logprobs"];
}

/** Whole answers list all tokens, pieces of one tell the number of theirs. */
function hearTogether(answer: Json): void {
  for (const choice of listOf(answer["choices"]).map(objectOf)) {
    const { logprobs } = choice;
    const { tokens, token_logprobs: each }: Json = typeof logprobs === "number"
      ? { tokens: [objectOf(choice["delta"])["content"]], token_logprobs: [logprobs] } : objectOf(logprobs);
    if (Array.isArray(tokens)) choice["logprobs"] = { content: tokens.map((token, index) => toToken(String(token ?? ""), listOf(each)[index])), refusal: null };
  }
}

function toToken(token: string, logprob: unknown): Json {
  return { token, logprob: typeof logprob === "number" ? logprob : 0, bytes: [...Buffer.from(token)], top_logprobs: [] };
}

/** Each piece of a stream repeats all that was said before it; a whole answer has room for a piece, too. */
function hearPerplexity(answer: Json): void {
  const repeated = answer["object"] === "chat.completion.chunk" ? "message" : "delta";
  for (const choice of listOf(answer["choices"]).map(objectOf)) if ("message" in choice && "delta" in choice) delete choice[repeated];
  addBeside(objectOf(answer["usage"]));
  if (isResearch(answer["model"])) tellSearches(answer["usage"]);
}

/** No most is documented. The examples have 21 to 30 searches for a question; several times as many are held for. Source: https://docs.perplexity.ai/getting-started/pricing */
const MOST_SEARCHES = 200n;

/** Models for research are billed by the search, the others by the request, however they search. */
function isResearch(model: unknown): boolean {
  return typeof model === "string" && model.includes("deep-research");
}

function tellSearches(usage: unknown): void {
  const counts = objectOf(usage);
  if (typeof counts["num_search_queries"] === "number") counts["web_searches"] = counts["num_search_queries"];
}

/** What it thought and what it read from its sources stands beside the sums, and is billed. Source: https://docs.perplexity.ai/getting-started/pricing */
function addBeside(usage: Json): void {
  const { reasoning_tokens: thoughts, citation_tokens: read } = usage;
  if (typeof thoughts === "number") {
    usage["completion_tokens"] = Number(usage["completion_tokens"] ?? 0) + thoughts;
    usage["completion_tokens_details"] = { reasoning_tokens: thoughts };
  }
  if (typeof read === "number") usage["prompt_tokens"] = Number(usage["prompt_tokens"] ?? 0) + read;
  if (typeof thoughts === "number" || typeof read === "number") {
    usage["total_tokens"] = Number(usage["prompt_tokens"] ?? 0) + Number(usage["completion_tokens"] ?? 0);
  }
}
