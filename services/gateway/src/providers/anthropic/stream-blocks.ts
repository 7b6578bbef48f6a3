import type { ChatDelta } from "@alfred/contracts";
import { FieldMismatch, isObject } from "@alfred/openai";
import { Kept } from "../kept.ts";
import { type Json, readLoosely } from "../loose-json.ts";
import { charactersOf, toAnnotation } from "./annotation.ts";
import { textOrEmpty, toToolCall } from "./answer.ts";
import { Carried } from "./carried.ts";

/** A content block while it is streamed. */
export interface OpenBlock {
  /** What the block begins with. */
  start(): ChatDelta | undefined;
  /** What a piece of it adds. @throws FieldMismatch */
  add(piece: Json): ChatDelta | undefined;
  /** What its end adds. */
  stop(): ChatDelta | undefined;
}

/** What blocks of one answer share. */
export class Progress extends Kept {
  /** Text so far. */
  characters = 0;
  toolCalls = 0;
  readonly carried = new Carried();
}

export function openBlock(block: Json, progress: Progress): OpenBlock {
  switch (block["type"]) {
    case "text":
      return new TextBlock(block, progress);
    case "thinking":
      return new ThinkingBlock(block, progress);
    case "tool_use":
      return new ToolUseBlock(block, progress);
    default:
      return new OtherBlock(block, progress);
  }
}

/** Text, and what it cites, of which only its end tells the place. */
class TextBlock implements OpenBlock {
  readonly #block: Json;
  readonly #progress: Progress;
  readonly #from: number;
  readonly #citations: Json[] = [];
  #text = "";

  constructor(block: Json, progress: Progress) {
    this.#block = block;
    this.#progress = progress;
    this.#from = progress.characters;
    const { citations } = block;
    if (Array.isArray(citations)) for (const each of citations) this.#cite(each);
  }

  start(): ChatDelta | undefined {
    return this.#say(textOrEmpty(this.#block["text"]));
  }

  add({ type, text, citation }: Json): ChatDelta | undefined {
    if (type === "citations_delta") this.#cite(citation);
    return type === "text_delta" ? this.#say(pieceOf(text)) : undefined;
  }

  stop(): undefined {
    const { carried, characters } = this.#progress;
    const citations = this.#citations;
    carried.annotations.push(...citations.map((each) => toAnnotation(each, this.#from, characters)));
    carried.addBlock({ ...this.#block, text: this.#text, ...(citations.length === 0 ? {} : { citations }) });
    return undefined;
  }

  #cite(citation: unknown): void {
    if (!isObject(citation)) throw new FieldMismatch("a citation");
    this.#progress.keep(JSON.stringify(citation));
    this.#citations.push(citation);
  }

  #say(content: string): ChatDelta | undefined {
    this.#text += this.#progress.keep(content);
    this.#progress.characters += charactersOf(content);
    return content === "" ? undefined : deltaOf({ content });
  }
}

/** Thoughts, told as they come, and kept as a whole with their signature, to be sent back as they are. */
class ThinkingBlock implements OpenBlock {
  readonly #block: Json;
  readonly #progress: Progress;
  #thinking: string;
  #signature: string;

  constructor(block: Json, progress: Progress) {
    this.#block = block;
    this.#progress = progress;
    this.#thinking = progress.keep(textOrEmpty(block["thinking"]));
    this.#signature = progress.keep(textOrEmpty(block["signature"]));
  }

  start(): ChatDelta | undefined {
    return this.#thinking === "" ? undefined : deltaOf({ reasoningContent: this.#thinking });
  }

  add({ type, thinking, signature }: Json): ChatDelta | undefined {
    if (type === "signature_delta") this.#signature += this.#progress.keep(pieceOf(signature));
    if (type !== "thinking_delta") return undefined;
    const reasoningContent = this.#progress.keep(pieceOf(thinking));
    this.#thinking += reasoningContent;
    return reasoningContent === "" ? undefined : deltaOf({ reasoningContent });
  }

  stop(): undefined {
    this.#progress.carried.addBlock({ ...this.#block, thinking: this.#thinking, signature: this.#signature });
    return undefined;
  }
}

/** A call, its arguments in pieces; one without arguments says so by an empty object. */
class ToolUseBlock implements OpenBlock {
  readonly #block: Json;
  readonly #progress: Progress;
  readonly #index: number;
  #arguments = "";

  constructor(block: Json, progress: Progress) {
    this.#block = block;
    this.#progress = progress;
    this.#index = progress.toolCalls;
    progress.toolCalls += 1;
  }

  start(): ChatDelta {
    return deltaOf({ toolCalls: [toToolCall(this.#block, this.#index, "")] });
  }

  add({ type, partial_json: piece }: Json): ChatDelta | undefined {
    const text = type === "input_json_delta" ? pieceOf(piece) : "";
    return text === "" ? undefined : this.#argue(text);
  }

  stop(): ChatDelta | undefined {
    const last = this.#arguments === "" ? this.#argue(JSON.stringify(this.#block["input"] ?? {})) : undefined;
    this.#progress.carried.addBlock({ ...this.#block, input: inputOf(this.#arguments) });
    return last;
  }

  #argue(text: string): ChatDelta {
    this.#arguments += this.#progress.keep(text);
    return deltaOf({ toolCalls: [{ index: this.#index, function: { arguments: text, extra: {} }, extra: {} }] });
  }
}

/** A block that says nothing by itself, as thoughts that only the provider can read, or a search that it made. */
class OtherBlock implements OpenBlock {
  readonly #block: Json;
  readonly #progress: Progress;
  #input = "";

  constructor(block: Json, progress: Progress) {
    this.#block = block;
    this.#progress = progress;
    progress.keep(JSON.stringify(block));
  }

  start(): undefined {
    return undefined;
  }

  add({ type, partial_json: piece }: Json): undefined {
    if (type === "input_json_delta") this.#input += this.#progress.keep(pieceOf(piece));
    return undefined;
  }

  stop(): undefined {
    this.#progress.carried.addBlock(this.#input === "" ? this.#block : { ...this.#block, input: inputOf(this.#input) });
    return undefined;
  }
}

export function deltaOf(parts: Partial<ChatDelta>): ChatDelta {
  return { toolCalls: [], extra: {}, ...parts };
}

/**
 * The input of a block that is kept, which the API takes back as an object alone: text that is none, as a call that was cut
 * off, is wrapped as the documentation advises. The client is told the text as it is.
 *
 * Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming
 */
function inputOf(text: string): Json {
  const input = text.trim() === "" ? {} : readLoosely(text);
  return isObject(input) ? input : { INVALID_JSON: text };
}

function pieceOf(value: unknown): string {
  if (typeof value !== "string") throw new FieldMismatch("a piece of text");
  return value;
}
