import type { ChatCompletion, ChatCompletionChunk, ChatDelta, ContentPart, ToolCall } from "@alfred/contracts";

/** Characters that are kept for counting; of a longer answer the rest is taken to be like them. */
const KEPT_CHARACTERS = 256 * 1024;

/** Answers in fields that have no place of their own, as JSON: a call from before there were tools, others' thoughts. */
const RAW = ["function_call", "reasoning"];

/** What a model has said so far, kept only so that it can be counted where the provider reports no usage. */
export class StreamedText {
  #text = "";
  #characters = 0;
  #bytes = 0;

  /** Takes what a chunk adds, to whichever of the answers. */
  addChunk({ choices }: ChatCompletionChunk): void {
    for (const { delta } of choices) if (delta !== undefined) this.#addDelta(delta);
  }

  /** Takes a whole answer. */
  addCompletion({ choices }: ChatCompletion): void {
    for (const { message } of choices) {
      if (message === undefined) continue;
      const { content } = message;
      this.#addDelta({ ...message, content: content?.$case === "text" ? content.value : undefined });
      if (content?.$case === "parts") for (const part of content.value.values) this.#addPart(part);
    }
  }

  /** Bytes of UTF-8 so far: no token has less than one. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What is kept of it from a place on, in characters. */
  keptFrom(start: number): string {
    return this.#text.slice(start);
  }

  /** The beginning of it, and by what its count is to be multiplied to stand for all of it. */
  sample(): { readonly text: string; readonly factor: number } {
    return { text: this.#text, factor: this.#text.length === 0 ? 1 : this.#characters / this.#text.length };
  }

  #addDelta(delta: Pick<ChatDelta, "content" | "refusal" | "reasoningContent" | "toolCalls" | "extra">): void {
    this.#add(delta.content);
    this.#add(delta.refusal);
    this.#add(delta.reasoningContent);
    for (const call of delta.toolCalls) this.#addCall(call);
    for (const name of RAW) if (delta.extra[name] !== "null") this.#add(delta.extra[name]);
  }

  #addPart({ text, refusal }: ContentPart): void {
    this.#add(text);
    this.#add(refusal);
  }

  #addCall({ function: called, extra }: ToolCall): void {
    this.#add(called?.name);
    this.#add(called?.arguments);
    // A custom tool's input has no field of its own.
    for (const name in extra) this.#add(extra[name]);
  }

  #add(piece: string | undefined): void {
    if (piece === undefined) return;
    this.#characters += piece.length;
    this.#bytes += Buffer.byteLength(piece);
    if (this.#text.length < KEPT_CHARACTERS) this.#text += piece;
  }
}
