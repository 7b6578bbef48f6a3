import type { ModelResponse, Receipt, ResponseEvent, TokenUsage } from "@alfred/contracts";
import { parseJson, readResponseEvent } from "@alfred/openai";
import type { RawFrame } from "../domain/provider-port.ts";
import { eventOf } from "./event.ts";
import { GrowingItems } from "./growing-items.ts";
import type { ToldId } from "../stored/told-id.ts";
import { toResponseUsage } from "./usage.ts";

/** The events after which nothing more is told. */
const LAST = new Set(["response.completed", "response.incomplete"]);
/** What goes wrong is told by whoever answers. */
const UNTOLD = new Set(["response.failed", "error", "keepalive"]);

/**
 * Passes the events of a provider that speaks Responses on as they are, but for the ids of the answer and its items. What ends the answer is kept until the answer is
 * paid for, since it tells what that cost.
 */
export class ToldEvents {
  #begun: ModelResponse | undefined;
  #last: ResponseEvent | undefined;
  #sequence = 0n;
  readonly #items = new GrowingItems();
  readonly #ids: Pick<ToldId, "tellEvent">;

  /** @param ids under which the answer is told */
  constructor(ids: Pick<ToldId, "tellEvent">) {
    this.#ids = ids;
  }

  /** The events of frames, but for that of the end. */
  push(frames: readonly RawFrame[]): ResponseEvent[] {
    return frames.flatMap((frame) => this.#read(frame));
  }

  /** The events that end the answer: as the provider told it, else as one that was cut for want of money. */
  end(isWhole: boolean, usage: TokenUsage | undefined, receipt: Receipt): ResponseEvent[] {
    const last = isWhole ? this.#last : undefined;
    const reported = usage && toResponseUsage(usage);
    if (last?.response !== undefined) return [{ ...last, response: { ...last.response, usage: last.response.usage ?? reported }, alfred: receipt }];
    if (this.#begun === undefined) return [];
    const events = this.#items.cut();
    const response = { ...this.#begun, status: "incomplete", incompleteDetails: { reason: "max_output_tokens", extra: {} }, output: this.#items.all, usage: reported };
    events.push(eventOf("response.incomplete", { response, alfred: receipt }));
    for (const [index, event] of events.entries()) event.sequenceNumber = this.#sequence + BigInt(index);
    return events;
  }

  #read({ event: name, data }: RawFrame): ResponseEvent[] {
    if (data === "" || data === "[DONE]") return [];
    const event = readResponseEvent(parseJson(data));
    event.type ||= name;
    if (UNTOLD.has(event.type)) return [];
    this.#ids.tellEvent(event);
    if (LAST.has(event.type)) {
      this.#last = event;
      return [];
    }
    this.#begun ??= event.response;
    this.#sequence = (event.sequenceNumber ?? this.#sequence) + 1n;
    this.#items.add(event);
    return [event];
  }
}
