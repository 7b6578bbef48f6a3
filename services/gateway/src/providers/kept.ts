import { FieldMismatch } from "@alfred/openai";

/** Bounds the memory of a stream: the longest answer of any model, 128,000 tokens, takes about half a million characters. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** Counts what of a streamed answer has to be kept until it ends. */
export class Kept {
  #characters = 0;

  /** @throws FieldMismatch where that is more than any model says */
  keep(text: string): string {
    this.#characters += text.length;
    if (this.#characters > MAX_CHARACTERS) throw new FieldMismatch(`at most ${MAX_CHARACTERS} characters`);
    return text;
  }
}
