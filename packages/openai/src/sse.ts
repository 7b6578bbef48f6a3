import { StringDecoder } from "node:string_decoder";

/** One event of a stream. */
export interface SseEvent {
  /** The event's name, empty where none is given. */
  readonly event: string;
  /** Its data; several `data:` lines are joined by line feeds. */
  readonly data: string;
}

/** A frame grew past the bound: the stream cannot be trusted any more. */
export class SseFrameTooLarge extends Error {
  constructor(limit: number) {
    super(`a server-sent event is larger than ${limit} characters`);
    this.name = "SseFrameTooLarge";
  }
}

/** Most characters of one event; the longest real ones are images in base64. */
const DEFAULT_LIMIT = 16 * 1024 * 1024;

/** What a line takes besides its text, be it empty, in characters. */
const LINE_COST = 16;

/**
 * Decodes server-sent events from bytes that are cut anywhere, inside a
 * character too. Takes all three line endings, mixed as they come, and skips
 * comments and fields that do not matter here, as the HTML standard's section on
 * server-sent events says. An event that the end cuts off is not an event.
 *
 * However long a line, each character is looked at once or twice, and what is
 * kept is bounded.
 */
export class SseDecoder {
  readonly #utf8 = new StringDecoder("utf8");
  readonly #limit: number;
  /** The beginning of a line whose end has not come. */
  #rest = "";
  #event = "";
  #data: string[] = [];
  #size = 0;
  #first = true;
  /** Whether a line feed that comes next belongs to the line before. */
  #afterCarriage = false;

  constructor(limit: number = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  /**
   * The events that these bytes complete.
   *
   * @throws SseFrameTooLarge
   */
  push(bytes: Uint8Array): SseEvent[] {
    const events: SseEvent[] = [];
    const text = this.#decode(bytes);
    if (text === "") return events;
    let start = this.#afterCarriage && text.startsWith("\n") ? 1 : 0;
    this.#afterCarriage = text.endsWith("\r");
    let feed = text.indexOf("\n", start);
    let carriage = text.indexOf("\r", start);
    for (let end = nearer(feed, carriage); end !== -1; end = nearer(feed, carriage)) {
      const line = this.#rest + text.slice(start, end);
      this.#rest = "";
      this.#line(line, events);
      start = end + (end === carriage && feed === end + 1 ? 2 : 1);
      if (feed !== -1 && feed < start) feed = text.indexOf("\n", start);
      if (carriage !== -1 && carriage < start) carriage = text.indexOf("\r", start);
    }
    this.#rest += text.slice(start);
    this.#bound(this.#rest.length);
    return events;
  }

  /** Text of the bytes; a byte order mark at the very beginning is not part of it. */
  #decode(bytes: Uint8Array): string {
    const text = this.#utf8.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (!this.#first || text === "") return text;
    this.#first = false;
    return text.startsWith("\uFEFF") ? text.slice(1) : text;
  }

  #line(line: string, events: SseEvent[]): void {
    if (line === "") return this.#dispatch(events);
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "event") this.#event = value;
    if (name !== "data") return;
    this.#data.push(value);
    this.#size += value.length + LINE_COST;
    this.#bound(0);
  }

  #dispatch(events: SseEvent[]): void {
    if (this.#data.length > 0) events.push({ event: this.#event, data: this.#data.join("\n") });
    this.#event = "";
    this.#data = [];
    this.#size = 0;
  }

  #bound(more: number): void {
    if (this.#size + more > this.#limit) throw new SseFrameTooLarge(this.#limit);
  }
}

/** The smaller of two places, where -1 is none. */
function nearer(one: number, other: number): number {
  if (one === -1 || other === -1) return Math.max(one, other);
  return Math.min(one, other);
}
