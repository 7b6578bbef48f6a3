import { type ChatCompletionChunk, ChatDelta, type Receipt, type TokenUsage } from "@alfred/contracts";
import { fail } from "@alfred/errors";
import { StreamedText } from "../domain/streamed-text.ts";
import { UpstreamFailure } from "../domain/upstream-failure.ts";
import { type UsageReports, mergedUsage } from "../domain/usage-reports.ts";
import type { Heard } from "../exchange/subject.ts";

/** Answers to one request: as many as a client may ask for. */
const MAX_ANSWERS = 128;

/**
 * What a stream has told so far. Usage is always asked of the provider, so it is taken out of what the client sees: told
 * once, at the end, where the client asked for it.
 */
export class StreamTally {
  readonly #said = new StreamedText();
  readonly #wantsUsage: boolean;
  readonly #reports: UsageReports;
  /** The answers that have begun, and whether each is over. */
  readonly #isOver = new Map<number, boolean>();
  #isShort = false;
  #usage: TokenUsage | undefined;
  #last: ChatCompletionChunk | undefined;

  /**
   * @param wantsUsage whether the client asked for usage
   * @param reports how the provider tells it
   */
  constructor(wantsUsage: boolean, reports: UsageReports = "cumulative") {
    this.#wantsUsage = wantsUsage;
    this.#reports = reports;
  }

  /**
   * Takes all that came at once, so that what was received counts, whoever still reads it.
   * @returns what of it is for the client, changed where it says what is not
   */
  take(chunks: readonly ChatCompletionChunk[]): ChatCompletionChunk[] {
    const shown: ChatCompletionChunk[] = [];
    for (const chunk of chunks) if (this.#add(chunk)) shown.push(chunk);
    return shown;
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
    return { ...this.#endOf(this.#last, "length"), alfred: receipt };
  }

  /** The chunk that ends answers which the provider said are over without a reason; undefined where each has one. */
  missingEnd(): ChatCompletionChunk | undefined {
    return this.#last === undefined || this.isOver ? undefined : this.#endOf(this.#last, "stop");
  }

  /** What was heard, and when. */
  heard({ firstByteMs, lastByteMs }: Pick<Heard, "firstByteMs" | "lastByteMs">): Heard {
    return { said: this.#said, usage: this.#usage, firstByteMs, lastByteMs, answerId: this.#last?.id };
  }

  /** The chunk that tells the usage and what it cost; undefined where the client did not ask. */
  usageChunk(usage: TokenUsage, receipt: Receipt): ChatCompletionChunk | undefined {
    if (!this.#wantsUsage || this.#last === undefined) return undefined;
    return { ...this.#last, choices: [], usage, alfred: receipt, extra: without(this.#last.extra, "usage") };
  }

  /** Whether the client is to see it. */
  #add(chunk: ChatCompletionChunk): boolean {
    const { usage } = chunk;
    this.#last = chunk;
    this.#said.addChunk(chunk);
    for (const { index, finishReason } of chunk.choices) this.#note(index, finishReason);
    if (!this.#wantsUsage && chunk.extra["usage"] !== undefined) chunk.extra = without(chunk.extra, "usage");
    if (usage === undefined) return true;
    this.#usage = mergedUsage(this.#usage, usage, this.#reports);
    chunk.usage = undefined;
    return chunk.choices.length > 0;
  }

  #endOf(last: ChatCompletionChunk, finishReason: string): ChatCompletionChunk {
    const indices = [...this.#isOver].filter(([, isOver]) => !isOver).map(([index]) => index);
    const choices = indices.map((index) => ({ index, delta: ChatDelta.create(), finishReason, logprobs: undefined, extra: {} }));
    return { ...last, choices, usage: undefined, alfred: undefined, extra: this.#wantsUsage ? last.extra : without(last.extra, "usage") };
  }

  #note(index: number, finishReason: string | undefined): void {
    if (this.#isOver.size >= MAX_ANSWERS && !this.#isOver.has(index)) throw tooMany();
    this.#isOver.set(index, finishReason !== undefined || this.#isOver.get(index) === true);
    if (finishReason === "length") this.#isShort = true;
  }
}

function tooMany(): UpstreamFailure {
  const error = fail("PROVIDER_MALFORMED", `The provider began more than ${MAX_ANSWERS} answers to one request.`);
  return new UpstreamFailure(error, { billed: "prompt" });
}

function without(extra: Readonly<Record<string, string>>, name: string): Record<string, string> {
  const { [name]: _, ...rest } = extra;
  return rest;
}
