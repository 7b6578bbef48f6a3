import type { ResponseEvent, ResponseItem, ResponsePart } from "@alfred/contracts";
import { eventOf } from "./event.ts";

/** The items of an answer as they grow by the events of a provider's stream, so that an answer which is cut can be told as far as it came. */
export class GrowingItems {
  readonly #items = new Map<number, ResponseItem>();
  readonly #open = new Set<number>();

  /** Every item so far, in its place. */
  get all(): ResponseItem[] {
    return [...this.#items].toSorted(([left], [right]) => left - right).map(([, item]) => item);
  }

  add(event: ResponseEvent): void {
    const { type, outputIndex: index, item } = event;
    if (index === undefined) return;
    if (item !== undefined) {
      // What is told to the client is not what grows here.
      this.#items.set(index, structuredClone(item));
      if (type === "response.output_item.added") this.#open.add(index);
      else this.#open.delete(index);
      return;
    }
    const grown = this.#items.get(index);
    if (grown !== undefined) grow(grown, event);
  }

  /** The events that end what is open, as incomplete. */
  cut(): ResponseEvent[] {
    return [...this.#open].map((index) => {
      const item = this.#items.get(index);
      if (item !== undefined && item.type !== "reasoning") item.status = "incomplete";
      return eventOf("response.output_item.done", { outputIndex: index, item });
    });
  }
}

function grow(item: ResponseItem, { type, delta = "", part, contentIndex, summaryIndex }: ResponseEvent): void {
  if (type === "response.content_part.added" && part !== undefined && contentIndex !== undefined) partsOf(item)[contentIndex] = structuredClone(part);
  if (type === "response.reasoning_summary_part.added" && part !== undefined && summaryIndex !== undefined) summaryOf(item)[summaryIndex] = structuredClone(part);
  if (!type.endsWith(".delta")) return;
  if (type === "response.function_call_arguments.delta") item.arguments = (item.arguments ?? "") + delta;
  else if (type === "response.custom_tool_call_input.delta") item.input = (item.input ?? "") + delta;
  else if (summaryIndex !== undefined) lengthen(item.summary[summaryIndex], delta);
  else if (contentIndex !== undefined) lengthen(partsOf(item)[contentIndex], delta);
}

function lengthen(part: ResponsePart | undefined, delta: string): void {
  if (part === undefined) return;
  if (part.type === "refusal") part.refusal = (part.refusal ?? "") + delta;
  else part.text = (part.text ?? "") + delta;
}

function partsOf(item: ResponseItem): ResponsePart[] {
  if (item.content?.content?.$case !== "parts") item.content = { content: { $case: "parts", value: { values: [] } } };
  return item.content.content?.$case === "parts" ? item.content.content.value.values : [];
}

/** An empty list stands in `extra`, and the first part takes its place. */
function summaryOf(item: ResponseItem): ResponsePart[] {
  delete item.extra["summary"];
  return item.summary;
}
