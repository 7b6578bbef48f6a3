/** Encodings of OpenAI's models that gpt-tokenizer knows. */
type EncodingName = "o200k_base" | "cl100k_base";

/** Which encoding counts a model's tokens. */
interface ModelEncoding {
  readonly name: EncodingName;
  /** Whether it is the model's own, so that the count is exact; else it is the nearest known. */
  readonly isOwn: boolean;
}

type Count = (text: string, options: { disallowedSpecial: Set<string> }) => number;

/**
 * Characters that are counted exactly; the rest of a longer text is taken to be like them. The tokenizer takes some six
 * milliseconds for so many, during which nothing else runs.
 */
const COUNTED_CHARACTERS = 64 * 1024;

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

  /** The tokens of a text for a model, at least 0; an estimate past 64 Ki characters or where the encoding is not its own. */
  async count(model: string, text: string): Promise<number> {
    if (text === "") return 0;
    const count = await this.#load(encodingOf(model).name);
    if (text.length <= COUNTED_CHARACTERS) return count(text, PLAIN);
    return Math.ceil((count(text.slice(0, COUNTED_CHARACTERS), PLAIN) * text.length) / COUNTED_CHARACTERS);
  }

  /** As `count`, but never too few: past 64 Ki characters each byte of UTF-8 counts as a token. */
  async countAtMost(model: string, text: string): Promise<number> {
    const rest = text.length > COUNTED_CHARACTERS ? Buffer.byteLength(text.slice(COUNTED_CHARACTERS)) : 0;
    return (await this.count(model, text.slice(0, COUNTED_CHARACTERS))) + rest;
  }

  #load(name: EncodingName): Promise<Count> {
    const known = this.#loaded.get(name);
    if (known !== undefined) return known;
    const loading = load(name);
    this.#loaded.set(name, loading);
    return loading;
  }
}

async function load(name: EncodingName): Promise<Count> {
  const { countTokens } =
    name === "o200k_base" ? await import("gpt-tokenizer/encoding/o200k_base") : await import("gpt-tokenizer/encoding/cl100k_base");
  return countTokens;
}
