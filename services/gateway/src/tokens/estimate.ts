import type { PromptText } from "../domain/prompt-text.ts";
import type { StreamedText } from "../domain/streamed-text.ts";
import { encodingOf, type Tokenizer } from "./tokenizer.ts";

/**
 * What a template adds: four tokens a message and three for the beginning of the answer.
 * Source: https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken
 */
const TOKENS_PER_PIECE = 4;
const TOKENS_PER_CHAT = 3;
/** What a template may add at most to a body of JSON, which has more of its own. */
const MOST_PER_BODY = 64;

/** The likely tokens of a prompt, its media counted as `mediaTokens`. */
export async function estimatePrompt(tokenizer: Tokenizer, model: string, prompt: PromptText, mediaTokens: number): Promise<bigint> {
  const overhead = prompt.pieces === 0 ? 0 : prompt.pieces * TOKENS_PER_PIECE + TOKENS_PER_CHAT;
  return BigInt((await tokenizer.count(model, prompt.text)) + overhead + mediaTokens);
}

/**
 * The tokens of a prompt at most, from the body as it is sent: its field names and escapes take more than a template
 * does. Undefined where the model's own encoding is not known.
 */
export async function boundPrompt(tokenizer: Tokenizer, model: string, body: string): Promise<bigint | undefined> {
  if (!encodingOf(model).isOwn) return undefined;
  return BigInt((await tokenizer.countAtMost(model, body)) + MOST_PER_BODY);
}

/** The likely tokens of what was said. */
export async function estimateAnswer(tokenizer: Tokenizer, model: string, said: StreamedText): Promise<bigint> {
  const { text, factor } = said.sample();
  return BigInt(Math.ceil((await tokenizer.count(model, text)) * factor));
}
