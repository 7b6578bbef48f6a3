import type { Behaviour } from "./behaviour.ts";
import type { BytesReply } from "./dialect.ts";
import type { Exchange } from "./exchange.ts";
import { writeSplit } from "./json-reply.ts";

/** Pieces that such an answer comes in. */
const PIECES = 4;

/** Sends bytes in chunks of no length told beforehand, with the faults that bytes can have: half of them, and then none. */
export async function sendBytes(exchange: Exchange, { contentType, bytes }: BytesReply, headers: Readonly<Record<string, string>>, { cutAfter, stallAfter }: Behaviour): Promise<void> {
  if (exchange.closed) return;
  exchange.record.status = 200;
  exchange.response.writeHead(200, { "Content-Type": contentType, ...headers });
  const isBroken = cutAfter !== undefined || stallAfter !== undefined;
  const sent = isBroken ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes;
  if (!(await writeSplit(exchange, sent, Math.ceil(bytes.length / PIECES)))) return;
  if (cutAfter !== undefined) await exchange.cut();
  else if (stallAfter !== undefined) await exchange.stall();
  else exchange.response.end();
}
