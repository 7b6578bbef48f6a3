import type { ModelPrice } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { TEXT_INPUT_METERS, TEXT_OUTPUT_METERS, type UsageBound, worstCaseCost } from "@alfred/money";
import type { Charge } from "./charge.ts";
import { examinePrompt, type Prompt } from "./prompt.ts";

/** A request's body as it is sent, and its length in bytes of UTF-8. */
export interface SentBody {
  readonly json: Readonly<Record<string, unknown>>;
  readonly bytes: number;
  /** The body as it is sent. */
  readonly text: string;
}

/** What a request can use at most. */
export interface Bound {
  readonly usage: UsageBound;
  /** Whether the prompt is all text, so that the tokenizer can tell more. */
  readonly isText: boolean;
  /** What of the prompt is images and sound, in tokens at most. */
  readonly mediaTokens: number;
  /** How the bound of the answers comes about; undefined where there are none, as of embeddings. */
  readonly answers: AnswerBound | undefined;
  /** What of the prompt is kept by the provider and not sent, in tokens at most; part of `mediaTokens`, too. */
  readonly keptTokens?: bigint;
}

/** The most that answers can use: `(limitTokens + besideTokens) * count`. */
export interface AnswerBound {
  /** Of one answer: as the request limits it, else the model's longest. */
  readonly limitTokens: bigint;
  /** What is billed beside that, as a prediction that does not come true. */
  readonly besideTokens: bigint;
  readonly count: bigint;
}

/** For prompts and answers of models whose context is not known: as much as the largest in common use take. */
export const UNKNOWN_CONTEXT_TOKENS = 1_048_576n;
/** For answers of models that tell neither their longest answer nor their context. */
const UNKNOWN_OUTPUT_TOKENS = 131_072n;
/**
 * What providers add to a prompt with tools; Anthropic documents up to 530 tokens for its models.
 * Source: https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview
 */
const TOOLS_TOKENS = 1_024;

/** The contract's own, and a limit so high that no model reaches it and no price of it passes 64 bits. */
const MAX_ANSWERS = 128;
const MAX_LIMIT = 1_000_000_000;

/** How Anthropic is asked to keep a cache for an hour, which is dearer; within a text its quotes would be escaped. */
const HOUR = '"1h"';

type Limits = Pick<ModelPrice, "contextWindow" | "maxOutputTokens">;

/** What of a provider a bound depends on. */
interface Uses {
  /** Whether the provider takes what is no image where an image is due. */
  readonly takesAnyFile?: boolean;
  /** What a model uses unasked, beside tokens: the most of each meter for one request. */
  unaskedMeters?(model: string): Readonly<Record<string, bigint>>;
  /** What answers of a model may count on beside the meters of text, whatever the request asks for. */
  answerMeters?(model: string): readonly string[];
}

/** Searches come with tools of the provider's own, which are refused (surcharge.ts), but for models that search unasked. */
const NO_SEARCHES = { web_searches: 0n, storage_searches: 0n };

/**
 * The most that a chat can use. A token of text is at least one byte of UTF-8, so the body, with its field names and
 * punctuation in place of the model's own template, bounds the prompt; images, sound and files are bounded as prompt.ts
 * says. The model's context does not lower the bound: the price book's may be smaller than the provider's. The answer is bounded by the limit that the request names, else by
 * the model's own, reasoning within it, times `n`.
 *
 * @throws AlfredError INVALID_ARGUMENT where `n` or a limit is no whole number in its range
 */
export function chatBound(body: SentBody, model: string, limits: Limits, uses: Uses = {}): Bound {
  const prompt = examinePrompt(body.json, body.bytes, model, uses.takesAnyFile === true);
  const answers = {
    limitTokens: outputTokens(body, limits),
    besideTokens: predictedTokens(body),
    count: wholeNumber(body.json, "n", MAX_ANSWERS) ?? 1n,
  };
  const usage = {
    inputTokens: promptTokens(prompt, body, limits),
    outputTokens: answerTokens(answers),
    unasked: uses.unaskedMeters?.(model) ?? NO_SEARCHES,
    inputMeters: [...TEXT_INPUT_METERS, ...(body.text.includes(HOUR) ? ["cache_write_1h_tokens"] : []), ...prompt.meters],
    outputMeters: [...TEXT_OUTPUT_METERS, ...(uses.answerMeters?.(model) ?? []), ...mediaMeters(body.json["modalities"])],
  };
  const isText = !prompt.unbounded && prompt.meters.length === 0;
  return { usage, isText, mediaTokens: prompt.mediaTokens, answers };
}

/** The tokens of answers within a bound. */
export function answerTokens({ limitTokens, besideTokens, count }: AnswerBound): bigint {
  return (limitTokens + besideTokens) * count;
}

/** What a model for completions generates at most where nothing is said. Source: https://platform.openai.com/docs/api-reference/completions/create */
const COMPLETION_TOKENS = 16n;
const MAX_BEST_OF = 20;

