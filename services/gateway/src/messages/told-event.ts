import { readMessageEvent } from "@alfred/anthropic";
import { MessageDelta, type MessageEvent, type Receipt, type TokenUsage } from "@alfred/contracts";
import { parseJson } from "@alfred/openai";
import type { RawFrame } from "../domain/provider-port.ts";
import { blockStop, eventOf } from "./event.ts";
import { toMessageUsage } from "./usage.ts";

/**
 * Passes the events of a provider that speaks Anthropic's API on as they are. What ends the answer is kept until the
 * answer is paid for, since it tells what that cost.
 */
export class ToldEvents {
  #last: MessageEvent | undefined;
  readonly #open = new Set<number>();

  /** The events of frames, but for those of the end. */
  push(frames: readonly RawFrame[]): MessageEvent[] {
    return frames.flatMap((frame) => this.#read(frame));
  }

  /** The events that end the answer: as the provider told it, else as one that was cut for want of money. */
  end(isWhole: boolean, usage: TokenUsage | undefined, receipt: Receipt): MessageEvent[] {
    const stops = [...this.#open].map(blockStop);
    const reported = usage && toMessageUsage(usage);
    const told = isWhole ? this.#last : undefined;
    const delta = told?.delta ?? MessageDelta.create({ stopReason: isWhole ? "end_turn" : "max_tokens", extra: { stop_sequence: "null" } });
    const last = { ...eventOf("message_delta"), ...told, delta, usage: told?.usage ?? reported, alfred: receipt };
    return [...stops, last, eventOf("message_stop")];
  }

  #read({ event: name, data }: RawFrame): MessageEvent[] {
    if (data === "") return [];
    const event = readMessageEvent(parseJson(data));
    event.type ||= name;
    if (event.type === "content_block_start" && event.index !== undefined) this.#open.add(event.index);
    if (event.type === "content_block_stop" && event.index !== undefined) this.#open.delete(event.index);
    if (event.type === "message_delta") this.#last = merged(this.#last, event);
    // Keep-alives are for this connection; others have their own.
    return UNTOLD.has(event.type) ? [] : [event];
  }
}

const UNTOLD = new Set(["message_delta", "message_stop", "ping", "error"]);

/** Each may tell a part of the end; a count that comes again is of all so far. */
function merged(before: MessageEvent | undefined, event: MessageEvent): MessageEvent {
  if (before === undefined) return event;
  const delta = { ...before.delta, ...said(event.delta), extra: { ...before.delta?.extra, ...event.delta?.extra } };
  const usage = { ...before.usage, ...said(event.usage), extra: { ...before.usage?.extra, ...event.usage?.extra } };
  return { ...before, delta, usage, extra: { ...before.extra, ...event.extra } };
}

function said<Message extends object>(message: Message | undefined): Partial<Message> {
  return Object.fromEntries(Object.entries(message ?? {}).filter(([, value]) => value !== undefined)) as Partial<Message>;
}
