import type { Behaviour } from "./behaviour.ts";
import type { Frame, Stamp, StreamWire } from "./dialect.ts";
import type { Exchange } from "./exchange.ts";
import { padded, shapedJson, writeSplit } from "./json-reply.ts";
import { SimError } from "./sim-error.ts";

/** Frames without a pause between them leave in blocks of about this many characters: one write costs more than many frames. */
const BLOCK_CHARACTERS = 16 * 1024;

/** What goes with the frames of one stream. */
export interface StreamHead {
  readonly stamp: Stamp;
  readonly headers: Readonly<Record<string, string>>;
  readonly wire: StreamWire;
}

/** The fields for which each frame has to be looked at and written by itself. */
function isPlain(behaviour: Behaviour): boolean {
  const { chunkDelayMs, cutAfter, truncateAfter, stallAfter, errorAfter, malformedAfter } = behaviour;
  const { oversizedBytes, splitBytes, crlf, comments, extras } = behaviour;
  const numbers = [chunkDelayMs, cutAfter, truncateAfter, stallAfter, errorAfter, malformedAfter, oversizedBytes, splitBytes];
  return !crlf && !comments && !extras && numbers.every((value) => value === undefined);
}

/** Sends frames as server-sent events, with the faults that a stream can have. */
export async function sendStream(
  exchange: Exchange,
  frames: Iterable<Frame>,
  { stamp, headers, wire }: StreamHead,
  behaviour: Behaviour,
): Promise<void> {
  if (exchange.closed) return;
  exchange.record.status = 200;
  exchange.response.writeHead(200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    ...headers,
  });
  const { waiting } = exchange.dialect;
  if (waiting !== undefined && !(await exchange.write(`: ${waiting}\n\n`))) return;
  if (behaviour.firstChunkDelayMs !== undefined) {
    exchange.response.flushHeaders();
    if (!(await exchange.pause(behaviour.firstChunkDelayMs))) return;
  }
  await (isPlain(behaviour) ? sendBlocks(exchange, frames, wire, behaviour) : new FrameSender(exchange, stamp, wire, behaviour).send(frames));
}

/** A frame as an event of SSE. */
function eventText(frame: Frame): string {
  if (typeof frame === "string") return `data: ${frame}\n\n`;
  return "loose" in frame ? frame.loose : `event: ${frame.event}\ndata: ${frame.data}\n\n`;
}

async function sendBlocks(exchange: Exchange, frames: Iterable<Frame>, { done }: StreamWire, { noDone }: Behaviour): Promise<void> {
  let block = "";
  let count = 0;
  for (const frame of frames) {
    block += typeof frame === "string" ? `data: ${frame}\n\n` : eventText(frame);
    count += 1;
    if (block.length < BLOCK_CHARACTERS) continue;
    exchange.sentChunks(count);
    if (!(await exchange.write(block))) return;
    block = "";
    count = 0;
  }
  exchange.sentChunks(count);
  exchange.response.end(noDone || done === undefined ? block : block + eventText(done));
}

/** Sends frame by frame, minding delays and faults between them. */
class FrameSender {
  readonly #exchange: Exchange;
  readonly #stamp: Stamp;
  readonly #wire: StreamWire;
  readonly #behaviour: Behaviour;
  readonly #lineEnd: string;
  #sent = 0;

  constructor(exchange: Exchange, stamp: Stamp, wire: StreamWire, behaviour: Behaviour) {
    this.#exchange = exchange;
    this.#stamp = stamp;
    this.#wire = wire;
    this.#behaviour = behaviour;
    this.#lineEnd = behaviour.crlf ? "\r\n" : "\n";
  }

  async send(frames: Iterable<Frame>): Promise<void> {
    for (const frame of frames) {
      if (!(await this.#passFaults())) return;
      if (this.#sent > 0 && !(await this.#exchange.pause(this.#behaviour.chunkDelayMs ?? 0))) return;
      if (!(await this.#write(this.#shaped(frame)))) return;
      this.#sent += 1;
      this.#exchange.sentChunks(1);
    }
    if (!(await this.#passFaults())) return;
    const { done } = this.#wire;
    if (done !== undefined && !this.#behaviour.noDone && !(await this.#write(done))) return;
    this.#exchange.response.end();
  }

  /** Meets the faults due after the frames sent so far; false when the stream ends with one of them. */
  async #passFaults(): Promise<boolean> {
    const { cutAfter, stallAfter, truncateAfter, errorAfter, malformedAfter } = this.#behaviour;
    if (malformedAfter === this.#sent && !(await this.#write(this.#wire.brokenFrame))) return false;
    if (cutAfter === this.#sent) await this.#exchange.cut();
    else if (stallAfter === this.#sent) await this.#exchange.stall();
    else if (truncateAfter === this.#sent) this.#exchange.response.end();
    else if (errorAfter === this.#sent) await this.#fail();
    else return !this.#exchange.closed;
    return false;
  }

  /** The error comes at the pace of the frames before it. */
  async #fail(): Promise<void> {
    if (this.#sent > 0 && !(await this.#exchange.pause(this.#behaviour.chunkDelayMs ?? 0))) return;
    const error = new SimError(500, "demanded", { code: this.#behaviour.errorCode ?? null });
    const extras = this.#behaviour.extras ?? false;
    const frame = mapped(this.#wire.errorFrame(error, this.#stamp, this.#sent), (json) => shapedJson(json, { extras }));
    if (await this.#write(frame)) this.#exchange.response.end();
  }

  /** Only the second frame, the first with content in most dialects, is padded. */
  #shaped(frame: Frame): Frame {
    const { extras, oversizedBytes } = this.#behaviour;
    const isPadded = oversizedBytes !== undefined && this.#sent === 1;
    if (!extras && !isPadded) return frame;
    return mapped(frame, (json) => {
      const text = extras ? shapedJson(json, { extras }) : json;
      return isPadded ? padded(text, oversizedBytes) : text;
    });
  }

  #framed(frame: Frame): string {
    const end = this.#lineEnd;
    const event = this.#behaviour.crlf ? eventText(frame).replaceAll("\n", end) : eventText(frame);
    return this.#behaviour.comments ? `: waiting${end}${end}:${end}: next${end}${event}` : event;
  }

  #write(frame: Frame): Promise<boolean> {
    const { splitBytes } = this.#behaviour;
    const text = this.#framed(frame);
    if (splitBytes === undefined) return this.#exchange.write(text);
    return writeSplit(this.#exchange, Buffer.from(text), splitBytes);
  }
}

function mapped(frame: Frame, change: (json: string) => string): Frame {
  if (typeof frame === "string") return change(frame);
  return "loose" in frame ? { loose: change(frame.loose) } : { event: frame.event, data: change(frame.data) };
}
