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

/**
 * Decodes server-sent events from bytes that are cut anywhere, inside a
 * character too. Takes all three line endings and skips comments, as the HTML
 * standard's section on server-sent events says. An event that the end cuts off
 * is not an event.
 */
export class SseDecoder {
  readonly #utf8 = new StringDecoder("utf8");
  readonly #limit: number;
  #rest = "";
  #event = "";
  #data: string[] = [];
  #size = 0;
  #first = true;

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
    const text = this.#rest + this.#decode(bytes);
    const findEnd = text.includes("\r") ? lineEnd : feedEnd;
    let start = 0;
    for (let end = findEnd(text, start); end !== -1; end = findEnd(text, start)) {
      this.#line(text.slice(start, end), events);
      start = end + (text.startsWith("\r\n", end) ? 2 : 1);
    }
    this.#rest = text.slice(start);
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
    this.#size += value.length;
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

/** Where the next line ends, or -1, in a text without carriage returns. */
function feedEnd(text: string, from: number): number {
  return text.indexOf("\n", from);
}

/**
 * Where the next line ends, or -1. A carriage return that is the last character
 * may have its line feed still to come, so it does not end a line yet.
 */
function lineEnd(text: string, from: number): number {
  const feed = text.indexOf("\n", from);
  const until = feed === -1 ? text.length : feed;
  const carriage = text.indexOf("\r", from);
  if (carriage === -1 || carriage >= until) return feed;
  return carriage === text.length - 1 ? -1 : carriage;
}
