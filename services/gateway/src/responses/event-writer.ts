import type { ChatCompletionChunk, ChatDelta, ModelResponse, Receipt, ResponseEvent, ResponseItem, ResponseRequest, TokenUsage, ToolCall } from "@alfred/contracts";
import { type Json, listOf, objectOf, parseRaw, textOf } from "../providers/loose-json.ts";
import { toAnnotation } from "./annotation.ts";
import { type Carried, NOTHING_CARRIED, carriedOfCall, carriedOfMessage, isEmpty, writeCarried } from "./carried.ts";
import { rawObject } from "./content.ts";
import { echoOf } from "./echo.ts";
import { eventOf } from "./event.ts";
import { OpenCall, OpenThoughts } from "./open-items.ts";
import { OpenMessage } from "./open-message.ts";
import { toResponseUsage } from "./usage.ts";

/** What an answer is known by before anything of it is. */
export interface AnswerHead {
  /** Begins with "resp_"; the ids of its items are made of it. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly request: ResponseRequest;
}

/** A call on its way, and its place in the answer. */
interface PlacedCall {
  readonly call: OpenCall;
  readonly index: number;
}

/**
 * Writes the chunks of an answer as the events of a stream of Responses: thoughts, messages and calls as items, each begun,
 * added to and ended. A provider may go on with an earlier call while another is open, and tells what its thoughts are
 * known by only at the end: calls and thoughts are ended with the answer, messages when something else begins.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses-streaming
 */
export class EventWriter {
  readonly #head: AnswerHead;
  readonly #createdAt: bigint;
  #model = "";
  #extra: Record<string, string> = {};
  #sequence = 0n;
  #hasStarted = false;
  /** The items that are over, by their places. */
  readonly #output: ResponseItem[] = [];
  #items = 0;
  #message: { readonly open: OpenMessage; readonly index: number } | undefined;
  #thoughts: { readonly open: OpenThoughts; readonly index: number } | undefined;
  readonly #calls = new Map<number, PlacedCall>();
  #carried = NOTHING_CARRIED;
  #finishReason: string | undefined;

  constructor(head: AnswerHead) {
    this.#head = head;
    this.#createdAt = secondsOf(head.now());
  }

  /** The events that a chunk adds; of several answers the first counts, since one is all that is asked for. */
  push(chunk: ChatCompletionChunk): ResponseEvent[] {
    const events = this.#hasStarted ? [] : this.#start(chunk);
    if (chunk.serviceTier !== undefined) this.#extra["service_tier"] = JSON.stringify(chunk.serviceTier);
    for (const { index, delta, finishReason, logprobs } of chunk.choices) {
      if (index !== 0) continue;
      if (delta !== undefined) this.#add(delta, logprobs, events);
      this.#finishReason = finishReason ?? this.#finishReason;
    }
    return this.#numbered(events);
  }

