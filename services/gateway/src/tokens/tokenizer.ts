import { setImmediate as turn } from "node:timers/promises";
import { LONGEST_PIECE, type Piece, piecesOf } from "./pieces.ts";

/** Encodings of OpenAI's models that gpt-tokenizer knows. */
type EncodingName = "o200k_base" | "cl100k_base";

/** Which encoding counts a model's tokens. */
interface ModelEncoding {
  readonly name: EncodingName;
  /** Whether it is the model's own, so that the count is exact; else it is the nearest known. */
  readonly isOwn: boolean;
}

type Count = (text: string, options: { disallowedSpecial: Set<string> }) => number;

/** Characters that are counted; the rest of a longer text is taken to be like them. Of prose they take some milliseconds. */
const COUNTED_CHARACTERS = 64 * 1024;
/** What a boundary that the encoding would not have made can hide, in tokens, for bounds. */
const TOKENS_PER_CUT = 4;

/** Text that looks like a control token is text to the model, too. */
const PLAIN = { disallowedSpecial: new Set<string>() };

/**
 * Which encoding a model uses, by its name at the provider.
 * Source: https://github.com/openai/tiktoken/blob/main/tiktoken/model.py
 */
export function encodingOf(model: string): ModelEncoding {
  const name = model.slice(model.lastIndexOf("/") + 1).toLowerCase();
  if (/^(?:gpt-4o|gpt-4\.[15]|gpt-5|chatgpt-4o|o[134](?:-|$)|gpt-oss)/.test(name)) return { name: "o200k_base", isOwn: true };
  if (/^(?:gpt-4|gpt-3\.5|text-embedding-)/.test(name)) return { name: "cl100k_base", isOwn: true };
  return { name: "o200k_base", isOwn: false };
}

/** Counts tokens. Encodings take tens of megabytes and a fifth of a second, so each is loaded when first needed. */
export class Tokenizer {
  readonly #loaded = new Map<EncodingName, Promise<Count>>();

  /**
   * The tokens of a text for a model, at least 0; an estimate past 64 Ki characters, where the encoding is not its own, and
   * of runs of more than 128 characters without a boundary.
   */
  async count(model: string, text: string): Promise<number> {
    if (text.length <= COUNTED_CHARACTERS) return this.#sum(model, text, (piece, count) => count(piece.text, PLAIN));
    const tokens = await this.count(model, text.slice(0, COUNTED_CHARACTERS));
    return Math.ceil((tokens * text.length) / COUNTED_CHARACTERS);
  }

  /** As `count`, but never too few: in long runs and past 64 Ki characters each byte of UTF-8 counts as a token. */
  async countAtMost(model: string, text: string): Promise<number> {
    const rest = text.length > COUNTED_CHARACTERS ? Buffer.byteLength(text.slice(COUNTED_CHARACTERS)) : 0;
    return (await this.#sum(model, text.slice(0, COUNTED_CHARACTERS), mostOf)) + rest;
  }

  async #sum(model: string, text: string, of: (piece: Piece, count: Count) => number): Promise<number> {
    if (text === "") return 0;
    const count = await this.#load(encodingOf(model).name);
    let tokens = 0;
    let counted = 0;
    for (const piece of piecesOf(text)) {
      tokens += of(piece, count);
      counted += piece.text.length;
      if (counted < LONGEST_PIECE) continue;
      counted = 0;
      await turn();
    }
    return tokens;
  }

  #load(name: EncodingName): Promise<Count> {
    const known = this.#loaded.get(name);
    if (known !== undefined) return known;
    const loading = load(name);
    this.#loaded.set(name, loading);
    return loading;
  }
}

function mostOf({ text, isRun }: Piece, count: Count): number {
  return TOKENS_PER_CUT + (isRun ? Buffer.byteLength(text) : count(text, PLAIN));
}

async function load(name: EncodingName): Promise<Count> {
  const { countTokens } =
    name === "o200k_base" ? await import("gpt-tokenizer/encoding/o200k_base") : await import("gpt-tokenizer/encoding/cl100k_base");
  return countTokens;
}
