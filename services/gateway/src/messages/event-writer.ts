import {
  type ChatCompletionChunk, type ChatDelta, MessageBlock, MessageDelta, type MessageEvent, type Receipt, type TokenUsage, type ToolCall,
} from "@alfred/contracts";
import { carriedOf } from "../providers/carried.ts";
import { blockStop, eventOf } from "./event.ts";
import { toStopReason } from "./stop-reason.ts";
import { toMessageUsage } from "./usage.ts";

/** A block that is being written. */
interface OpenBlock {
  readonly index: number;
  readonly type: string;
}

/**
 * Writes the chunks of an answer as the events of Anthropic's stream. A block of text or thoughts ends where another begins;
 * those of calls with the answer, since some providers go on with an earlier call when a later one has begun.
 *
 * Source: https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export class EventWriter {
  #hasStarted = false;
  #blocks = 0;
  #open: OpenBlock | undefined;
  /** The blocks of calls by the calls' places, all open. */
  readonly #calls = new Map<number, OpenBlock>();
  #finishReason: string | undefined;

  /** The events that a chunk adds; of several answers the first counts, since one is all that is asked for. */
  push(chunk: ChatCompletionChunk): MessageEvent[] {
    const events = this.#hasStarted ? [] : [this.#start(chunk)];
    for (const { index, delta, finishReason } of chunk.choices) {
      if (index !== 0) continue;
      if (delta !== undefined) this.#add(delta, events);
      this.#finishReason = finishReason ?? this.#finishReason;
    }
    return events;
  }

  /** The events that end the answer; none where it never began. */
  end(usage: TokenUsage | undefined, receipt: Receipt): MessageEvent[] {
    if (!this.#hasStarted) return [];
    const events = [...this.#close(), ...this.#calls.values().map(({ index }) => blockStop(index))];
    const finishReason = receipt.cutReason === "budget_exhausted" ? "length" : (this.#finishReason ?? "stop");
    const delta = MessageDelta.create({ stopReason: toStopReason(finishReason, this.#calls.size > 0), extra: { stop_sequence: "null" } });
    events.push({ ...eventOf("message_delta"), delta, usage: usage && toMessageUsage(usage), alfred: receipt });
    events.push(eventOf("message_stop"));
    return events;
  }

  #start({ id, model }: ChatCompletionChunk): MessageEvent {
    this.#hasStarted = true;
    // What was used is told at the end, by whoever answers.
    const usage = { inputTokens: 0n, outputTokens: 0n, extra: {} };
    const message = { id, type: "message", role: "assistant", model, content: [], usage, extra: {} };
    return { ...eventOf("message_start"), message };
  }

  #add({ reasoningContent, content, refusal, toolCalls, extra }: ChatDelta, events: MessageEvent[]): void {
    if (reasoningContent) {
      const { index } = this.#openOf(MessageBlock.create({ type: "thinking", thinking: "", signature: "" }), events);
      events.push(deltaEvent(index, { type: "thinking_delta", thinking: reasoningContent, extra: carriedOf(extra) }));
    }
    for (const text of [content, refusal]) {
      if (!text) continue;
      const { index } = this.#openOf(MessageBlock.create({ type: "text", text: "", extra: carriedOf(extra) }), events);
      events.push(deltaEvent(index, { type: "text_delta", text, extra: {} }));
    }
    for (const [place, call] of toolCalls.entries()) this.#addCall(call.index ?? place, call, events);
  }

  #addCall(place: number, { id, function: called, extra }: ToolCall, events: MessageEvent[]): void {
    let block = this.#calls.get(place);
    if (block === undefined) {
      events.push(...this.#close());
      const begun = MessageBlock.create({ type: "tool_use", id: id ?? "", name: called?.name ?? "", input: "{}", extra: carriedOf(extra) });
      block = this.#begin(begun, events);
      this.#calls.set(place, block);
    }
    if (called?.arguments) events.push(deltaEvent(block.index, { type: "input_json_delta", partialJson: called.arguments, extra: {} }));
  }

  /** The open block, where it is of the same type; else a new one. */
  #openOf(block: MessageBlock, events: MessageEvent[]): OpenBlock {
    if (this.#open?.type === block.type) return this.#open;
    events.push(...this.#close());
    this.#open = this.#begin(block, events);
    return this.#open;
  }

  #begin(contentBlock: MessageBlock, events: MessageEvent[]): OpenBlock {
    const open = { index: this.#blocks, type: contentBlock.type };
    this.#blocks += 1;
    events.push({ ...eventOf("content_block_start"), index: open.index, contentBlock });
    return open;
  }

  #close(): MessageEvent[] {
    const open = this.#open;
    this.#open = undefined;
    return open === undefined ? [] : [blockStop(open.index)];
  }
}

function deltaEvent(index: number, delta: MessageDelta): MessageEvent {
  return { ...eventOf("content_block_delta"), index, delta };
}
