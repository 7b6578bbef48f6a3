import { type ChatCompletionChunk, ChatDelta, type ChunkChoice, type Receipt, type TokenUsage } from "@alfred/contracts";
import type { Heard } from "../exchange/subject.ts";
import { StreamedText } from "../domain/streamed-text.ts";

/**
 * What a stream has told so far. Usage is always asked of the provider, so it is taken out of what the client sees: told
 * once, at the end, where the client asked for it.
 */
export class StreamTally {
  readonly #said = new StreamedText();
  readonly #wantsUsage: boolean;
  /** The answers that have begun, and whether each is over. */
  readonly #isOver = new Map<number, boolean>();
  #isShort = false;
  #usage: TokenUsage | undefined;
  #last: ChatCompletionChunk | undefined;

  /** @param wantsUsage whether the client asked for usage */
  constructor(wantsUsage: boolean) {
    this.#wantsUsage = wantsUsage;
  }

  /** Takes a chunk, which is changed; undefined where nothing of it is for the client yet. */
  take(chunk: ChatCompletionChunk): ChatCompletionChunk | undefined {
    this.#last = chunk;
    this.#said.addChunk(chunk);
    for (const { index, finishReason } of chunk.choices) this.#note(index, finishReason);
    if (chunk.usage !== undefined) this.#usage = chunk.usage;
    const isUsageOnly = chunk.usage !== undefined && chunk.choices.length === 0;
    if (isUsageOnly) return undefined;
    chunk.usage = undefined;
    if (!this.#wantsUsage && chunk.extra["usage"] !== undefined) chunk.extra = without(chunk.extra, "usage");
    return chunk;
  }

  /** All that was said so far. */
  get said(): StreamedText {
    return this.#said;
  }

  /** Whether every answer that began is over. */
  get isOver(): boolean {
    return this.#isOver.size > 0 && !this.#isOver.values().some((isOver) => !isOver);
  }

  /** Whether an answer ended at its limit. */
  get isShort(): boolean {
    return this.#isShort;
  }

  /** The chunk that ends the answers which are not over, as at a limit, and says why; undefined before the first chunk. */
  cutChunk(receipt: Receipt): ChatCompletionChunk | undefined {
    if (this.#last === undefined) return undefined;
    const indices = [...this.#isOver].filter(([, isOver]) => !isOver).map(([index]) => index);
    const extra = this.#wantsUsage ? this.#last.extra : without(this.#last.extra, "usage");
    return { ...this.#last, choices: indices.map(endOf), usage: undefined, alfred: receipt, extra };
  }

  /** What was heard, with the time of the first byte. */
  heard(firstByteMs: number | undefined): Heard {
    return { said: this.#said, usage: this.#usage, firstByteMs };
  }

  /** The usage as the provider told it, undefined where it did not. */
  get usage(): TokenUsage | undefined {
    return this.#usage;
  }

  /** The chunk that tells the usage and what it cost; undefined where the client did not ask. */
  usageChunk(usage: TokenUsage, receipt: Receipt): ChatCompletionChunk | undefined {
    if (!this.#wantsUsage || this.#last === undefined) return undefined;
    return { ...this.#last, choices: [], usage, alfred: receipt, extra: without(this.#last.extra, "usage") };
  }

  #note(index: number, finishReason: string | undefined): void {
    this.#isOver.set(index, finishReason !== undefined || this.#isOver.get(index) === true);
    if (finishReason === "length") this.#isShort = true;
  }
}

function endOf(index: number): ChunkChoice {
  return { index, delta: ChatDelta.create(), finishReason: "length", logprobs: undefined, extra: {} };
}

function without(extra: Readonly<Record<string, string>>, name: string): Record<string, string> {
  const { [name]: _, ...rest } = extra;
  return rest;
}