/**
 * The most that completions can use: a token per byte of the texts, or the tokens themselves; of each text as many answers
 * as are generated, and the text itself where it is told again.
 *
 * @throws AlfredError INVALID_ARGUMENT where a number is not in its range
 */
export function completionBound({ json, bytes }: SentBody): Bound {
  const ids = countTokenIds(json["prompt"]);
  const inputTokens = ids ?? BigInt(bytes);
  const [n, bestOf] = [wholeNumber(json, "n", MAX_ANSWERS) ?? 1n, wholeNumber(json, "best_of", MAX_BEST_OF) ?? 1n];
  const answers = {
    limitTokens: json["max_tokens"] === 0 ? 0n : (wholeNumber(json, "max_tokens", MAX_LIMIT) ?? COMPLETION_TOKENS),
    besideTokens: json["echo"] === true ? inputTokens : 0n,
    count: (n > bestOf ? n : bestOf) * countPrompts(json["prompt"]),
  };
  return { usage: { inputTokens, outputTokens: answerTokens(answers) }, isText: ids === undefined, mediaTokens: 0, answers };
}

function countPrompts(prompt: unknown): bigint {
  return Array.isArray(prompt) && typeof prompt[0] !== "number" ? BigInt(prompt.length) : 1n;
}

/** The most that embeddings can use: a token per byte of the texts, or the tokens themselves. */
export function embeddingBound({ json, bytes }: SentBody): Bound {
  const ids = countTokenIds(json["input"]);
  return { usage: { inputTokens: ids ?? BigInt(bytes), outputTokens: 0n }, isText: ids === undefined, mediaTokens: 0, answers: undefined };
}

/** The most that a judgement can use: a token per byte of what is judged, images as in a chat. */
export function moderationBound({ json, bytes }: SentBody, model: string): Bound {
  const { textBytes, mediaTokens, meters } = examinePrompt({ messages: [{ content: json["input"] }] }, bytes, model, false);
  const usage = { inputTokens: BigInt(textBytes + mediaTokens), outputTokens: 0n, inputMeters: [...TEXT_INPUT_METERS, ...meters] };
  return { usage, isText: meters.length === 0, mediaTokens, answers: undefined };
}

/** What usage within the bound costs at most, at the dearest meter and tier; undefined where a part has no price. */
export function worstCharge(price: ModelPrice, usage: UsageBound): Charge | undefined {
  const nanos = worstCaseCost(price, usage);
  return nanos === undefined ? undefined : { nanos, tokens: usage.inputTokens + usage.outputTokens };
}

function promptTokens(prompt: Prompt, { json }: SentBody, { contextWindow }: Limits): bigint {
  const tools = json["tools"] === undefined ? 0 : TOOLS_TOKENS;
  const tokens = BigInt(prompt.textBytes + prompt.mediaTokens + tools);
  if (!prompt.unbounded) return tokens;
  const context = contextWindow ?? UNKNOWN_CONTEXT_TOKENS;
  return context > tokens ? context : tokens;
}

function outputTokens({ json }: SentBody, { contextWindow, maxOutputTokens }: Limits): bigint {
  const limits = ["max_completion_tokens", "max_tokens"].map((field) => wholeNumber(json, field, MAX_LIMIT));
  const asked = limits.filter((each) => each !== undefined);
  // Which of the two a provider heeds differs, so the larger counts.
  if (asked.length > 0) return asked.reduce((left, right) => (left > right ? left : right));
  return maxOutputTokens ?? contextWindow ?? UNKNOWN_OUTPUT_TOKENS;
}

/** What of a predicted answer does not come true is billed like an answer, beside the limit; a token is at least a byte. */
function predictedTokens({ json }: SentBody): bigint {
  const prediction = json["prediction"] ?? undefined;
  return prediction === undefined ? 0n : BigInt(Buffer.byteLength(JSON.stringify(prediction)));
}

function mediaMeters(modalities: unknown): string[] {
  if (!Array.isArray(modalities)) return [];
  return modalities.filter((each) => each !== "text").map((each) => `output_${String(each)}_tokens`);
}

/** How many token ids an input of embeddings is made of, undefined where it is text. */
export function countTokenIds(input: unknown): bigint | undefined {
  if (!Array.isArray(input)) return undefined;
  if (typeof input[0] === "number") return BigInt(input.length);
  if (!Array.isArray(input[0])) return undefined;
  return input.reduce<bigint>((sum, each) => sum + BigInt(Array.isArray(each) ? each.length : 0), 0n);
}

function wholeNumber(json: Readonly<Record<string, unknown>>, field: string, most: number): bigint | undefined {
  const value = json[field];
  if (value === undefined || value === null) return undefined;
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most) return BigInt(value as number);
  throw fail("INVALID_ARGUMENT", `\`${field}\` must be a whole number from 1 to ${most}.`, { metadata: { field } });
}
