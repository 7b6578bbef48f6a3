import type { ResponseEvent, ResponseItem, ResponsePart } from "@alfred/contracts";
import type { Json } from "../providers/loose-json.ts";
import { eventOf, itemOf, textPart } from "./event.ts";

type Kind = "output_text" | "refusal";

/** A part that is being written. */
interface OpenPart {
  readonly kind: Kind;
  said: string;
  readonly annotations: Json[];
  readonly logprobs: unknown[];
}

/** A message that is being written, part by part. */
export class OpenMessage {
  readonly type = "message";
  readonly #id: string;
  readonly #index: number;
  readonly #done: ResponsePart[] = [];
  #part: OpenPart | undefined;

  constructor(id: string, index: number) {
    this.#id = id;
    this.#index = index;
  }

  begin(): ResponseEvent[] {
    return [eventOf("response.output_item.added", { outputIndex: this.#index, item: this.#item("in_progress") })];
  }

  /** @param logprobs of the tokens that are added */
  add(kind: Kind, delta: string, logprobs: readonly unknown[] = []): ResponseEvent[] {
    const { part, events } = this.#partOf(kind);
    part.said += delta;
    part.logprobs.push(...logprobs);
    const extra: Record<string, string> = kind === "refusal" ? {} : { logprobs: JSON.stringify(logprobs) };
    events.push(this.#event(kind === "refusal" ? "response.refusal.delta" : "response.output_text.delta", { delta, extra }));
    return events;
  }

  /** Adds what the text cites. */
  annotate(annotations: readonly Json[]): ResponseEvent[] {
    const { part, events } = this.#partOf("output_text");
    for (const annotation of annotations) {
      const extra = { annotation_index: String(part.annotations.length), annotation: JSON.stringify(annotation) };
      events.push(this.#event("response.output_text.annotation.added", { extra }));
      part.annotations.push(annotation);
    }
    return events;
  }

  /** The events of its end, and what it is then. */
  end(status: string): { item: ResponseItem; events: ResponseEvent[] } {
    const events = this.#close();
    const item = this.#item(status);
    events.push(eventOf("response.output_item.done", { outputIndex: this.#index, item }));
    return { item, events };
  }

  #partOf(kind: Kind): { part: OpenPart; events: ResponseEvent[] } {
    if (this.#part?.kind === kind) return { part: this.#part, events: [] };
    const events = this.#close();
    const part = { kind, said: "", annotations: [], logprobs: [] };
    this.#part = part;
    events.push(this.#event("response.content_part.added", { part: toPart(part) }));
    return { part, events };
  }

  #close(): ResponseEvent[] {
    const open = this.#part;
    if (open === undefined) return [];
    const part = toPart(open);
    const done = open.kind === "refusal"
      ? this.#event("response.refusal.done", { refusal: open.said })
      : this.#event("response.output_text.done", { text: open.said, extra: { logprobs: JSON.stringify(open.logprobs) } });
    const events = [done, this.#event("response.content_part.done", { part })];
    this.#done.push(part);
    this.#part = undefined;
    return events;
  }

  #event(type: string, fields: Partial<ResponseEvent>): ResponseEvent {
    return eventOf(type, { itemId: this.#id, outputIndex: this.#index, contentIndex: this.#done.length, ...fields });
  }

  #item(status: string): ResponseItem {
    return itemOf({ type: "message", id: this.#id, status, role: "assistant", content: { content: { $case: "parts", value: { values: [...this.#done] } } } });
  }
}

function toPart({ kind, said, annotations, logprobs }: OpenPart): ResponsePart {
  if (kind === "refusal") return { type: kind, refusal: said, extra: {} };
  return textPart(said, JSON.stringify(annotations), JSON.stringify(logprobs));
}

