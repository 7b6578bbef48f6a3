import type { ResponseEvent, ResponseItem, ResponsePart } from "@alfred/contracts";
import { eventOf, itemOf } from "./event.ts";

/** Thoughts that are being written: one summary, and what is carried, which may come last of all. */
export class OpenThoughts {
  readonly type = "reasoning";
  readonly #id: string;
  readonly #index: number;
  #said = "";
  #isSealed = true;

  constructor(id: string, index: number) {
    this.#id = id;
    this.#index = index;
  }

  begin(): ResponseEvent[] {
    const item = itemOf({ type: "reasoning", id: this.#id, extra: NO_SUMMARY });
    return [eventOf("response.output_item.added", { outputIndex: this.#index, item })];
  }

  add(delta: string): ResponseEvent[] {
    const isFirst = this.#said === "";
    const events = isFirst ? [this.#event("response.reasoning_summary_part.added", { part: summaryPart("") })] : [];
    this.#said += delta;
    this.#isSealed = false;
    events.push(this.#event("response.reasoning_summary_text.delta", { delta }));
    return events;
  }

  /** The end of the summary, which no more is added to. */
  seal(): ResponseEvent[] {
    if (this.#isSealed) return [];
    this.#isSealed = true;
    const text = this.#said;
    return [
      this.#event("response.reasoning_summary_text.done", { text }),
      this.#event("response.reasoning_summary_part.done", { part: summaryPart(text) }),
    ];
  }

  /** @param encryptedContent what it carries */
  end(encryptedContent: string): { item: ResponseItem; events: ResponseEvent[] } {
    const summary = this.#said === "" ? [] : [summaryPart(this.#said)];
    const item = itemOf({ type: "reasoning", id: this.#id, summary, encryptedContent, extra: summary.length === 0 ? NO_SUMMARY : {} });
    return { item, events: [...this.seal(), eventOf("response.output_item.done", { outputIndex: this.#index, item })] };
  }

  #event(type: string, fields: Partial<ResponseEvent>): ResponseEvent {
    return eventOf(type, { itemId: this.#id, outputIndex: this.#index, summaryIndex: 0, ...fields });
  }
}

const NO_SUMMARY = { summary: "[]" };

function summaryPart(text: string): ResponsePart {
  return { type: "summary_text", text, extra: {} };
}

/** What names a call. */
interface CallHead {
  readonly id: string;
  readonly index: number;
  readonly callId: string;
  readonly name: string;
  readonly isCustom: boolean;
}

/** A call that is being written. */
export class OpenCall {
  readonly #head: CallHead;
  #said = "";

  constructor(head: CallHead) {
    this.#head = head;
  }

  begin(): ResponseEvent[] {
    return [eventOf("response.output_item.added", { outputIndex: this.#head.index, item: this.#item("in_progress") })];
  }

  /** Adds to its arguments, or to the input of a custom tool. */
  add(delta: string): ResponseEvent[] {
    this.#said += delta;
    return [this.#event(`${this.#events}.delta`, { delta })];
  }

  end(status: string): { item: ResponseItem; events: ResponseEvent[] } {
    const item = this.#item(status);
    const whole = this.#head.isCustom ? { input: this.#said } : { arguments: this.#said };
    return { item, events: [this.#event(`${this.#events}.done`, whole), eventOf("response.output_item.done", { outputIndex: this.#head.index, item })] };
  }

  get #events(): string {
    return this.#head.isCustom ? "response.custom_tool_call_input" : "response.function_call_arguments";
  }

  #event(type: string, fields: Partial<ResponseEvent>): ResponseEvent {
    return eventOf(type, { itemId: this.#head.id, outputIndex: this.#head.index, ...fields });
  }

  #item(status: string): ResponseItem {
    const { id, callId, name, isCustom } = this.#head;
    const said = isCustom ? { input: this.#said } : { arguments: this.#said };
    return itemOf({ type: isCustom ? "custom_tool_call" : "function_call", id, status, callId, name, ...said });
  }
}
