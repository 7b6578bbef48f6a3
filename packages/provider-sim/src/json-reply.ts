import { setImmediate } from "node:timers/promises";
import type { Behaviour } from "./behaviour.ts";
import type { Exchange } from "./exchange.ts";
import { withExtras } from "./extras.ts";

/** A whole answer in one body. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const PAGE = "<html><head><title>Bad gateway</title></head><body><h1>Something between us went wrong</h1></body></html>\n";

/** The JSON as the behaviour wants it: with unknown fields, padded. */
export function shapedJson(json: string, { extras, oversizedBytes }: Behaviour): string {
  const text = extras ? withExtras(json) : json;
  return oversizedBytes === undefined ? text : padded(text, oversizedBytes);
}

/** Puts a field `sim_padding` of this many bytes in front of an object's others. */
export function padded(json: string, bytes: number): string {
  return `{"sim_padding":"${"x".repeat(bytes)}",${json.slice(1)}`;
}

/** Writes in pieces, each a TCP write of its own; false when the connection closed meanwhile. */
export async function writeSplit(exchange: Exchange, data: Buffer, pieceBytes: number): Promise<boolean> {
  for (let at = 0; at < data.length; at += pieceBytes) {
    if (!(await exchange.write(data.subarray(at, at + pieceBytes)))) return false;
    await setImmediate();
  }
  return !exchange.closed;
}

/** Sends one body, with the faults that a body can have. */
export async function sendReply(exchange: Exchange, reply: Reply, behaviour: Behaviour): Promise<void> {
  if (behaviour.nonJson) return sendBody(exchange, { ...reply, status: behaviour.status ?? 200, body: PAGE }, "text/html", behaviour);
  const body = shapedJson(reply.body, behaviour);
  const whole = behaviour.malformedAfter === undefined ? body : body.slice(0, Math.floor(body.length * 0.75));
  return sendBody(exchange, { ...reply, body: whole }, "application/json", behaviour);
}

async function sendBody(exchange: Exchange, reply: Reply, contentType: string, behaviour: Behaviour): Promise<void> {
  const { cutAfter, stallAfter, splitBytes } = behaviour;
  const { response, record } = exchange;
  if (exchange.closed) return;
  record.status = reply.status;
  const length = Buffer.byteLength(reply.body);
  response.writeHead(reply.status, { "Content-Type": contentType, "Content-Length": length, ...reply.headers });
  if (cutAfter === undefined && stallAfter === undefined && splitBytes === undefined) {
    // Text of as many bytes as characters is ASCII, which Node writes faster when told so.
    response.end(reply.body, length === reply.body.length ? "latin1" : "utf8");
    return;
  }
  const broken = cutAfter !== undefined || stallAfter !== undefined;
  const bytes = Buffer.from(reply.body);
  const sent = broken ? bytes.subarray(0, Math.floor(length / 2)) : bytes;
  if (!(await writeSplit(exchange, sent, splitBytes ?? length))) return;
  if (cutAfter !== undefined) await exchange.cut();
  else if (stallAfter !== undefined) await exchange.stall();
  else response.end();
}