  /** The events that end the answer; none where it never began. */
  end(usage: TokenUsage | undefined, receipt: Receipt): ResponseEvent[] {
    if (!this.#hasStarted) return [];
    const reason = INCOMPLETE[(receipt.cutReason === "budget_exhausted" ? "length" : this.#finishReason) ?? "stop"];
    const status = reason === undefined ? "completed" : "incomplete";
    const events: ResponseEvent[] = [];
    this.#endMessage(status, events);
    for (const { call, index } of this.#calls.values()) this.#keep(call.end(status), index, events);
    this.#endThoughts(this.#carried, events);
    const response = { ...this.#response(status), output: this.#output, usage: usage && toResponseUsage(usage) };
    if (reason !== undefined) response.incompleteDetails = { reason, extra: {} };
    if (reason === undefined) response.extra = { ...response.extra, completed_at: String(secondsOf(this.#head.now())) };
    events.push(eventOf(`response.${status}`, { response, alfred: receipt }));
    return this.#numbered(events);
  }

  #start({ model }: ChatCompletionChunk): ResponseEvent[] {
    this.#hasStarted = true;
    this.#model = model;
    this.#extra = echoOf(this.#head.request);
    return ["response.created", "response.in_progress"].map((type) => eventOf(type, { response: this.#response("in_progress") }));
  }

  #response(status: string): ModelResponse {
    return {
      id: this.#head.id, object: "response", createdAt: this.#createdAt, status, model: this.#model, output: [], extra: this.#extra, usage: undefined, error: undefined, incompleteDetails: undefined,
    };
  }

  #add({ reasoningContent, content, refusal, toolCalls, extra }: ChatDelta, logprobs: string | undefined, events: ResponseEvent[]): void {
    this.#carried = { ...this.#carried, message: { ...this.#carried.message, ...carriedOfMessage(extra) } };
    if (reasoningContent) events.push(...this.#thoughtsOf(events).add(reasoningContent));
    if (content) events.push(...this.#messageOf(events).add("output_text", content, tokensOf(logprobs)));
    if (refusal) events.push(...this.#messageOf(events).add("refusal", refusal));
    const cited = annotationsOf(extra);
    if (cited.length > 0) events.push(...this.#messageOf(events).annotate(cited));
    for (const [place, call] of toolCalls.entries()) this.#addCall(call.index ?? place, call, events);
  }

  #addCall(place: number, toolCall: ToolCall, events: ResponseEvent[]): void {
    const { id, type, function: called, extra } = toolCall;
    const custom = rawObject(extra["custom"], "custom");
    const isCustom = type === "custom" || extra["custom"] !== undefined;
    let placed = this.#calls.get(place);
    if (placed === undefined) {
      const index = this.#next(events);
      const callId = id || this.#idOf("call", index);
      const call = new OpenCall({ id: this.#idOf(isCustom ? "ctc" : "fc", index), index, callId, name: called?.name ?? textOf(custom["name"]) ?? "", isCustom });
      placed = { call, index };
      this.#calls.set(place, placed);
      events.push(...call.begin());
      const carried = carriedOfCall(extra);
      if (Object.keys(carried).length > 0) this.#carried = { ...this.#carried, calls: { ...this.#carried.calls, [callId]: carried } };
    }
    const said = isCustom ? textOf(custom["input"]) : called?.arguments;
    if (said) events.push(...placed.call.add(said));
  }

  /** The open message, else a new one. */
  #messageOf(events: ResponseEvent[]): OpenMessage {
    if (this.#message !== undefined) return this.#message.open;
    const index = this.#next(events);
    const open = new OpenMessage(this.#idOf("msg", index), index);
    this.#message = { open, index };
    events.push(...open.begin());
    return open;
  }

  /** The open thoughts, which are one item as long as the message has not begun, else new ones. */
  #thoughtsOf(events: ResponseEvent[]): OpenThoughts {
    if (this.#thoughts !== undefined && this.#thoughts.index === this.#items - 1) return this.#thoughts.open;
    this.#endThoughts(NOTHING_CARRIED, events);
    const index = this.#next(events);
    const open = new OpenThoughts(this.#idOf("rs", index), index);
    this.#thoughts = { open, index };
    events.push(...open.begin());
    return open;
  }

  /** The place of a new item, before which messages end and thoughts have been thought. */
  #next(events: ResponseEvent[]): number {
    this.#endMessage("completed", events);
    if (this.#thoughts !== undefined) events.push(...this.#thoughts.open.seal());
    this.#items += 1;
    return this.#items - 1;
  }

  #endMessage(status: string, events: ResponseEvent[]): void {
    const message = this.#message;
    this.#message = undefined;
    if (message !== undefined) this.#keep(message.open.end(status), message.index, events);
  }

  /** Without thoughts that were told, what is carried is an item by itself. */
  #endThoughts(carried: Carried, events: ResponseEvent[]): void {
    if (this.#thoughts === undefined && !isEmpty(carried)) {
      const index = this.#next(events);
      this.#thoughts = { open: new OpenThoughts(this.#idOf("rs", index), index), index };
      events.push(...this.#thoughts.open.begin());
    }
    const thoughts = this.#thoughts;
    this.#thoughts = undefined;
    if (thoughts !== undefined) this.#keep(thoughts.open.end(writeCarried(carried)), thoughts.index, events);
  }

  #keep({ item, events: told }: { item: ResponseItem; events: ResponseEvent[] }, index: number, events: ResponseEvent[]): void {
    this.#output[index] = item;
    events.push(...told);
  }

  #idOf(prefix: string, index: number): string {
    return `${prefix}_${this.#head.id.slice("resp_".length)}${index}`;
  }

  #numbered(events: ResponseEvent[]): ResponseEvent[] {
    for (const event of events) {
      event.sequenceNumber = this.#sequence;
      this.#sequence += 1n;
    }
    return events;
  }
}

/** Reasons of a chat to stop before the end, in words of Responses. */
const INCOMPLETE: Readonly<Record<string, string>> = { length: "max_output_tokens", content_filter: "content_filter" };

function tokensOf(logprobs: string | undefined): readonly unknown[] {
  return logprobs === undefined ? [] : listOf(objectOf(parseRaw(logprobs, "logprobs"))["content"]);
}

function secondsOf(ms: number): bigint {
  return BigInt(Math.floor(ms / 1_000));
}

function annotationsOf({ annotations }: Readonly<Record<string, string>>): Json[] {
  return annotations === undefined ? [] : listOf(parseRaw(annotations, "annotations")).map((each) => toAnnotation(objectOf(each))).filter((each) => each !== undefined);
}
