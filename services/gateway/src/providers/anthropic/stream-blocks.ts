import type { ChatDelta } from "@alfred/contracts";
import { FieldMismatch, isObject, parseJson } from "@alfred/openai";
import type { Json } from "../loose-json.ts";
import { charactersOf, toAnnotation } from "./annotation.ts";
import { rawList, textOrEmpty, toToolCall } from "./answer.ts";

/** A content block while it is streamed. */
export interface OpenBlock {
  /** What the block begins with. */
  start(): ChatDelta | undefined;
  /** What a piece of it adds. @throws FieldMismatch */
  add(piece: Json): ChatDelta | undefined;
  /** What is only known of it as a whole. */
  stop(): ChatDelta | undefined;
}

/** What blocks of one answer share. */
export class Progress {
  /** Text so far. */
  characters = 0;
  toolCalls = 0;
  #kept = 0;

  /** Counts what has to be kept until its block ends. @throws FieldMismatch where that is more than any model says */
  keep(text: string): string {
    this.#kept += text.length;
    if (this.#kept > MAX_KEPT_CHARACTERS) throw new FieldMismatch(`at most ${MAX_KEPT_CHARACTERS} characters of thoughts and results`);
    return text;
  }
}

/** Bounds the memory of a stream: eight times the longest thoughts of any model, at four characters a token. */
const MAX_KEPT_CHARACTERS = 4 * 1024 * 1024;

export function openBlock(block: Json, index: number, progress: Progress): OpenBlock {
  switch (block["type"]) {
    case "text":
      return new TextBlock(block, progress);
    case "thinking":
      return new ThinkingBlock(block, progress);
    case "redacted_thinking":
      return new WholeBlock(deltaOf({ extra: rawList("thinking_blocks", [block]) }));
    case "tool_use":
      return new ToolUseBlock(block, progress);
    default:
      return new CarriedBlock(block, index, progress);
  }
}

/** Text, with what it cites told at its end, since only then is its place known. */
class TextBlock implements OpenBlock {
  readonly #block: Json;
  readonly #progress: Progress;
  readonly #from: number;
  readonly #citations: Json[] = [];

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

  stop(): ChatDelta | undefined {
    if (this.#citations.length === 0) return undefined;
    const annotations = this.#citations.map((each) => toAnnotation(each, this.#from, this.#progress.characters));
    return deltaOf({ extra: rawList("annotations", annotations) });
  }

  #cite(citation: unknown): void {
    if (!isObject(citation)) throw new FieldMismatch("a citation");
    this.#progress.keep(JSON.stringify(citation));
    this.#citations.push(citation);
  }

  #say(content: string): ChatDelta | undefined {
    this.#progress.characters += charactersOf(content);
    return content === "" ? undefined : deltaOf({ content });
  }
}

/** Thoughts, told as they come, and once more as a whole with their signature, to be sent back as they are. */
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

  stop(): ChatDelta {
    const block = { ...this.#block, thinking: this.#thinking, signature: this.#signature };
    return deltaOf({ extra: rawList("thinking_blocks", [block]) });
  }
}

/** A call, its arguments in pieces; one without arguments says so by an empty object. */
class ToolUseBlock implements OpenBlock {
  readonly #block: Json;
  readonly #index: number;
  #hasArguments = false;

  constructor(block: Json, progress: Progress) {
    this.#block = block;
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
    return this.#hasArguments ? undefined : this.#argue(JSON.stringify(this.#block["input"] ?? {}));
  }

  #argue(text: string): ChatDelta {
    this.#hasArguments = true;
    return deltaOf({ toolCalls: [{ index: this.#index, function: { arguments: text, extra: {} }, extra: {} }] });
  }
}

/** A block without a counterpart, as a search that the provider made: it is carried as it is, with its place. */
class CarriedBlock implements OpenBlock {
  readonly #block: Json;
  readonly #index: number;
  readonly #progress: Progress;
  #input = "";

  constructor(block: Json, index: number, progress: Progress) {
    this.#block = block;
    this.#index = index;
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

  /** @throws SyntaxError where its pieces make no JSON */
  stop(): ChatDelta {
    const block = this.#input === "" ? this.#block : { ...this.#block, input: parseJson(this.#input) };
    return deltaOf({ extra: rawList("content_blocks", [{ index: this.#index, block }]) });
  }
}

/** A block that comes in one piece. */
class WholeBlock implements OpenBlock {
  readonly #delta: ChatDelta;

  constructor(delta: ChatDelta) {
    this.#delta = delta;
  }

  start(): ChatDelta {
    return this.#delta;
  }

  add(): undefined {
    return undefined;
  }

  stop(): undefined {
    return undefined;
  }
}

export function deltaOf(parts: Partial<ChatDelta>): ChatDelta {
  return { toolCalls: [], extra: {}, ...parts };
}

function pieceOf(value: unknown): string {
  if (typeof value !== "string") throw new FieldMismatch("a piece of text");
  return value;
}
