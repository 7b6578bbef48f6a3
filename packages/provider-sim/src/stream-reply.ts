import type { Behaviour } from "./behaviour.ts";
import type { Exchange } from "./exchange.ts";
import { padded, shapedJson, writeSplit } from "./json-reply.ts";
import { errorForStatus } from "./sim-error.ts";

/** Frames without a pause between them leave in blocks of about this many characters: one write costs more than many frames. */
const BLOCK_CHARACTERS = 16 * 1024;

const DONE = "data: [DONE]\n\n";
const BROKEN_JSON = `{"id":"chatcmpl-sim","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"bro`;

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
  frames: Iterable<string>,
  headers: Readonly<Record<string, string>>,
  behaviour: Behaviour,
): Promise<void> {
  if (exchange.closed) return;
  exchange.record.status = 200;
  exchange.response.writeHead(200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    ...headers,
  });
  if (behaviour.firstChunkDelayMs !== undefined) {
    exchange.response.flushHeaders();
    if (!(await exchange.pause(behaviour.firstChunkDelayMs))) return;
  }
  await (isPlain(behaviour) ? sendBlocks(exchange, frames, behaviour) : new FrameSender(exchange, behaviour).send(frames));
}

async function sendBlocks(exchange: Exchange, frames: Iterable<string>, { noDone }: Behaviour): Promise<void> {
  let block = "";
  let count = 0;
  for (const frame of frames) {
    block += `data: ${frame}\n\n`;
    count += 1;
    if (block.length < BLOCK_CHARACTERS) continue;
    exchange.sentChunks(count);
    if (!(await exchange.write(block))) return;
    block = "";
    count = 0;
  }
  exchange.sentChunks(count);
  exchange.response.end(noDone ? block : block + DONE);
}

/** Sends frame by frame, minding delays and faults between them. */
class FrameSender {
  readonly #exchange: Exchange;
  readonly #behaviour: Behaviour;
  readonly #lineEnd: string;
  #sent = 0;

  constructor(exchange: Exchange, behaviour: Behaviour) {
    this.#exchange = exchange;
    this.#behaviour = behaviour;
    this.#lineEnd = behaviour.crlf ? "\r\n" : "\n";
  }

  async send(frames: Iterable<string>): Promise<void> {
    for (const frame of frames) {
      if (!(await this.#passFaults())) return;
      if (this.#sent > 0 && !(await this.#exchange.pause(this.#behaviour.chunkDelayMs ?? 0))) return;
      if (!(await this.#write(this.#framed(this.#shaped(frame))))) return;
      this.#sent += 1;
      this.#exchange.sentChunks(1);
    }
    if (!(await this.#passFaults())) return;
    if (!this.#behaviour.noDone && !(await this.#write(this.#framed("[DONE]")))) return;
    this.#exchange.response.end();
  }

  /** Meets the faults due after the frames sent so far; false when the stream ends with one of them. */
  async #passFaults(): Promise<boolean> {
    const { cutAfter, stallAfter, truncateAfter, errorAfter, malformedAfter } = this.#behaviour;
    if (malformedAfter === this.#sent && !(await this.#write(this.#framed(BROKEN_JSON)))) return false;
    if (cutAfter === this.#sent) await this.#exchange.cut();
    else if (stallAfter === this.#sent) await this.#exchange.stall();
    else if (truncateAfter === this.#sent) this.#exchange.response.end();
    else if (errorAfter === this.#sent) await this.#fail();
    else return !this.#exchange.closed;
    return false;
  }

  async #fail(): Promise<void> {
    const error = errorForStatus(500, this.#behaviour.errorCode);
    if (await this.#write(this.#framed(shapedJson(error.toJson(), { extras: this.#behaviour.extras ?? false })))) {
      this.#exchange.response.end();
    }
  }

  /** Only the second frame, the first with content, is padded. */
  #shaped(frame: string): string {
    const { extras, oversizedBytes } = this.#behaviour;
    const text = extras ? shapedJson(frame, { extras }) : frame;
    return oversizedBytes !== undefined && this.#sent === 1 ? padded(text, oversizedBytes) : text;
  }

  #framed(data: string): string {
    const end = this.#lineEnd;
    const event = `data: ${data}${end}${end}`;
    return this.#behaviour.comments ? `: waiting${end}${end}:${end}: next${end}${event}` : event;
  }

  #write(text: string): Promise<boolean> {
    const { splitBytes } = this.#behaviour;
    if (splitBytes === undefined) return this.#exchange.write(text);
    return writeSplit(this.#exchange, Buffer.from(text), splitBytes);
  }
}
