import type { ChatCompletionChunk, ChatDelta } from "@alfred/contracts";
import { FieldMismatch, isObject, parseJson } from "@alfred/openai";
import { type ChatStreamReader, type StreamFrame, StreamFault } from "../dialect.ts";
import { type Json, unknownFields } from "../loose-json.ts";
import { answerExtra, textOrEmpty } from "./answer.ts";
import { readStop } from "./stop.ts";
import { type OpenBlock, Progress, deltaOf, openBlock } from "./stream-blocks.ts";
import { tierOf, toPromptUsage, toTokenUsage } from "./usage.ts";

/** Blocks come one after the other; who opens more at once is not to be followed. */
const MAX_OPEN_BLOCKS = 16;

/**
 * Reads a streamed answer. It is whole once the provider gave a reason for its end and said `message_stop`. Events that
 * are not known are passed over, as the documentation asks, `ping` among them.
 *
 * Source: https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export class AnswerStream implements ChatStreamReader {
  #id = "";
  #model = "";
  /** As far as it is told, later counts in place of earlier ones, since they are cumulative. */
  #usage: Json = {};
  readonly #progress = new Progress();
  readonly #open = new Map<number, OpenBlock>();
  #hasStarted = false;
  #hasFinished = false;
  #hasStopped = false;

  get isWhole(): boolean {
    return this.#hasFinished && this.#hasStopped;
  }

  get isOver(): boolean {
    return this.#hasStopped;
  }

  push({ event: name, data }: StreamFrame): ChatCompletionChunk[] {
    if (data === "" || this.#hasStopped) return [];
    const event = parseJson(data);
    if (!isObject(event)) throw new FieldMismatch("an event");
    const { type = name } = event;
    if (type === "error") throw faultOf(event);
    if (type === "message_start") return this.#start(event);
    if (!EVENTS.has(type)) return [];
    if (!this.#hasStarted) throw new FieldMismatch("message_start before anything else");
    if (type === "message_delta") return this.#advance(event);
    if (type === "message_stop") this.#hasStopped = true;
    return type === "message_stop" ? [] : this.#say(this.#block(type, event), event);
  }

  #start({ message }: Json): ChatCompletionChunk[] {
    if (!isObject(message)) throw new FieldMismatch("a message").under("message");
    this.#hasStarted = true;
    this.#id = textOrEmpty(message["id"]);
    this.#model = textOrEmpty(message["model"]);
    if (isObject(message["usage"])) {
      // What it has said at its beginning is not what it will have said.
      const { output_tokens: _tokens, output_tokens_details: _details, ...usage } = message["usage"];
      this.#report(usage);
    }
    const chunk = this.#chunk([{ index: 0, delta: deltaOf({ role: "assistant" }), extra: {} }], answerExtra(message));
    return [{ ...chunk, usage: toPromptUsage(this.#usage) }];
  }

  #block(type: unknown, { index, content_block: block, delta }: Json): ChatDelta | undefined {
    if (typeof index !== "number") throw new FieldMismatch("a number").under("index");
    if (type === "content_block_start") return this.#openBlock(index, block);
    const open = this.#open.get(index);
    if (open === undefined) throw new FieldMismatch("the index of an open block").under("index");
    if (type === "content_block_stop") {
      this.#open.delete(index);
      return open.stop();
    }
    if (!isObject(delta)) throw new FieldMismatch("an object").under("delta");
    return open.add(delta);
  }

  #openBlock(index: number, block: unknown): ChatDelta | undefined {
    if (!isObject(block)) throw new FieldMismatch("a content block").under("content_block");
    if (this.#open.size >= MAX_OPEN_BLOCKS) throw new FieldMismatch(`at most ${MAX_OPEN_BLOCKS} blocks at once`);
    const open = openBlock(block, this.#progress);
    this.#open.set(index, open);
    return open.start();
  }

  /** The reason of the end comes with the usage; whatever usage follows is told again. */
  #advance({ delta, usage, ...rest }: Json): ChatCompletionChunk[] {
    if (isObject(usage)) this.#report(usage);
    const end = isObject(delta) ? delta : {};
    const extra = answerExtra({ ...rest, ...end });
    const stop = readStop(end);
    if (this.#hasFinished) return [this.#ending([], extra)];
    if (stop.finishReason === undefined) return [];
    this.#hasFinished = true;
    const refused = stop.refusal === undefined ? {} : { refusal: stop.refusal };
    const last = deltaOf({ ...refused, extra: this.#progress.carried.extra() });
    return [this.#ending([{ index: 0, delta: last, finishReason: stop.finishReason, extra: stop.extra }], extra)];
  }

  #report(usage: Json): void {
    for (const [name, value] of Object.entries(usage)) if (value !== null) this.#usage[name] = value;
  }

  #ending(choices: ChatCompletionChunk["choices"], extra: Record<string, string>): ChatCompletionChunk {
    return { ...this.#chunk(choices, extra), usage: toTokenUsage(this.#usage), serviceTier: tierOf(this.#usage) };
  }

  /** What an event says beside its block stands beside what it adds. */
  #say(delta: ChatDelta | undefined, { delta: piece, ...event }: Json): ChatCompletionChunk[] {
    if (delta === undefined) return [];
    Object.assign(delta.extra, unknownFields(isObject(piece) ? piece : {}, OF_PIECE));
    return [this.#chunk([{ index: 0, delta, extra: {} }], unknownFields(event, OF_EVENT))];
  }

  #chunk(choices: ChatCompletionChunk["choices"], extra: Record<string, string> = {}): ChatCompletionChunk {
    return { id: this.#id, object: "chat.completion.chunk", created: 0n, model: this.#model, choices, usage: undefined, alfred: undefined, extra };
  }
}

const OF_EVENT = new Set(["type", "index", "content_block"]);
const OF_PIECE = new Set(["type", "text", "thinking", "signature", "partial_json", "citation"]);

const EVENTS = new Set<unknown>(["content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"]);

function faultOf({ error }: Json): StreamFault {
  return new StreamFault(textOrEmpty(isObject(error) ? error["message"] : undefined));
}
