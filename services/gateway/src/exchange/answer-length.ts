import type { StreamedText } from "../domain/streamed-text.ts";
import { encodingOf, type Tokenizer } from "../tokens/tokenizer.ts";

/**
 * How far a count may be above what is held before the answer is said to be past it: the model's own encoding is exact but
 * for the cuts between pieces, another's is not the one that the provider bills by.
 */
const OWN = { share: 0.02, tokens: 16 };
const FOREIGN = { share: 0.3, tokens: 64 };

/**
 * Watches whether a streamed answer grows past what is held for it, as where a provider heeds no limit. Cheap at first: no
 * token has less than a byte. Only where that is not enough is what came since counted, so that an answer is counted once.
 */
export class AnswerLength {
  readonly #tokenizer: Tokenizer;
  readonly #model: string;
  readonly #tolerance: typeof OWN;
  #allowedTokens: number;
  #countedTokens = 0;
  #countedBytes = 0;
  #countedCharacters = 0;

  /** @param allowedTokens what is held for all answers together */
  constructor(tokenizer: Tokenizer, model: string, allowedTokens: bigint) {
    this.#tokenizer = tokenizer;
    this.#model = model;
    this.#tolerance = encodingOf(model).isOwn ? OWN : FOREIGN;
    this.#allowedTokens = Number(allowedTokens);
  }

  /** What is held, in tokens. */
  get allowedTokens(): number {
    return this.#allowedTokens;
  }

  /** Holds more. */
  allow(tokens: number): void {
    this.#allowedTokens += tokens;
  }

  /** Whether it cannot be told without counting. */
  mayBePast({ bytes }: StreamedText): boolean {
    return this.#countedTokens + bytes - this.#countedBytes > this.#limit;
  }

  /** Whether it is past what is held, counted. */
  async isPast(said: StreamedText): Promise<boolean> {
    const { bytes } = said;
    const text = said.keptFrom(this.#countedCharacters);
    const newBytes = bytes - this.#countedBytes;
    const keptBytes = Buffer.byteLength(text);
    const tokens = await this.#tokenizer.count(this.#model, text);
    // Of what is not kept as much is assumed as of what is; where nothing is, as of all before.
    const perByte = keptBytes > 0 ? tokens / keptBytes : this.#countedTokens / Math.max(1, this.#countedBytes);
    this.#countedTokens += Math.ceil(newBytes * perByte);
    this.#countedBytes = bytes;
    this.#countedCharacters += text.length;
    return this.#countedTokens > this.#limit;
  }

  get #limit(): number {
    return this.#allowedTokens * (1 + this.#tolerance.share) + this.#tolerance.tokens;
  }
}
